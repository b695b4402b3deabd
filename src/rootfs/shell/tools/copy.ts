/**
 * Copying nodes as cp(1) of coreutils 9.7 does: shared by cp and install.
 */
import { FileSystemError } from "../../tree/file-system-error.js";
import { type DirectoryNode, type Node, sortedEntries } from "../../tree/node.js";
import { backUp } from "./backup.js";
import { openRead, readAll } from "./open.js";
import { dirName, joinPath } from "./path.js";
import { quoteAlways } from "./quote.js";
import type { Tool } from "./tool.js";

/** How to copy. */
export interface CopyOptions {
  readonly recursive: boolean;
  /** When symbolic links among the sources are followed. */
  readonly dereference: "always" | "command-line" | "never";
  readonly preserve: ReadonlySet<"mode" | "ownership" | "timestamps" | "links" | "xattr">;
  /** Modes are not taken from the source but as for new files (--no-preserve=mode). */
  readonly freshModes: boolean;
  readonly makeLinks: "hard" | "symbolic" | undefined;
  readonly existing: "replace" | "keep" | "keep-and-fail" | "older";
  readonly removeDestination: boolean;
  readonly force: boolean;
  readonly targetIsNoDirectory: boolean;
  readonly verbose: boolean;
}

/** What one run of cp remembers. */
export interface CopyState {
  /** Where each source with several names went. */
  readonly linked: Map<Node, string>;
  /** Canonical paths that this run made: they are not overwritten by another source. */
  readonly made: Set<string>;
}

/** Copies `source` to exactly `target`. Complaints go to the tool. */
export function copyNode(
  tool: Tool,
  paths: { readonly source: string; readonly target: string },
  options: CopyOptions & { readonly state: CopyState; readonly depth: number },
): undefined {
  const { source, target } = paths;
  const { state } = options;
  const follow = options.dereference === "always" || (options.dereference === "command-line" && options.depth === 0);
  let node: Node;
  try {
    node = follow ? tool.stat(source) : tool.lstat(source);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (options.makeLinks === "symbolic") return linkSymbolically(tool, paths);
    return tool.complain(`cannot stat ${quoteAlways(source)}: ${error.text}`);
  }
  if (node.type === "directory" && !options.recursive) {
    return tool.complain(`-r not specified; omitting directory ${quoteAlways(source)}`);
  }
  if (node.type !== "directory" && target.endsWith("/") && tool.find(target)?.type !== "directory") {
    const missing = tool.find(target.replace(/\/+$/, "")) === undefined;
    return tool.complain(
      missing
        ? `cannot create regular file ${quoteAlways(target)}: Not a directory`
        : `cannot stat ${quoteAlways(target)}: Not a directory`,
    );
  }
  try {
    if (node.type === "directory") copyDirectory(tool, { ...paths, node }, options);
    else copyOther(tool, { ...paths, node }, options);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const kind = node.type === "directory" ? "directory" : node.type === "symlink" ? "symbolic link" : "regular file";
    tool.complain(`cannot create ${kind} ${quoteAlways(target)}: ${error.text}`);
  }
  if (options.depth === 0) {
    const path = canonicalPath(tool, target);
    if (path !== undefined) state.made.add(path);
  }
}

type CopyJob = CopyOptions & { readonly state: CopyState; readonly depth: number };

function copyDirectory(
  tool: Tool,
  { source, target, node }: { source: string; target: string; node: DirectoryNode },
  options: CopyJob,
): undefined {
  const { tree, umask } = tool.process;
  const there = tool.find(target, { follow: false });
  const existing = there?.type === "symlink" && options.depth === 0 ? (tool.find(target) ?? there) : there;
  if (existing !== undefined && existing.type !== "directory") {
    return tool.complain(`cannot overwrite non-directory ${quoteAlways(target)} with directory ${quoteAlways(source)}`);
  }
  const sourcePath = tree.realpath(tool.absolute(source));
  const targetPath = tree.resolve(tool.absolute(target)).path;
  if (options.depth === 0 && targetPath === sourcePath) {
    return tool.complain(`${quoteAlways(source)} and ${quoteAlways(target)} are the same file`);
  }
  if (options.depth === 0 && `${targetPath}/`.startsWith(sourcePath === "/" ? "/" : `${sourcePath}/`)) {
    return tool.complain(`cannot copy a directory, ${quoteAlways(source)}, into itself, ${quoteAlways(target)}`);
  }
  const entries = sortedEntries(node);
  if (existing === undefined) {
    const mode = options.freshModes ? 0o777 & ~umask : node.mode & 0o777 & ~umask;
    tree.mkdir(tool.absolute(target.replace(/(?<=.)\/+$/, "")), { mode });
    if (options.verbose) tool.out(`${quoteAlways(source)} -> ${quoteAlways(target)}\n`);
  }
  for (const [name] of entries) {
    copyNode(
      tool,
      { source: joinPath(source, name), target: joinPath(target, name) },
      { ...options, depth: options.depth + 1 },
    );
  }
  const made = tool.stat(target);
  preserveAttributes(node, made, options.preserve);
  if (existing === undefined && !options.preserve.has("mode") && !options.freshModes) {
    made.mode = (node.mode & ~umask & 0o1777) | (made.mode & 0o2000);
  }
}

function copyOther(
  tool: Tool,
  { source, target, node }: { source: string; target: string; node: Exclude<Node, DirectoryNode> },
  options: CopyJob,
): undefined {
  const { tree, umask } = tool.process;
  const { state } = options;
  const there = tool.find(target, { follow: false });
  const writesThrough = node.type === "file" && options.makeLinks === undefined && !options.removeDestination;
  if (there !== undefined) {
    if (options.existing === "keep") return;
    if (options.existing === "keep-and-fail") return tool.complain(`not replacing ${quoteAlways(target)}`);
    const reached = there.type === "symlink" ? tool.find(target) : there;
    if (options.existing === "older" && reached !== undefined && reached.mtime >= node.mtime) return;
    if (there.type === "directory") {
      return tool.complain(
        `cannot overwrite directory ${quoteAlways(target)} with non-directory ${quoteAlways(source)}`,
      );
    }
    const path = canonicalPath(tool, target);
    if (options.depth === 0 && path !== undefined && state.made.has(path)) {
      return tool.complain(`will not overwrite just-created ${quoteAlways(target)} with ${quoteAlways(source)}`);
    }
    const same = reached === node || there === node;
    const backup = tool.has("b") || tool.has("S");
    if (
      same &&
      !backup &&
      (options.makeLinks !== undefined || !options.removeDestination || canonicalPath(tool, source) === path)
    ) {
      if (
        options.makeLinks === "hard" ||
        (options.preserve.has("links") && there === node && canonicalPath(tool, source) !== path)
      )
        return;
      return tool.complain(`${quoteAlways(source)} and ${quoteAlways(target)} are the same file`);
    }
    if (backUp(tool, target) === undefined) {
      if (options.makeLinks !== undefined && !options.force && !options.removeDestination) {
        const kind = options.makeLinks === "hard" ? "hard link" : "symbolic link";
        return tool.complain(`cannot create ${kind} ${quoteAlways(target)} to ${quoteAlways(source)}: File exists`);
      }
      if (writesThrough && there.type === "symlink" && reached === undefined) {
        return tool.complain(`not writing through dangling symlink ${quoteAlways(target)}`);
      }
      const linkWanted = options.preserve.has("links") && node.links > 1 && state.linked.has(node);
      if (!writesThrough || linkWanted || (there.type !== "file" && there.type !== "symlink" && options.recursive)) {
        tree.unlink(tool.absolute(target));
      }
    }
  }
  const absolute = tool.absolute(target);
  if (options.verbose) tool.out(`${quoteAlways(source)} -> ${quoteAlways(target)}\n`);
  if (options.makeLinks === "hard") {
    tree.add(absolute, node);
    return;
  }
  if (options.makeLinks === "symbolic") {
    return linkSymbolically(tool, { source, target });
  }
  if (options.preserve.has("links") && node.links > 1) {
    const earlier = state.linked.get(node);
    if (earlier !== undefined) {
      if (tool.find(earlier, { follow: false }) !== tool.find(target, { follow: false }))
        tree.link(tool.absolute(earlier), absolute);
      return;
    }
    state.linked.set(node, target);
  }
  if (node.type === "file" || (node.type !== "symlink" && !options.recursive)) {
    const fresh = tool.find(target) === undefined;
    const content = node.type === "file" ? node.content : readAll(openRead(tool.process, source));
    const mode = (options.freshModes ? 0o666 : node.mode & 0o777) & ~umask;
    const written = tree.write(absolute, content, fresh ? { mode } : {});
    if (!fresh) written.xattrs?.delete("security.capability");
  } else if (node.type === "symlink") {
    tree.symlink(node.target, absolute);
  } else {
    const parent = tool.stat(dirName(target));
    const gid = parent.mode & 0o2000 ? parent.gid : 0;
    tree.add(absolute, { ...node, links: 0, uid: 0, gid, mtime: tree.epoch, mode: node.mode & ~umask });
  }
  preserveAttributes(node, node.type === "symlink" ? tool.lstat(target) : tool.stat(target), options.preserve);
}

/** cp -s; the source need not exist. */
function linkSymbolically(tool: Tool, { source, target }: { source: string; target: string }): undefined {
  if (!source.startsWith("/") && target.includes("/")) {
    return tool.complain(`${quoteAlways(target)}: can make relative symbolic links only in current directory`);
  }
  tool.process.tree.symlink(source, tool.absolute(target));
}

function preserveAttributes(from: Node, to: Node, preserve: CopyOptions["preserve"]): undefined {
  if (preserve.has("ownership")) {
    to.uid = from.uid;
    to.gid = from.gid;
  }
  if (preserve.has("mode") && to.type !== "symlink") to.mode = from.mode;
  if (preserve.has("xattr") && from.xattrs !== undefined) to.xattrs = new Map(from.xattrs);
  if (preserve.has("timestamps")) to.mtime = from.mtime;
}

/** The canonical path of a name, its last component not followed; undefined when it cannot be reached. */
function canonicalPath(tool: Tool, path: string): string | undefined {
  try {
    return tool.process.tree.resolve(tool.absolute(path), { follow: false }).path;
  } catch (error) {
    if (error instanceof FileSystemError) return undefined;
    throw error;
  }
}
