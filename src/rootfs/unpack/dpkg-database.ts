/**
 * dpkg's view of a tree: which packages are there, in which state, and which paths are theirs.
 *
 * Specification: dpkg(1) "Package states", deb-conffiles(5). Held in memory while packages are configured; what belongs on disk
 * is written into the tree by info-files.ts, status-file.ts and trigger-files.ts. States and triggers are those of
 * apt/order, which decides the order of things.
 */
import { type DpkgState, emptyDpkgState } from "../../apt/order/dpkg-state.js";
import type { PackageRecord, RelationField } from "../../apt/package.js";
import type { Tree } from "../tree/tree.js";
import { AccountNames } from "./account-names.js";
import { Diversions } from "./diversions.js";
import { StatOverrides } from "./stat-overrides.js";

/** One configuration file of a package. */
export interface Conffile {
  readonly path: string;
  /** md5 of the file as shipped, hexadecimal; `newconffile` until it has been installed. */
  hash: string;
  readonly removeOnUpgrade: boolean;
}

/** The files of one package. */
export interface InstalledPackage {
  /** Made from the control file of the .deb. */
  readonly record: PackageRecord;
  conffiles: readonly Conffile[];
  /** The paths it ships, as they stand in its `.list`: `/.` first, before diversion, in archive order. */
  files: readonly string[];
}

/** The fields whose names dpkg knows as packages, installed or not. */
const MENTIONING: readonly RelationField[] = [
  "Depends",
  "Pre-Depends",
  "Recommends",
  "Suggests",
  "Enhances",
  "Replaces",
  "Breaks",
  "Conflicts",
];

/** The database. */
export class DpkgDatabase {
  readonly tree: Tree;
  readonly architecture: string;
  /** States and triggers. */
  readonly state: DpkgState = emptyDpkgState();
  readonly diversions: Diversions;
  readonly statOverrides: StatOverrides;
  readonly accounts: AccountNames;
  readonly #packages = new Map<string, InstalledPackage>();
  readonly #owners = new Map<string, InstalledPackage[]>();
  readonly #mentioned = new Set<string>();
  /** Records whose relations have not been read for `#mentioned`. */
  readonly #unread: PackageRecord[] = [];

  constructor(tree: Tree, architecture: string) {
    this.tree = tree;
    this.architecture = architecture;
    this.diversions = new Diversions(tree);
    this.statOverrides = new StatOverrides(tree);
    this.accounts = new AccountNames(tree);
  }

  /** The packages by name. */
  get packages(): ReadonlyMap<string, InstalledPackage> {
    return this.#packages;
  }

  /** The packages by name, in byte order. */
  sorted(): InstalledPackage[] {
    return [...this.#packages.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** A package by `name` or `name:architecture`. */
  find(name: string): InstalledPackage | undefined {
    const colon = name.indexOf(":");
    const found = this.#packages.get(colon < 0 ? name : name.slice(0, colon));
    if (found === undefined || colon < 0) return found;
    const wanted = name.slice(colon + 1);
    const { architecture } = found.record;
    const matches =
      wanted === "any" || wanted === architecture || (wanted === this.architecture && architecture === "all");
    return matches ? found : undefined;
  }

  /** Takes a package in, before any of it is unpacked. */
  begin(record: PackageRecord): InstalledPackage {
    const entry: InstalledPackage = { record, conffiles: [], files: [] };
    this.#packages.set(record.name, entry);
    this.#unread.push(record);
    return entry;
  }

  /** The names that packages provide and that their relations mention. */
  mentionedNames(): ReadonlySet<string> {
    for (const record of this.#unread.splice(0)) {
      for (const provide of record.provides) this.#mentioned.add(provide.name);
      for (const field of MENTIONING)
        for (const group of record.relations(field)) for (const { name } of group) this.#mentioned.add(name);
    }
    return this.#mentioned;
  }

  /** The packages that ship a path, in the order in which they were unpacked. */
  owners(path: string): readonly InstalledPackage[] {
    return this.#owners.get(path) ?? [];
  }

  /** Notes that a package ships a path. */
  addOwner(path: string, entry: InstalledPackage): void {
    const owners = this.#owners.get(path);
    if (owners === undefined) this.#owners.set(path, [entry]);
    else if (!owners.includes(entry)) owners.push(entry);
  }

  /** Takes paths away from a package, whose files another one has replaced. */
  removeOwner(paths: ReadonlySet<string>, entry: InstalledPackage): void {
    for (const path of paths) {
      const owners = this.#owners.get(path)?.filter((owner) => owner !== entry) ?? [];
      this.#owners.set(path, owners);
    }
    entry.files = entry.files.filter((file) => !paths.has(file));
  }
}

/** The stem of a package's files in `info/`: with the architecture where several can be installed side by side. */
export function infoName(record: PackageRecord): string {
  return record.multiArch === "same" ? `${record.name}:${record.architecture}` : record.name;
}
