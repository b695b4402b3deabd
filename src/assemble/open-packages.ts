/**
 * The lock's packages: downloaded (only what is not unpacked in the cache already), checked, unpacked by workers.
 */

import { openUnpacked } from "../apt/deb/open-unpacked.js";
import type { DebPackage } from "../apt/deb/package.js";
import type { LockEntry, LockedPackage } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { cacheDamaged } from "../io/file-content.js";
import type { Session } from "./session.js";

/** What to unpack. */
export interface UnpackOptions {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  /** What is waited for. */
  readonly rows: readonly LockedPackage[];
  /** What a later stage will ask for: fetched with the others, unpacked after them while the caller goes on. */
  readonly ahead?: readonly LockedPackage[];
}

/** Opens packages of a lock's entry, by sha256. */
export async function openPackages(session: Session, options: UnpackOptions): Promise<ReadonlyMap<string, DebPackage>> {
  await unpackPackages(session, options);
  return new Map(
    options.rows.map(({ sha256, name }) => {
      const opened = openUnpacked(session.cache, sha256);
      if (opened === undefined) throw cacheDamaged(name);
      return [sha256, opened];
    }),
  );
}

/** Sees to it that packages are unpacked in the cache. This thread keeps nothing of them. */
export async function unpackPackages(session: Session, options: UnpackOptions): Promise<void> {
  const { cache, unpacking } = session;
  const wanted = new Map<string, LockedPackage>();
  let cached = 0;
  for (const row of [...bySize(options.rows), ...bySize(options.ahead ?? [])]) {
    if (unpacking.has(row.sha256) || wanted.has(row.sha256)) continue;
    // Opened, not only found: a damaged entry is dropped, and made anew here.
    if (openUnpacked(cache, row.sha256) === undefined) wanted.set(row.sha256, row);
    else cached++;
  }
  if (wanted.size > 0) await startUnpacking(session, { ...options, wanted, cached });
  for (const { sha256 } of options.rows) await unpacking.get(sha256);
}

/** Largest first: all workers are busy to the end. */
function bySize(rows: readonly LockedPackage[]): LockedPackage[] {
  return [...rows].sort((a, b) => b.size - a.size);
}

interface Unpacking extends UnpackOptions {
  readonly wanted: ReadonlyMap<string, LockedPackage>;
  readonly cached: number;
}

async function startUnpacking(session: Session, { recipe, entry, wanted, cached }: Unpacking): Promise<void> {
  // A build that has everything loads neither what downloads nor what unpacks.
  const { unpackDeb } = await import("../apt/deb/open-deb.js");
  const { fetchPackages } = await import("../apt/fetch-packages.js");
  const fetchOnly = (isWanted: (row: LockedPackage) => boolean) =>
    fetchPackages(entry, { ...session, archive: recipe.archive, isWanted });
  const files = await session.stage("download", () => fetchOnly((row) => wanted.has(row.sha256)));
  const total = wanted.size;
  let done = 0;
  const begun = [...wanted.values()].map((row) => {
    const unpacked = unpackDeb(session, {
      sha256: row.sha256,
      what: `${row.name} ${row.version}`,
      content: files.get(row.sha256)!,
      refetch: async () => (await fetchOnly((other) => other.sha256 === row.sha256)).get(row.sha256)!,
    });
    const told = unpacked.then(() => {
      const item = row.name;
      session.onEvent?.({ type: "progress", stage: "unpack", done: ++done, total, unit: "packages", item });
    });
    session.unpacking.set(row.sha256, told);
    return told;
  });
  // Each is waited for by who needs it, and raises its error there.
  void session
    .stage("unpack", async (count) => {
      Object.assign(count, { cached, total: cached + total });
      await Promise.all(begun);
    })
    .catch(() => {});
}
