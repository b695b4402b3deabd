/**
 * The last look at a tree before it is packed: nothing of the build's circumstances stays in it.
 */
import type { Tree } from "../tree/tree.js";

/** Directories whose content belongs to a running system only. */
const RUNTIME_DIRECTORIES = ["/run", "/proc", "/sys", "/tmp", "/dev"];

/** What caches or numbers the building machine's inodes, or belongs to one machine. */
const BUILD_TRACES = [
  "/var/cache/ldconfig/aux-cache",
  "/etc/ld.so.cache~",
  "/var/lib/dbus/machine-id",
  "/var/lib/systemd/random-seed",
];

/** Empties runtime directories and clamps every mtime to the tree's epoch. */
export function normalise(tree: Tree): void {
  for (const path of BUILD_TRACES) tree.removeAll(path);
  for (const path of RUNTIME_DIRECTORIES) {
    const directory = tree.lookup(path, { follow: false });
    if (directory?.type !== "directory") continue;
    for (const name of [...directory.entries.keys()]) tree.removeAll(`${path}/${name}`);
  }
  const machineId = tree.lookup("/etc/machine-id", { follow: false });
  if (machineId?.type === "file" && machineId.content.size > 0) tree.write("/etc/machine-id", "");
  tree.root.mtime = Math.min(tree.root.mtime, tree.epoch);
  for (const { node } of tree.walk()) if (node.mtime > tree.epoch) node.mtime = tree.epoch;
}
