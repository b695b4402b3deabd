/**
 * A package's control files: in `tmp.ci/` while its preinst runs, then in `info/`, with the list of its paths.
 *
 * Observed with dpkg 1.22: every member but `control` is kept with the mode and time of the .deb; `md5sums` is made where a
 * package does not ship it.
 */

import type { DebControlMember, DebPackage } from "../../apt/deb/package.js";
import { contentOfBytes } from "../../bytes/content.js";
import type { Tree } from "../tree/tree.js";
import { conffileTarget, md5, NEW_SUFFIX } from "../unpack/conffile-target.js";
import { type DpkgDatabase, type InstalledPackage, infoName } from "../unpack/dpkg-database.js";

/** Where the control files are while a package is being unpacked. */
export const CONTROL_DIRECTORY = "/var/lib/dpkg/tmp.ci";
const INFO = "/var/lib/dpkg/info";

/** The path of a package's control file in `info/`. */
export function infoPath(entry: InstalledPackage, member: string): string {
  return `${INFO}/${infoName(entry.record)}.${member}`;
}

/** Lays a package's control files out for its preinst. */
export function writeControlDirectory(tree: Tree, archive: DebPackage): void {
  tree.removeAll(CONTROL_DIRECTORY);
  tree.mkdir(CONTROL_DIRECTORY, { mode: 0o755 });
  for (const [name, member] of archive.members) writeMember(tree, `${CONTROL_DIRECTORY}/${name}`, member);
}

/** Moves a package's control files into `info/` and writes its list of paths. */
export function installInfoFiles(database: DpkgDatabase, entry: InstalledPackage, archive: DebPackage): void {
  const { tree } = database;
  tree.removeAll(CONTROL_DIRECTORY);
  if (tree.lookup(`${INFO}/format`) === undefined) tree.write(`${INFO}/format`, "1\n", { mode: 0o644 });
  for (const [name, member] of archive.members)
    if (name !== "control") writeMember(tree, infoPath(entry, name), member);
  writeFileList(tree, entry);
  if (!archive.members.has("md5sums"))
    tree.write(infoPath(entry, "md5sums"), digests(database, entry), { mode: 0o644 });
}

/** Writes the list of the paths a package ships. */
export function writeFileList(tree: Tree, entry: InstalledPackage): void {
  tree.write(infoPath(entry, "list"), entry.files.map((path) => `${path}\n`).join(""), { mode: 0o644 });
}

function writeMember(tree: Tree, path: string, member: DebControlMember): void {
  const mtime = Math.min(member.mtime, tree.epoch);
  tree.removeAll(path);
  tree.write(path, contentOfBytes(member.bytes), { mode: member.mode & 0o7777, uid: 0, gid: 0, mtime });
}

/** `md5  path` lines of the regular files, configuration files among them, in the order of the list. */
function digests(database: DpkgDatabase, entry: InstalledPackage): string {
  const conffiles = new Set(entry.conffiles.map((conffile) => conffile.path));
  let text = "";
  for (const path of entry.files) {
    const target = conffiles.has(path)
      ? conffileTarget(database, path, entry.record.name) + NEW_SUFFIX
      : database.diversions.trueName(path, entry.record.name);
    const node = database.tree.lookup(target, { follow: false });
    if (node?.type === "file") text += `${md5(node.content.read())}  ${path.slice(1)}\n`;
  }
  return text;
}
