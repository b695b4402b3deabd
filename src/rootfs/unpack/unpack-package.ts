/**
 * Unpacks a package by dpkg's rules.
 *
 * Behaviour observed with dpkg 1.22: a directory that is there stays as it is, so the first package that ships it decides its
 * mode and owner; a file that another package has is a conflict unless Replaces or a diversion settles it; configuration
 * files wait as `.dpkg-new` for the package to be configured.
 */

import type { DebEntry, DebPackage } from "../../apt/deb/package.js";
import type { PackageRecord } from "../../apt/package.js";
import { versionFits } from "../../apt/relation.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { NodeAttributes } from "../tree/node.js";
import type { Place } from "../tree/resolve-path.js";
import { parseConffiles } from "./conffile-list.js";
import { conffileTarget, NEW_SUFFIX } from "./conffile-target.js";
import type { Conffile, DpkgDatabase, InstalledPackage } from "./dpkg-database.js";
import { entryPath, hardLinkPath, OwnLinks } from "./entry-path.js";
import { entryAttributes, entryNode, linkedNode, placeOf, replaceNode } from "./place-node.js";

/** How to unpack. */
export interface UnpackOptions {
  /** Called with every path that is unpacked, after diversion: file triggers hang on it. */
  readonly onPath?: (path: string) => void;
  /** Called for each package that paths were taken over from. */
  readonly onListChanged?: (other: InstalledPackage) => void;
}

/** Puts a package's files into the tree and its paths into the database. @throws AssembleError `deb/unsafe-path`, `unpack/…` */
export function unpackPackage(
  database: DpkgDatabase,
  entry: InstalledPackage,
  archive: DebPackage,
  options: UnpackOptions = {},
): void {
  new Unpacking(database, entry, archive, options).run();
}

class Unpacking {
  readonly #database: DpkgDatabase;
  readonly #package: InstalledPackage;
  readonly #archive: DebPackage;
  readonly #options: UnpackOptions;
  readonly #where: string;
  readonly #links: OwnLinks;
  readonly #conffiles: ReadonlyMap<string, Conffile>;
  readonly #files: string[] = [];
  /** What replaces files of other packages: each package's list is written once, not for every path. */
  readonly #taken = new Map<InstalledPackage, Set<string>>();

  constructor(database: DpkgDatabase, entry: InstalledPackage, archive: DebPackage, options: UnpackOptions) {
    this.#database = database;
    this.#package = entry;
    this.#archive = archive;
    this.#options = options;
    this.#where = `${entry.record.name} ${entry.record.version}`;
    this.#links = new OwnLinks(this.#where);
    const conffiles = parseConffiles(archive.members.get("conffiles")?.bytes, this.#where);
    this.#conffiles = new Map(conffiles.map((conffile) => [conffile.path, conffile]));
    entry.conffiles = conffiles;
  }

  run(): void {
    for (const entry of this.#archive.entries) this.#unpack(entry);
    this.#package.files = this.#files;
    for (const [other, paths] of this.#taken) {
      this.#database.removeOwner(paths, other);
      this.#options.onListChanged?.(other);
    }
  }

  #unpack(entry: DebEntry): void {
    const path = entryPath(entry.path, this.#where);
    this.#links.check(path, entry);
    const { tree, diversions } = this.#database;
    const target = path === "/" ? path : diversions.trueName(path, this.#package.record.name);
    this.#options.onPath?.(target);
    if (path === "/") {
      this.#own("/.");
      return;
    }
    const place = placeOf(tree, target, this.#where);
    const directoryStays =
      (entry.type === "directory" && tree.lookup(target)?.type === "directory") ||
      (entry.type === "symlink" && place.node?.type === "directory");
    if (directoryStays) {
      this.#own(path);
      return;
    }
    if (this.#belongsToOther(path, entry, place)) return;
    this.#own(path);
    const destination = this.#conffileIsShipped(path) ? placeOf(tree, this.#newConffile(path), this.#where) : place;
    const attributes = this.#overridden(path, entryAttributes(entry, tree, this.#database.accounts));
    // A hard link's entry sets the attributes of the file again, as dpkg does.
    const node =
      entry.type === "hardlink" ? Object.assign(this.#linked(entry), attributes) : entryNode(entry, attributes);
    if (node !== destination.node) replaceNode(tree, destination, node);
  }

  #own(path: string): void {
    this.#files.push(path);
    this.#database.addOwner(path, this.#package);
  }

  #conffileIsShipped(path: string): boolean {
    return this.#conffiles.get(path)?.removeOnUpgrade === false;
  }

  #newConffile(path: string): string {
    return conffileTarget(this.#database, path, this.#package.record.name) + NEW_SUFFIX;
  }

  /** The node of a hard link's target, which is still `.dpkg-new` if it is a configuration file. */
  #linked(entry: DebEntry): ReturnType<typeof linkedNode> {
    const path = hardLinkPath(entry, this.#where);
    const target = this.#conffileIsShipped(path)
      ? this.#newConffile(path)
      : this.#database.diversions.trueName(path, this.#package.record.name);
    return linkedNode(this.#database.tree, target, { entry, where: this.#where });
  }

  #overridden(path: string, attributes: NodeAttributes): NodeAttributes {
    const override = this.#database.statOverrides.get(path);
    if (override === undefined) return attributes;
    const id = (database: "passwd" | "group", name: string): number =>
      name.startsWith("#") ? Number(name.slice(1)) : this.#database.accounts.id(database, name, 0);
    return { ...attributes, uid: id("passwd", override.user), gid: id("group", override.group), mode: override.mode };
  }

  /** Whether another package keeps this path. @throws AssembleError `unpack/file-conflict` if nothing settles whose it is */
  #belongsToOther(path: string, entry: DebEntry, place: Place): boolean {
    for (const other of [...this.#database.owners(path)]) {
      if (other === this.#package) continue;
      const diversion = this.#database.diversions.from(path);
      if (diversion?.owner !== undefined && [other.record.name, this.#package.record.name].includes(diversion.owner))
        continue;
      if (place.node === undefined && entry.type === "directory") continue;
      if (replaces(this.#package.record, other.record)) {
        const taken = this.#taken.get(other);
        if (taken === undefined) this.#taken.set(other, new Set([path]));
        else taken.add(path);
        continue;
      }
      if (replaces(other.record, this.#package.record)) return true;
      throw new AssembleError(
        "unpack/file-conflict",
        `Cannot unpack ${this.#where}: ${path} is also in ${other.record.name} ${other.record.version}, ` +
          "a file in one package only (or a Replaces field) was wanted",
        { hint: `Leave out ${this.#package.record.name} or ${other.record.name}.` },
      );
    }
    return false;
  }
}

/** Whether a package's Replaces names another one, in its version. Provided names do not count here. */
function replaces(by: PackageRecord, other: PackageRecord): boolean {
  return by
    .relations("Replaces")
    .some((group) =>
      group.some((alternative) => alternative.name === other.name && versionFits(other.version, alternative)),
    );
}
