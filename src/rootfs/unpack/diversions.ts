/**
 * dpkg's diversions: a package's file goes to another name, since another package (or the administrator) has the path.
 *
 * Specification: dpkg-divert(1). The file `diversions` holds three lines each: path, where the file goes, package (`:` for a
 * local diversion).
 */
import type { Tree } from "../tree/tree.js";
import { inPathOrder } from "./hash-order.js";

/** One diversion. */
export interface Diversion {
  readonly from: string;
  readonly to: string;
  /** The package whose copy keeps the path; undefined: every package's copy is diverted. */
  readonly owner: string | undefined;
}

const FILE = "/var/lib/dpkg/diversions";

/** The diversions of a tree. */
export class Diversions {
  readonly #byPath = new Map<string, Diversion>();
  readonly #byTarget = new Map<string, Diversion>();
  readonly #tree: Tree;

  /** Starts with what the tree has. */
  constructor(tree: Tree) {
    this.#tree = tree;
    if (tree.lookup(FILE)?.type !== "file") return;
    const lines = tree.readText(FILE).split("\n");
    for (let i = 0; i + 2 < lines.length; i += 3) {
      const [from = "", to = "", owner = ":"] = lines.slice(i, i + 3);
      this.#index({ from, to, owner: owner === ":" ? undefined : owner });
    }
  }

  /** The diversion of a path. */
  from(path: string): Diversion | undefined {
    return this.#byPath.get(path);
  }

  /** The diversion that leads to a path. */
  to(path: string): Diversion | undefined {
    return this.#byTarget.get(path);
  }

  /** Where a package's file goes. Without a package: where everybody's but the owner's goes. */
  trueName(path: string, packageName?: string): string {
    const diversion = this.#byPath.get(path);
    if (diversion === undefined || (packageName !== undefined && diversion.owner === packageName)) return path;
    return diversion.to;
  }

  /** In the order of the file. */
  all(): readonly Diversion[] {
    return inPathOrder(this.#byPath.values(), (diversion) => diversion.from);
  }

  /** Adds one and writes the file. */
  add(diversion: Diversion): void {
    this.#index(diversion);
    this.#write();
  }

  /** Removes one and writes the file. */
  remove(diversion: Diversion): void {
    this.#byPath.delete(diversion.from);
    this.#byTarget.delete(diversion.to);
    this.#write();
  }

  #index(diversion: Diversion): void {
    this.#byPath.set(diversion.from, diversion);
    this.#byTarget.set(diversion.to, diversion);
  }

  /** Writes the file, also when it is empty: dpkg-divert does. */
  #write(): void {
    const text = this.all().map(({ from, to, owner }) => `${from}\n${to}\n${owner ?? ":"}\n`);
    this.#tree.write(FILE, text.join(""), { mode: 0o644, uid: 0, gid: 0 });
  }
}
