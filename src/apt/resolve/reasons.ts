/**
 * Why each selected package is there: the shortest way to it from what was asked for. What there is no way to is not needed.
 */
import type { PackageRecord, RelationField } from "../package.js";
import { formatGroup } from "../relation.js";
import { isProtectedPackage } from "./provider-order.js";
import type { Reason } from "./resolution.js";
import type { Selection } from "./selection.js";

const FOLLOWED: readonly { readonly field: RelationField; readonly kind: Reason["kind"] }[] = [
  { field: "Pre-Depends", kind: "pre-depends" },
  { field: "Depends", kind: "depends" },
  { field: "Recommends", kind: "recommends" },
  // apt keeps what something installed suggests, though it never installs it for that.
  { field: "Suggests", kind: "suggests" },
];

/**
 * The selected packages that can be reached, breadth first, from those with a reason of their own, and from those that must
 * not be removed; each with its reason. What dependencies lead to has one of them as its reason, however short the way along a
 * recommendation.
 */
export function findReasons(
  selection: Selection,
  roots: readonly { readonly name: string; readonly why: Reason }[],
): ReadonlyMap<PackageRecord, Reason> {
  const reasons = new Map<PackageRecord, Reason>();
  // The step up to which each was followed: to take the same steps again finds nothing new.
  const steps = new Map<PackageRecord, number>();
  const followRelation = (record: PackageRecord, { field, kind, others }: (typeof STEPS)[number]): void => {
    for (const group of record.relations(field)) {
      const found = selection.satisfying(group);
      if (!others && found.some((target) => reasons.has(target))) continue;
      for (const target of others ? found : found.slice(0, 1))
        if (!reasons.has(target))
          reasons.set(target, { kind, by: record.name, relation: formatGroup(group) } as Reason);
    }
  };
  const follow = (): void => {
    for (const [first, end] of ROUNDS) {
      // What is reached on the way is visited too.
      for (const [record] of reasons) {
        const start = Math.max(first, steps.get(record) ?? 0);
        for (const step of STEPS.slice(start, end)) followRelation(record, step);
        steps.set(record, end);
      }
    }
  };
  const reach = (record: PackageRecord | undefined, why: Reason): void => {
    if (record !== undefined && !reasons.has(record)) reasons.set(record, why);
  };
  for (const root of roots) reach(selection.find(root.name).selected, root.why);
  follow();
  for (const { selected } of selection.selected()) {
    if (reasons.has(selected) || !(selected.essential || isProtectedPackage(selected))) continue;
    reach(selected, { kind: "essential" });
    follow();
  }
  return reasons;
}

/** The relations that are followed, then the same once more for the `others` that would satisfy them as well. */
const STEPS = [false, true].flatMap((others) => FOLLOWED.map((one) => ({ ...one, others })));
/** The steps that are taken for everything before more are: dependencies, then one more relation each, at last the others. */
const ROUNDS = [
  [0, 2],
  [0, 3],
  [0, 4],
  [4, 8],
] as const;
