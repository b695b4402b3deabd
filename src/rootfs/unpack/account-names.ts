/**
 * Owners by name: dpkg and tar take the name an archive states if the tree knows it, else the number.
 */
import type { FileContent } from "../../bytes/content.js";
import { readAccounts } from "../overlay/account-file.js";
import type { Tree } from "../tree/tree.js";

type Database = "passwd" | "group";

/** Looks owners up in the tree's passwd and group, reading a file again only when it has changed. */
export class AccountNames {
  readonly #tree: Tree;
  readonly #known = new Map<Database, { content: FileContent; ids: Map<string, number> }>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** The id a name has in the tree; `fallback` if it has none, is empty, or is root (whose id is 0 everywhere). */
  id(database: Database, name: string, fallback: number): number {
    if (name === "root") return 0;
    if (name === "") return fallback;
    return this.#ids(database).get(name) ?? fallback;
  }

  #ids(database: Database): ReadonlyMap<string, number> {
    const node = this.#tree.lookup(`/etc/${database}`);
    if (node?.type !== "file") return new Map();
    const known = this.#known.get(database);
    if (known?.content === node.content && known.content.size === node.content.size) return known.ids;
    const ids = new Map<string, number>();
    for (const [name = "", , id] of readAccounts(this.#tree, database)) if (!ids.has(name)) ids.set(name, Number(id));
    this.#known.set(database, { content: node.content, ids });
    return ids;
  }
}
