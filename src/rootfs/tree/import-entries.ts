/**
 * Lays files over a tree: the recipe's skeleton and extra trees, from a directory of the host or a tar archive.
 *
 * A directory that is there stays as it is, also behind a symbolic link (merged /usr); anything else is replaced. Times are the
 * tree's epoch.
 */

import type { FileContent } from "../../bytes/content.js";
import { contentOfBytes } from "../../bytes/content.js";
import type { TarEntry } from "../../codec/tar/entry.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { HostEntry } from "../../io/host-directory.js";
import { FileSystemError } from "./file-system-error.js";
import { makeDirectory, type Node, type NodeAttributes } from "./node.js";
import type { Place } from "./resolve-path.js";
import type { Tree } from "./tree.js";

const NO_FOLLOW = { follow: false } as const;

/** Where to lay the files, and whose they are. */
export interface ImportOptions {
  /** Names the source in errors. */
  readonly source: string;
  /** Absolute path in the tree, a byte string; made if it is missing. */
  readonly target: string;
  /** Of files; absent: 0755 for executables, else 0644; of a tar as it says. */
  readonly mode?: number | undefined;
  /** Absent: root; of a tar as it says. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** An entry of a tar with its content, if it is a file. */
export type TarImportEntry = Omit<TarEntry, "offset" | "size"> & { readonly content?: FileContent | undefined };

/** Lays what `readHostDirectory` found over a tree. @throws AssembleError `rootfs/import-conflict` */
export function importHostEntries(tree: Tree, entries: readonly HostEntry[], options: ImportOptions): void {
  const owner = { uid: options.uid ?? 0, gid: options.gid ?? 0, mtime: tree.epoch };
  prepareTarget(tree, options);
  for (const entry of entries) {
    const path = joined(options.target, entry.path);
    if (entry.type === "directory") place(tree, path, { node: makeDirectory({ ...owner, mode: 0o755 }), options });
    else if (entry.type === "symlink")
      place(tree, path, {
        node: { type: "symlink", target: entry.target ?? "", links: 0, ...owner, mode: 0o777 },
        options,
      });
    else {
      const mode = options.mode ?? (entry.executable ? 0o755 : 0o644);
      place(tree, path, { node: { type: "file", content: entry.content!, links: 0, ...owner, mode }, options });
    }
  }
}

/**
 * Lays the entries of a tar over a tree; modes, numeric owners and extended attributes as they are in it.
 *
 * @throws AssembleError `rootfs/import-conflict`; `rootfs/import-unsafe` for names that are absolute or have `..` in them
 */
export function importTarEntries(tree: Tree, entries: Iterable<TarImportEntry>, options: ImportOptions): void {
  prepareTarget(tree, options);
  for (const entry of entries) {
    const name = safeName(entry.path, options);
    const attributes: NodeAttributes = {
      mode: entry.type === "file" || entry.type === "hardlink" ? (options.mode ?? entry.mode) : entry.mode,
      uid: options.uid ?? entry.uid,
      gid: options.gid ?? entry.gid,
      mtime: tree.epoch,
    };
    if (entry.xattrs !== undefined && entry.xattrs.size > 0) attributes.xattrs = new Map(entry.xattrs);
    if (name === "") continue;
    const path = joined(options.target, name);
    place(tree, path, { node: tarNode(tree, entry, { attributes, options }), options });
  }
}

function tarNode(
  tree: Tree,
  entry: TarImportEntry,
  context: { readonly attributes: NodeAttributes; readonly options: ImportOptions },
): Node {
  const { attributes, options } = context;
  switch (entry.type) {
    case "directory":
      return makeDirectory(attributes);
    case "symlink":
      return { type: "symlink", target: entry.linkTarget ?? "", links: 0, ...attributes };
    case "char":
    case "block":
      return { type: entry.type, major: entry.major ?? 0, minor: entry.minor ?? 0, links: 0, ...attributes };
    case "fifo":
      return { type: "fifo", links: 0, ...attributes };
    case "file":
      return { type: "file", content: entry.content ?? contentOfBytes(new Uint8Array(0)), links: 0, ...attributes };
    case "hardlink": {
      const target = joined(options.target, safeName(entry.linkTarget ?? "", options));
      const node = tree.lookup(target, { follow: false });
      if (node === undefined || node.type === "directory")
        throw conflict(
          options,
          `the hard link ${entry.path} leads to ${entry.linkTarget}, which is no file of the archive before it`,
        );
      return node;
    }
  }
}

function prepareTarget(tree: Tree, options: ImportOptions): void {
  try {
    tree.mkdirs(options.target, { mode: 0o755 });
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    throw conflict(options, `${options.target} has a file where a directory was wanted`);
  }
}

/** Puts a node into its place; what is missing before it is made. */
function place(tree: Tree, path: string, item: { readonly node: Node; readonly options: ImportOptions }): void {
  const { node, options } = item;
  try {
    const existing = placeOf(tree, path).node;
    if (existing === node) return;
    if (node.type === "directory" && existing !== undefined && tree.lookup(path)?.type === "directory") return;
    if (existing?.type === "directory")
      throw conflict(options, `${path} is a directory in the tree, a ${node.type} in the source`);
    if (existing !== undefined) tree.unlink(path);
    tree.add(path, node);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    throw conflict(options, `${path}: ${error.text.toLowerCase()}`);
  }
}

/** Where a path leads; the directories before it are made. @throws FileSystemError */
function placeOf(tree: Tree, path: string): Place {
  try {
    return tree.resolve(path, NO_FOLLOW);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent !== "" && tree.lookup(parent) === undefined) tree.mkdirs(parent, { mode: 0o755 });
    return tree.resolve(path, NO_FOLLOW);
  }
}

function joined(target: string, name: string): string {
  const base = target.replace(/\/+$/, "");
  return `${base}/${name}`;
}

function safeName(name: string, options: ImportOptions): string {
  const path = name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  if (name.startsWith("/") || path.includes("\0") || (path.includes("..") && path.split("/").includes("..")))
    throw new AssembleError(
      "rootfs/import-unsafe",
      `Cannot lay ${options.source} over the tree: it has the path "${name}", a relative one without ".." was wanted`,
    );
  return path === "." ? "" : path;
}

function conflict(options: ImportOptions, is: string): AssembleError {
  return new AssembleError("rootfs/import-conflict", `Cannot lay ${options.source} over the tree: ${is}`, {
    hint: "With merged /usr, files belong below /usr/bin, /usr/lib and /usr/sbin.",
  });
}
