/**
 * How much each package counts when a conflict has to be solved: the scores of apt's problem resolver.
 *
 * Rules: docs/resolution.md, from apt's debug output (`Debug::pkgProblemResolver::ShowScores`).
 */
import { RELATION_FIELDS, type RelationField } from "../package.js";
import { targetKey, versionFits } from "../relation.js";
import { isProtectedPackage, priorityRank } from "./provider-order.js";
import type { Candidate, Selection } from "./selection.js";

/** By rank of the priority, `required` first; the last is for what has no known one. */
const PRIORITY_SCORES: readonly number[] = [3, 2, 1, -1, -2, 0];
const ESSENTIAL = 100;
const INSTALLED = 1;
const KEEP_REQUESTED = 10000;
const KEEP_ESSENTIAL = 5000;

const RELATION_SCORES: ReadonlyMap<RelationField, number> = new Map([
  ["Pre-Depends", 1],
  ["Depends", 1],
  ["Recommends", 1],
  ["Conflicts", -1],
  ["Breaks", -1],
]);

/** Scores by name; names that are not there have none. */
export type Scores = Map<string, number>;

/** Scores all selected packages, and what they mention. */
export function scorePackages(selection: Selection): Scores {
  const scores: Scores = new Map();
  const add = (name: string, amount: number): void => {
    scores.set(name, (scores.get(name) ?? 0) + amount);
  };
  for (const { name, selected, isInstalled } of selection.selected()) {
    if (isVital(selected)) add(name, ESSENTIAL);
    add(name, PRIORITY_SCORES[priorityRank(selected.priority)] ?? 0);
    if (isInstalled) add(name, INSTALLED);
    for (const field of RELATION_FIELDS) {
      const amount = RELATION_SCORES.get(field);
      if (amount === undefined) continue;
      for (const alternative of selected.relations(field).flat()) {
        const key = targetKey(alternative, selection.universe.architecture);
        if (alternative.operator !== undefined) {
          const target = selection.find(key).selected;
          if (target === undefined || !versionFits(target.version, alternative)) continue;
        }
        add(key, amount);
      }
    }
  }
  passToProviders(selection, scores);
  inherit(selection, scores);
  for (const one of selection.all()) {
    if (one.isManual && !one.isInstalled) add(one.name, KEEP_REQUESTED);
    const [best] = one.versions;
    if (best !== undefined && isVital(best.record)) add(one.name, KEEP_ESSENTIAL);
  }
  return scores;
}

function isVital(record: Parameters<typeof isProtectedPackage>[0]): boolean {
  return record.essential || isProtectedPackage(record);
}

/** Who provides what is wanted is wanted. */
function passToProviders(selection: Selection, scores: Scores): void {
  const before = new Map(scores);
  for (const { name, selected } of selection.selected())
    for (const provide of selected.provides)
      scores.set(name, (scores.get(name) ?? 0) + Math.abs(before.get(provide.name) ?? 0));
}

/** One level of inheritance: what an important package needs is important. */
function inherit(selection: Selection, scores: Scores): void {
  const before = new Map(scores);
  for (const { name, selected } of selection.selected()) {
    const own = before.get(name) ?? 0;
    if (own <= 0) continue;
    for (const field of ["Pre-Depends", "Depends", "Recommends"] as const) {
      for (const alternative of selected.relations(field).flat()) {
        const key = targetKey(alternative, selection.universe.architecture);
        if (selection.find(key).selected !== undefined) scores.set(key, (scores.get(key) ?? 0) + own);
      }
    }
  }
}

/** The packages by falling score; equal ones by name, where apt's order is that of its cache. */
export function byScore(candidates: Iterable<Candidate>, scores: Scores): readonly Candidate[] {
  return [...candidates].sort(
    (a, b) => (scores.get(b.name) ?? 0) - (scores.get(a.name) ?? 0) || (a.name < b.name ? -1 : 1),
  );
}
