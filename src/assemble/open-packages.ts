/**
 * The lock's packages: downloaded (only what is not unpacked in the cache already), checked, unpacked by workers.
 */

import { openDeb, openUnpacked } from "../apt/deb/open-deb.js";
import type { DebPackage } from "../apt/deb/package.js";
import { fetchPackages } from "../apt/fetch-packages.js";
import type { LockEntry, LockedPackage } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import type { Session } from "./session.js";

/** Opens packages of a lock's entry, by sha256. */
export async function openPackages(
  session: Session,
  options: { readonly recipe: Recipe; readonly entry: LockEntry; readonly rows: readonly LockedPackage[] },
): Promise<ReadonlyMap<string, DebPackage>> {
  const { cache } = session;
  const opened = new Map<string, DebPackage>();
  for (const row of options.rows) {
    const known = openUnpacked(cache, row.sha256);
    if (known !== undefined) opened.set(row.sha256, known);
  }
  const wanted = new Set(options.rows.filter((row) => !opened.has(row.sha256)).map((row) => row.sha256));
  if (wanted.size === 0) return opened;
  const fetchOnly = (isWanted: (row: LockedPackage) => boolean) =>
    fetchPackages(options.entry, { ...session, archive: options.recipe.archive, isWanted });
  const files = await session.stage("download", () => fetchOnly((row) => wanted.has(row.sha256)));
  await session.stage("unpack", async (count) => {
    const distinct = new Map(options.rows.map((row) => [row.sha256, row]));
    const rows = [...distinct.values()].filter((row) => wanted.has(row.sha256)).sort((a, b) => b.size - a.size);
    count.total = new Set(options.rows.map((row) => row.sha256)).size;
    count.cached = opened.size;
    let done = 0;
    await Promise.all(
      rows.map(async (row) => {
        const deb = await openDeb(session, {
          sha256: row.sha256,
          what: `${row.name} ${row.version}`,
          content: files.get(row.sha256)!,
          refetch: async () => (await fetchOnly((other) => other.sha256 === row.sha256)).get(row.sha256)!,
        });
        opened.set(row.sha256, deb);
        session.onEvent?.({
          type: "progress",
          stage: "unpack",
          done: ++done,
          total: rows.length,
          unit: "packages",
          item: row.name,
        });
      }),
    );
  });
  return opened;
}
