/**
 * The packages of a plan, and which of them can satisfy what: the ground on which apt's ordering runs.
 */
import { compareByteStrings } from "../../bytes/order.js";
import type { PackageRecord } from "../package.js";
import { keyFits, type ProvidedKey, providedKeys } from "../provider.js";
import { type Alternative, type RelationGroup, targetKey } from "../relation.js";

/** What a plan needs of a package: all of it is in the control file, but for the priority, which is the index's. */
export type PlanPackage = Pick<
  PackageRecord,
  | "name"
  | "version"
  | "source"
  | "architecture"
  | "archive"
  | "priority"
  | "essential"
  | "multiArch"
  | "provides"
  | "relations"
>;

/** One package on its way. */
export interface Planned {
  readonly package: PlanPackage;
  readonly name: string;
  readonly isNew: boolean;
  readonly preDepends: readonly RelationGroup[];
  readonly depends: readonly RelationGroup[];
  /** Essential, or needed by what is: to be configured as soon as it is unpacked. */
  isImmediate: boolean;
  state: "now" | "unpacked" | "configured";
  /** It is being handled further up, as is something that leads back to it. */
  hasLoop: boolean;
}

/** The set, with its indexes. */
export interface PlanSet {
  readonly byName: ReadonlyMap<string, Planned>;
  /** The new ones, in the order given. */
  readonly added: readonly Planned[];
  /** The packages that satisfy an alternative: the real one, then providers, the last of the index first. */
  targets(alternative: Alternative): readonly Planned[];
}

/**
 * `archives` gives the order of the indexes; a provider of a later one comes first, as does one that is later in an index. Debian's
 * indexes are sorted by source package, and then by package.
 */
export function planSet(
  installed: readonly PlanPackage[],
  added: readonly PlanPackage[],
  archives: readonly string[],
): PlanSet {
  const byName = new Map<string, Planned>();
  for (const one of installed) byName.set(one.name, planned(one, false));
  for (const one of added) byName.set(one.name, planned(one, true));

  const providers = new Map<string, { readonly planned: Planned; readonly key: ProvidedKey }[]>();
  const place = (one: Planned): number => archives.indexOf(one.package.archive);
  const all = [...byName.values()].sort(
    (a, b) =>
      place(b) - place(a) ||
      compareByteStrings(b.package.source, a.package.source) ||
      compareByteStrings(b.name, a.name),
  );
  for (const one of all) {
    for (const key of [...providedKeys(one.package)].reverse()) {
      const list = providers.get(key.key);
      if (list === undefined) providers.set(key.key, [{ planned: one, key }]);
      else list.push({ planned: one, key });
    }
  }

  const known = new Map<Alternative, readonly Planned[]>();
  const findTargets = (alternative: Alternative): readonly Planned[] => {
    const key = targetKey(alternative);
    const found: Planned[] = [];
    const real = byName.get(key);
    if (real !== undefined && keyFits({ key, version: real.package.version }, alternative)) found.push(real);
    for (const provider of providers.get(key) ?? [])
      if (keyFits(provider.key, alternative)) found.push(provider.planned);
    return found;
  };
  return {
    byName,
    added: added.map((one) => byName.get(one.name) as Planned),
    targets(alternative) {
      let found = known.get(alternative);
      if (found === undefined) {
        found = findTargets(alternative);
        known.set(alternative, found);
      }
      return found;
    },
  };
}

function planned(one: PlanPackage, isNew: boolean): Planned {
  return {
    package: one,
    name: one.name,
    isNew,
    preDepends: one.relations("Pre-Depends"),
    depends: one.relations("Depends"),
    isImmediate: false,
    state: isNew ? "now" : "configured",
    hasLoop: false,
  };
}
