/**
 * Which packages of a closed set satisfy each other's Pre-Depends and Depends: the edges of the dependency graph.
 *
 * Specification: Debian Policy §7.1, §7.2, §7.5. Of alternatives the first that the set satisfies counts, as with dpkg.
 */
import { type Alternative, parseProvides, parseRelations, targetKey, versionFits } from "../../apt/relation.js";

/** A package with its control fields. */
export interface DependingPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** A field of its control file. */
  field(name: string): string | undefined;
}

/** sha256 of each package → sha256 of those it depends on, in the order of its fields. */
export function satisfyDepends(packages: readonly DependingPackage[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, { readonly version: string | undefined; readonly sha256: string }[]>();
  const add = (name: string, version: string | undefined, sha256: string): void => {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [{ version, sha256 }]);
    else known.push({ version, sha256 });
  };
  for (const { name, version, sha256 } of packages) add(name, version, sha256);
  for (const one of packages)
    for (const { name, version } of parseProvides(one.field("Provides") ?? "")) add(name, version, one.sha256);
  const find = (alternative: Alternative): string | undefined => {
    const target = targetKey({
      ...alternative,
      qualifier: alternative.qualifier === "any" ? undefined : alternative.qualifier,
    });
    return byName
      .get(target)
      ?.find(
        ({ version }) =>
          alternative.version === undefined || (version !== undefined && versionFits(version, alternative)),
      )?.sha256;
  };
  return new Map(
    packages.map((one) => {
      const groups = ["Pre-Depends", "Depends"].flatMap((name) => parseRelations(one.field(name) ?? ""));
      const found = groups.flatMap((group) => group.map(find).find((sha256) => sha256 !== undefined) ?? []);
      return [one.sha256, [...new Set(found)].filter((sha256) => sha256 !== one.sha256)];
    }),
  );
}
