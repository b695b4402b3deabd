/**
 * A package's control files: in `tmp.ci/` while its preinst runs, then in `info/`, with the list of its paths.
 *
 * Observed with dpkg 1.22: every member but `control` is kept with the mode and time of the .deb; `md5sums` is made where a
 * package does not ship it.
 */

import type { DebControlMember, DebPackage } from "../../apt/deb/package.js";
import { contentOfBytes } from "../../bytes/content.js";
import type { Tree } from "../tree/tree.js";
import { md5 } from "../unpack/conffile-target.js";
import { type DpkgDatabase, type InstalledPackage, infoName } from "../unpack/dpkg-database.js";
import { entryPath, hardLinkPath } from "../unpack/entry-path.js";

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
  if (!archive.members.has("md5sums")) tree.write(infoPath(entry, "md5sums"), digests(entry, archive), { mode: 0o644 });
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

/** `md5  path` lines of the files that are the package's, configuration files among them, in archive order. */
function digests(entry: InstalledPackage, archive: DebPackage): string {
  const own = new Set(entry.files);
  const known = new Map<string, string>();
  const where = `${entry.record.name} ${entry.record.version}`;
  let text = "";
  for (const item of archive.entries) {
    const path = entryPath(item.path, where);
    let digest: string | undefined;
    if (item.type === "hardlink") digest = known.get(hardLinkPath(item, where));
    else if (item.type === "file") digest = item.md5 ?? md5(item.content?.read() ?? new Uint8Array(0));
    if (digest === undefined) continue;
    known.set(path, digest);
    if (own.has(path)) text += `${digest}  ${path.slice(1)}\n`;
  }
  return text;
}
