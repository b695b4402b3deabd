/**
 * Which of several packages that satisfy an alternative is tried first.
 *
 * Observed of apt 2.6 and 3.0 (docs/resolution.md): the package of that very name, essential ones, protected ones, the higher
 * priority, and last the one that the indexes mention last when each counts at its first mention.
 */
import type { PackageRecord } from "../package.js";
import { laterMention, type Mention } from "./first-mention.js";
import type { Target } from "./selection.js";

const PRIORITIES: readonly string[] = ["required", "important", "standard", "optional", "extra"];

/** The rank of a priority: 0 for `required`; what is unknown ranks last. */
export function priorityRank(priority: string): number {
  const rank = PRIORITIES.indexOf(priority);
  return rank < 0 ? PRIORITIES.length : rank;
}

/** Whether dpkg and apt are to refuse its removal: `Protected: yes`, formerly `Important: yes`. */
export function isProtectedPackage(record: PackageRecord): boolean {
  return record.control.get("Protected") === "yes" || record.control.get("Important") === "yes";
}

/** What settles a tie. */
export interface TieBreak {
  /** These first, whatever the index's order: what a lock has. */
  readonly preferred: ReadonlySet<string>;
  mentionOf(name: string): Mention;
}

/** Sorts the targets of one alternative, the one to try first in front. */
export function orderProviders(targets: readonly Target[], name: string, tie: TieBreak): readonly Target[] {
  if (targets.length < 2) return targets;
  return [...targets].sort((a, b) => compareProviders(a.record, b.record, name) || compareTied(a, b, tie));
}

function compareProviders(a: PackageRecord, b: PackageRecord, name: string): number {
  return (
    Number(b.name === name) - Number(a.name === name) ||
    Number(b.essential) - Number(a.essential) ||
    Number(isProtectedPackage(b)) - Number(isProtectedPackage(a)) ||
    priorityRank(a.priority) - priorityRank(b.priority)
  );
}

function compareTied(a: Target, b: Target, { preferred, mentionOf }: TieBreak): number {
  return (
    Number(preferred.has(b.record.name)) - Number(preferred.has(a.record.name)) ||
    laterMention(mentionOf(a.record.name), mentionOf(b.record.name))
  );
}
