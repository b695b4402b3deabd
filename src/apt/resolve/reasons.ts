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
  const reach = (record: PackageRecord | undefined, why: Reason): void => {
    if (record !== undefined && !reasons.has(record)) reasons.set(record, why);
  };
  const follow = (): void => {
    for (const { fields, others } of STRENGTHS) {
      // What is reached on the way is visited too.
      for (const [record] of reasons) {
        for (const { field, kind } of fields) {
          for (const group of record.relations(field)) {
            const why = { kind, by: record.name, relation: formatGroup(group) } as Reason;
            const targets = group
              .flatMap((alternative) => [...selection.targets(alternative)])
              .filter((target) => target.candidate.selected === target.record);
            if (others) for (const { record: found } of targets) reach(found, why);
            else if (!targets.some(({ record: found }) => reasons.has(found))) reach(targets[0]?.record, why);
          }
        }
      }
    }
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

/** What is followed to the end before more counts: further relations, at last `others` that would satisfy a relation as well. */
const STRENGTHS = [
  ...[2, 3, 4].map((count) => ({ fields: FOLLOWED.slice(0, count), others: false })),
  { fields: FOLLOWED, others: true },
];
