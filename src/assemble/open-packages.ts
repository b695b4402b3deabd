/**
 * The lock's packages: downloaded (only what is not unpacked in the cache already), checked, unpacked by workers.
 */

import { openDeb, openUnpacked } from "../apt/deb/open-deb.js";
import type { DebPackage } from "../apt/deb/package.js";
import { fetchPackages } from "../apt/fetch-packages.js";
import type { LockEntry, LockedPackage } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import type { Session } from "./session.js";

/** What to open. */
export interface OpenOptions {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  /** What is waited for. */
  readonly rows: readonly LockedPackage[];
  /** What a later stage will ask for: fetched with the others, unpacked after them while the caller goes on. */
  readonly ahead?: readonly LockedPackage[];
}

/** Opens packages of a lock's entry, by sha256. */
export async function openPackages(session: Session, options: OpenOptions): Promise<ReadonlyMap<string, DebPackage>> {
  const { cache, opening } = session;
  const opened = new Map<string, DebPackage>();
  const wanted = new Map<string, LockedPackage>();
  for (const row of [...bySize(options.rows), ...bySize(options.ahead ?? [])]) {
    if (opening.has(row.sha256) || opened.has(row.sha256)) continue;
    const known = openUnpacked(cache, row.sha256);
    if (known === undefined) wanted.set(row.sha256, row);
    else opened.set(row.sha256, known);
  }
  if (wanted.size > 0) await startUnpacking(session, { ...options, wanted, cached: opened.size });
  for (const { sha256 } of options.rows) {
    const begun = opening.get(sha256);
    if (begun !== undefined) opened.set(sha256, await begun);
  }
  return opened;
}

/** Largest first: all workers are busy to the end. */
function bySize(rows: readonly LockedPackage[]): LockedPackage[] {
  return [...rows].sort((a, b) => b.size - a.size);
}

interface Unpacking extends OpenOptions {
  readonly wanted: ReadonlyMap<string, LockedPackage>;
  readonly cached: number;
}

async function startUnpacking(session: Session, { recipe, entry, wanted, cached }: Unpacking): Promise<void> {
  const fetchOnly = (isWanted: (row: LockedPackage) => boolean) =>
    fetchPackages(entry, { ...session, archive: recipe.archive, isWanted });
  const files = await session.stage("download", () => fetchOnly((row) => wanted.has(row.sha256)));
  const total = wanted.size;
  let done = 0;
  const begun = [...wanted.values()].map((row) => {
    const unpacked = openDeb(session, {
      sha256: row.sha256,
      what: `${row.name} ${row.version}`,
      content: files.get(row.sha256)!,
      refetch: async () => (await fetchOnly((other) => other.sha256 === row.sha256)).get(row.sha256)!,
    });
    const told = unpacked.then((deb) => {
      const item = row.name;
      session.onEvent?.({ type: "progress", stage: "unpack", done: ++done, total, unit: "packages", item });
      return deb;
    });
    session.opening.set(row.sha256, told);
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
