/**
 * Names of archive entries, made safe: what `dpkg-deb` builds always starts with `./` and stays below it. Anything else is the
 * work of something that wants to be unpacked elsewhere, and is refused.
 */

import type { DebEntry } from "../../apt/deb/package.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** The absolute path of an entry in the tree, `/` for the root. @throws AssembleError `deb/unsafe-path` */
export function entryPath(name: string, where: string): string {
  return checkedPath(name, { where, what: "path" });
}

/** The absolute path that a hard link's target names. @throws AssembleError `deb/unsafe-path` */
export function hardLinkPath(entry: DebEntry, where: string): string {
  return checkedPath(entry.linkTarget ?? "", { where, what: `target of the hard link ${entry.path}` });
}

/**
 * Refuses entries that an archive leads through a symbolic link of its own: no real package has them, since `dpkg-deb`
 * packs a directory. What other packages' links do (merged /usr) is resolved inside the tree.
 */
export class OwnLinks {
  readonly #links = new Set<string>();
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  /** Checks one path and remembers it if it is a symbolic link. @throws AssembleError `deb/unsafe-path` */
  check(path: string, entry: DebEntry): void {
    if (this.#links.size > 0)
      for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1))
        if (this.#links.has(path.slice(0, at)))
          throw unsafe(
            this.#where,
            `the path ${path}`,
            `it leads through the symbolic link ${path.slice(0, at)} of the same package`,
          );
    if (entry.type === "symlink") this.#links.add(path);
  }
}

/** What `dpkg-deb` never writes after the `.` that a name starts with: empty, `.` and `..` components, control characters. */
const UNUSUAL = /\/(?:\/|\.\.?(?:\/|$))|[\0\n]/;

function checkedPath(name: string, context: { readonly where: string; readonly what: string }): string {
  if (name.startsWith("./") && !UNUSUAL.test(name)) {
    const end = name.endsWith("/") ? name.length - 1 : name.length;
    return end === 1 ? "/" : name.slice(1, end);
  }
  const what = `the ${context.what} "${name}"`;
  if (name.startsWith("/")) throw unsafe(context.where, what, "it is absolute");
  const path = name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  if (path === "" && !/^\.\/*$/.test(name)) throw unsafe(context.where, what, "it is empty");
  if (path === "" || path === ".") return "/";
  if (path.includes("\0") || path.includes("\n")) throw unsafe(context.where, what, "it has a control character");
  for (const part of path.split("/"))
    if (part === ".." || part === "." || part === "")
      throw unsafe(context.where, what, part === "" ? "it has an empty component" : `it has the component ${part}`);
  return `/${path}`;
}

function unsafe(where: string, what: string, fault: string): AssembleError {
  return new AssembleError(
    "deb/unsafe-path",
    `Cannot unpack ${where}: ${what} is unsafe, ${fault}, one that stays inside the tree was wanted`,
    { hint: "The package is damaged or hostile; do not install it." },
  );
}
