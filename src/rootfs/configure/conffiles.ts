/**
 * Installs a package's configuration files: dpkg(1) "--configure", on a new root.
 *
 * What is there already (from a skeleton tree) is the administrator's and stays, as with `--force-confold`, but no `.dpkg-dist` is left.
 * Either way the md5 of the shipped file is recorded.
 */
import { conffileTarget, md5, NEW_SUFFIX } from "../unpack/conffile-target.js";
import type { DpkgDatabase, InstalledPackage } from "../unpack/dpkg-database.js";

/** Installs them in their order; `placed` is told of each that was not there. */
export function installConffiles(
  database: DpkgDatabase,
  entry: InstalledPackage,
  placed: (path: string) => void,
): void {
  const { tree } = database;
  for (const conffile of entry.conffiles) {
    if (conffile.removeOnUpgrade) continue;
    const target = conffileTarget(database, conffile.path, entry.record.name);
    const fresh = tree.lookup(target + NEW_SUFFIX, { follow: false });
    if (fresh === undefined) continue;
    conffile.hash = fresh.type === "file" ? md5(fresh.content.read()) : conffile.hash;
    if (tree.lookup(target, { follow: false }) === undefined) {
      tree.rename(target + NEW_SUFFIX, target);
      placed(database.diversions.trueName(conffile.path, entry.record.name));
    } else tree.unlink(target + NEW_SUFFIX);
  }
}
