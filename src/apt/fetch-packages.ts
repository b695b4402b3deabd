/**
 * The files of a lock: exactly those, checked by the lock's sha256, without index or signature.
 */

import type { FileContent } from "../bytes/content.js";
import type { LockEntry, LockedPackage } from "../config/lock.js";
import type { RecipeArchive } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { FileRequest } from "../io/download.js";
import { type ArchiveOptions, type ArchiveSession, withArchives } from "./archive/session.js";

export interface FetchPackagesOptions extends ArchiveOptions {
  /** The recipe's archive: its mirror and snapshot. */
  readonly archive: RecipeArchive;
  /** Whether the build packages are wanted too: false. */
  readonly buildPackages?: boolean | undefined;
  /** Which files are wanted: all. Those that are unpacked in the cache already need not be there as .debs. */
  readonly isWanted?: ((row: LockedPackage) => boolean) | undefined;
}

/** The .debs of a lock's entry, by sha256. @throws AssembleError `io/download-failed`, `io/download-mismatch`, `io/offline-missing` */
export async function fetchPackages(
  entry: LockEntry,
  options: FetchPackagesOptions,
): Promise<ReadonlyMap<string, FileContent>> {
  const rows = new Map<string, LockedPackage>();
  const uses = options.buildPackages === true ? [...entry.packages, ...entry.buildPackages] : entry.packages;
  for (const row of [
    ...uses.map((use) => use.package),
    ...entry.kernel,
    ...(entry.stub === undefined ? [] : [entry.stub]),
    ...(entry.initramfs ?? []),
  ]) {
    if (options.isWanted?.(row) ?? true) rows.set(row.sha256, row);
  }
  const found = new Map<string, FileContent>();
  const missing: LockedPackage[] = [];
  for (const row of rows.values()) {
    const known = await options.cache.readBlob(row.sha256);
    if (known === undefined) missing.push(row);
    else found.set(row.sha256, known);
  }
  // A warm build reads neither the host's mirrors nor anything else.
  if (missing.length > 0) {
    const fetched = await withArchives(options.archive, {
      ...options,
      // The largest first: the last transfers are then short ones, and all end at about the same time.
      action: (session) => {
        missing.sort((a, b) => b.size - a.size || (a.sha256 < b.sha256 ? -1 : 1));
        return session.downloader.fetchFiles(missing.map((row) => requestOf(row, { entry, session })));
      },
    });
    for (const [i, row] of missing.entries()) found.set(row.sha256, fetched[i]!);
  }
  return new Map([...rows.keys()].map((sha256) => [sha256, found.get(sha256)!]));
}

function requestOf(
  row: LockedPackage,
  options: { readonly entry: LockEntry; readonly session: ArchiveSession },
): FileRequest {
  const suite = options.entry.suites.find((one) => one.id === row.archive);
  if (suite === undefined) {
    throw new AssembleError("lock/invalid", `Cannot fetch ${row.name}: the lock has no suite ${row.archive}`);
  }
  const sources = options.session.locations.pool(suite, { path: row.path, releaseDate: Date.parse(suite.date) });
  return { what: `${row.name} ${row.version}`, sources, size: row.size, sha256: row.sha256 };
}
