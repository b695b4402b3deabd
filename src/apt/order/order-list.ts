/**
 * The list from which apt unpacks: sorted by importance, then by four walks along the dependencies.
 *
 * Rules: docs/order.md, A1 to A3. Observed of apt 2.6 and 3.0.
 */
import { compareByteStrings } from "../../bytes/order.js";
import { type Alternative, targetKey } from "../relation.js";
import type { Planned, PlanSet } from "./plan-set.js";

/** Marks the essential packages and all that they depend on, by the names that they mention. */
export function markImmediate(set: PlanSet): void {
  const seen = new Set<string>();
  const mark = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const found = set.byName.get(name);
    if (found === undefined) return;
    found.isImmediate = true;
    for (const groups of [found.preDepends, found.depends])
      for (const group of groups) for (const alternative of group) mark(targetKey(alternative));
  };
  for (const one of set.byName.values()) if (one.package.essential) mark(one.name);
}

/** The new packages in the order in which their unpacking is planned. */
export function orderList(set: PlanSet): readonly Planned[] {
  const scored = set.added.map((one) => ({ one, score: score(one) }));
  scored.sort((a, b) => b.score - a.score || compareByteStrings(a.one.name, b.one.name));
  let list: readonly Planned[] = scored.map(({ one }) => one);
  for (const [first, followsDepends] of RUNS) list = walk(set, list, first, followsDepends);
  return list;
}

const PRIORITY_SCORES: ReadonlyMap<string, number> = new Map([
  ["required", 5],
  ["important", 4],
  ["standard", 3],
  ["optional", 1],
]);

function score(one: Planned): number {
  return (
    (one.package.essential ? 200 : 0) +
    (one.isImmediate ? 10 : 0) +
    (one.preDepends.length > 0 ? 50 : 0) +
    (PRIORITY_SCORES.get(one.package.priority) ?? 0)
  );
}

/**
 * How a walk goes from a package to what comes before it: `critical` along Pre-Depends, and from there along everything;
 * `all` along both; `early` along Pre-Depends, and Depends of what is not at the top.
 */
type Way = "critical" | "all" | "early";

/** The four walks, and whether they also visit all that is depended on, unconditionally. */
const RUNS: readonly (readonly [Way, boolean])[] = [
  ["critical", true],
  ["critical", false],
  ["critical", false],
  ["early", false],
];

function walk(set: PlanSet, list: readonly Planned[], start: Way, followsDepends: boolean): readonly Planned[] {
  const inList = new Set(list);
  const added = new Set<Planned>();
  const pending = new Set<Planned>();
  let way = start;
  let depth = 0;

  const visitTargets = (alternative: Alternative): void => {
    for (const target of set.targets(alternative)) if (target.isNew) visit(target);
  };
  /** Satisfied by what is in place already, or its own package is on its way. */
  const isSettled = (alternative: Alternative): boolean => {
    if (set.targets(alternative).some((target) => !target.isNew || added.has(target))) return true;
    const named = set.byName.get(targetKey(alternative));
    return named !== undefined && (added.has(named) || pending.has(named));
  };
  const follow = (alternatives: readonly Alternative[], during: Way): void => {
    for (const alternative of alternatives) {
      if (isSettled(alternative)) continue;
      const saved = way;
      way = during;
      visitTargets(alternative);
      way = saved;
    }
  };
  const visitFirst = (one: Planned): void => {
    const preDepends = one.preDepends.flat();
    switch (way) {
      case "critical":
        follow(preDepends, "all");
        break;
      case "all":
        follow([...preDepends, ...one.depends.flat()], "all");
        break;
      case "early":
        follow(preDepends, "early");
        if (depth > 1 || one.isImmediate) follow(one.depends.flat(), "early");
        break;
    }
  };
  const visit = (one: Planned): void => {
    if (!inList.has(one) || added.has(one) || pending.has(one)) return;
    depth++;
    pending.add(one);
    const saved = way;
    if (one.isImmediate && way !== "early") way = "all";
    visitFirst(one);
    if (followsDepends) for (const alternative of one.depends.flat()) visitTargets(alternative);
    pending.delete(one);
    added.add(one);
    way = saved;
    depth--;
  };
  for (const one of list) visit(one);
  return [...added];
}
