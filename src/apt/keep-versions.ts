/**
 * A universe in which what the lock has stays as it is: of a package whose locked version is still to be had, that version
 * is the only one.
 */

import type { PackageRecord } from "./package.js";
import type { PackagesIndex } from "./packages-index.js";
import type { UniverseArchive } from "./pin.js";

/** Versions to keep, by package name. */
export type KeptVersions = ReadonlyMap<string, string>;

/** The archives without other versions of the packages that are kept. A version that no archive has is not kept. */
export function keepVersions(archives: readonly UniverseArchive[], versions: KeptVersions): readonly UniverseArchive[] {
  const kept = new Map(
    [...versions].filter(([name, version]) =>
      archives.some(({ index }) => index.named(name).some((record) => record.version === version)),
    ),
  );
  if (kept.size === 0) return archives;
  return archives.map((archive) => ({ ...archive, index: filterIndex(archive.index, kept) }));
}

function filterIndex(index: PackagesIndex, kept: KeptVersions): PackagesIndex {
  const isIn = (record: PackageRecord): boolean => (kept.get(record.name) ?? record.version) === record.version;
  return {
    ...index,
    named: (name) => index.named(name).filter(isIn),
    providers: (name) => index.providers(name).filter(isIn),
    essential: () => index.essential().filter(isIn),
    withPriority: (priority) => index.withPriority(priority).filter(isIn),
  };
}
