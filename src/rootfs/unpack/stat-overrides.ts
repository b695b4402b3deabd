/**
 * dpkg's stat overrides: owner and mode of a path, whatever package ships it.
 *
 * Specification: dpkg-statoverride(1). The file `statoverride` holds `user group mode path` lines.
 */
import type { Tree } from "../tree/tree.js";
import { inPathOrder } from "./hash-order.js";

/** One override; user and group as they were given: a name, or `#id`. */
export interface StatOverride {
  readonly path: string;
  readonly user: string;
  readonly group: string;
  readonly mode: number;
}

const FILE = "/var/lib/dpkg/statoverride";

/** The stat overrides of a tree. */
export class StatOverrides {
  readonly #byPath = new Map<string, StatOverride>();
  readonly #tree: Tree;

  /** Starts with what the tree has. */
  constructor(tree: Tree) {
    this.#tree = tree;
    if (tree.lookup(FILE)?.type !== "file") return;
    for (const line of tree.readText(FILE).split("\n")) {
      const [, user, group, mode, path] = /^(\S+) (\S+) ([0-7]+) (.+)$/.exec(line) ?? [];
      if (path !== undefined)
        this.#byPath.set(path, {
          path,
          user: user as string,
          group: group as string,
          mode: Number.parseInt(mode as string, 8),
        });
    }
  }

  get(path: string): StatOverride | undefined {
    return this.#byPath.get(path);
  }

  /** In the order of the file. */
  all(): readonly StatOverride[] {
    return inPathOrder(this.#byPath.values(), (override) => override.path);
  }

  /** Adds one and writes the file. */
  add(override: StatOverride): void {
    this.#byPath.set(override.path, override);
    this.#write();
  }

  /** Removes one and writes the file. */
  remove(path: string): void {
    this.#byPath.delete(path);
    this.#write();
  }

  #write(): void {
    this.#tree.write(FILE, this.all().map(formatStatOverride).join(""), { mode: 0o644, uid: 0, gid: 0 });
  }
}

/** A line of the file, and of `dpkg-statoverride --list`. */
export function formatStatOverride(override: StatOverride): string {
  const mode = override.mode.toString(8);
  return `${override.user} ${override.group} ${mode} ${override.path}\n`;
}
