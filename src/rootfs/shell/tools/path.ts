/**
 * Path arithmetic on byte strings, and canonical paths as realpath(1) and readlink(1) make them.
 */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Tree } from "../../tree/tree.js";

/** The last component without trailing slashes; "/" for the root. */
export function baseName(path: string): string {
  const stripped = path.replace(/\/+$/, "");
  if (stripped === "") return path === "" ? "" : "/";
  return stripped.slice(stripped.lastIndexOf("/") + 1);
}

/** What is before the last component: ".", "/" or a path without trailing slashes. */
export function dirName(path: string): string {
  const stripped = path.replace(/\/+$/, "");
  const slash = stripped.lastIndexOf("/");
  if (slash < 0) return stripped === "" && path !== "" ? "/" : ".";
  return stripped.slice(0, slash).replace(/\/+$/, "") || "/";
}

/** `directory/name` with exactly one slash between. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** Which components must exist. */
export type Existing = "all" | "all-but-last" | "none";

/** An absolute path without symbolic links, dots or repeated slashes. @throws FileSystemError */
export function canonicalize(tree: Tree, absolute: string, existing: Existing): string {
  if (existing === "all") return tree.realpath(absolute);
  if (existing === "all-but-last") {
    const trimmed = absolute.replace(/\/+$/, "") || "/";
    const { path, node } = tree.resolve(trimmed);
    if (node !== undefined && node.type !== "directory" && trimmed !== absolute) {
      throw new FileSystemError("ENOTDIR", absolute);
    }
    return path;
  }
  let at = "/";
  const pending = absolute.split("/").reverse();
  let links = 0;
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = dirName(at);
      continue;
    }
    const next = joinPath(at, name);
    const node = tree.lookup(next, { follow: false });
    if (node?.type === "symlink" && ++links <= 40) {
      if (node.target.startsWith("/")) at = "/";
      pending.push(...node.target.split("/").reverse());
    } else at = next;
  }
  return at;
}

/** An absolute path with dots and repeated slashes taken out, symbolic links left alone. */
export function normalizePath(absolute: string): string {
  const parts: string[] = [];
  for (const name of absolute.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") parts.pop();
    else parts.push(name);
  }
  return `/${parts.join("/")}`;
}

/** The path that leads from the directory `from` to `to`; both absolute and canonical. */
export function relativePath(from: string, to: string): string {
  const a = from.split("/").filter((name) => name !== "");
  const b = to.split("/").filter((name) => name !== "");
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common++;
  return [...a.slice(common).map(() => ".."), ...b.slice(common)].join("/") || ".";
}
