/**
 * Path resolution in a tree: symbolic links resolve the way the kernel resolves them inside the root (path_resolution(7)). An absolute
 * target starts at this root again, `..` above the root stays at the root, so nothing outside can be reached.
 */
import { FileSystemError } from "./file-system-error.js";
import type { DirectoryNode, Node } from "./node.js";

/** Where a path leads: its parent directory, its last name, and the node if there is one. */
export interface Place {
  readonly parent: DirectoryNode;
  /** Last component; empty for the root itself. */
  readonly name: string;
  /** Canonical absolute path without symbolic links (but for the last component when it was not followed). */
  readonly path: string;
  readonly node: Node | undefined;
}

/** How to resolve a path. */
export interface ResolveOptions {
  /** Follow a symbolic link in the last component (default true). */
  readonly follow?: boolean;
  /** Canonical directory that a relative path starts from (default the root). */
  readonly from?: string;
}

/** The kernel's limit of symbolic links in one resolution (fs/namei.c, MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/**
 * Resolves a path down to its last component, which need not exist.
 *
 * @throws FileSystemError ENOENT or ENOTDIR when a component before the last is missing or no directory; ELOOP.
 */
export function resolvePath(root: DirectoryNode, path: string, options: ResolveOptions = {}): Place {
  const follow = options.follow ?? true;
  const plain = options.from === undefined || path.startsWith("/") ? resolvePlain(root, path, follow) : undefined;
  if (plain !== undefined) return plain;
  const stack: { node: DirectoryNode; name: string }[] = [];
  const enter = (start: string): void => {
    for (const name of start.split("/")) {
      if (name === "" || name === ".") continue;
      const node = (stack.at(-1)?.node ?? root).entries.get(name);
      if (node?.type !== "directory") throw new FileSystemError("ENOENT", path);
      stack.push({ node, name });
    }
  };
  if (options.from !== undefined && !path.startsWith("/")) enter(options.from);
  const here = (): DirectoryNode => stack.at(-1)?.node ?? root;
  const canonical = (): string => `/${stack.map((entry) => entry.name).join("/")}`;
  const pending = path.split("/").reverse();
  let directoryWanted = path.endsWith("/");
  let symlinks = 0;
  if (path === "") throw new FileSystemError("ENOENT", path);
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      stack.pop();
      continue;
    }
    const parent = here();
    const node = parent.entries.get(name);
    const last = !pending.some((rest) => rest !== "" && rest !== ".");
    if (last && pending.includes(".")) directoryWanted = true;
    if (node === undefined) {
      if (!last) throw new FileSystemError("ENOENT", path);
      const base = canonical();
      return { parent, name, path: base === "/" ? `/${name}` : `${base}/${name}`, node };
    }
    if (node.type === "symlink" && (!last || follow || directoryWanted)) {
      if (++symlinks > MAX_SYMLINKS) throw new FileSystemError("ELOOP", path);
      if (node.target.startsWith("/")) stack.length = 0;
      if (last && node.target.endsWith("/")) directoryWanted = true;
      for (const part of node.target.split("/").reverse()) pending.push(part);
      continue;
    }
    if (node.type === "directory") {
      stack.push({ node, name });
      continue;
    }
    if (!last || directoryWanted) throw new FileSystemError("ENOTDIR", path);
    const base = canonical();
    return { parent, name, path: base === "/" ? `/${name}` : `${base}/${name}`, node };
  }
  const top = stack.at(-1);
  if (top === undefined) return { parent: root, name: "", path: "/", node: root };
  return { parent: stack.at(-2)?.node ?? root, name: top.name, path: canonical(), node: top.node };
}

/** The place of a path without links, `.`, `..` or empty components, as most are; undefined where it takes the long way. */
function resolvePlain(root: DirectoryNode, path: string, follow: boolean): Place | undefined {
  let parent = root;
  for (let at = path.startsWith("/") ? 1 : 0; ; ) {
    const slash = path.indexOf("/", at);
    const name = slash < 0 ? path.slice(at) : path.slice(at, slash);
    if (name === "" || name === "." || name === "..") return undefined;
    const node = parent.entries.get(name);
    if (slash < 0) {
      if (node?.type === "symlink" && follow) return undefined;
      return { parent, name, path: path.startsWith("/") ? path : `/${path}`, node };
    }
    if (node?.type !== "directory") return undefined;
    parent = node;
    at = slash + 1;
  }
}
