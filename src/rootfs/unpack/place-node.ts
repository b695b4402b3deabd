/**
 * Makes the node of an archive's entry: attributes as the archive states them, times no later than the tree's epoch.
 */

import type { DebEntry } from "../../apt/deb/package.js";
import { contentOfBytes } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { FileSystemError } from "../tree/file-system-error.js";
import { makeDirectory, type Node, type NodeAttributes } from "../tree/node.js";
import type { Place } from "../tree/resolve-path.js";
import type { Tree } from "../tree/tree.js";
import type { AccountNames } from "./account-names.js";

/** The attributes that an entry's node gets. */
export function entryAttributes(entry: DebEntry, tree: Tree, accounts?: AccountNames): NodeAttributes {
  const attributes: NodeAttributes = {
    mode: entry.type === "symlink" ? 0o777 : entry.mode & 0o7777,
    uid: accounts?.id("passwd", entry.user, entry.uid) ?? entry.uid,
    gid: accounts?.id("group", entry.group, entry.gid) ?? entry.gid,
    mtime: Math.min(entry.mtime, tree.epoch),
  };
  if (entry.xattrs !== undefined && entry.xattrs.size > 0) attributes.xattrs = new Map(entry.xattrs);
  return attributes;
}

/** A new node for an entry that is no hard link. */
export function entryNode(entry: DebEntry, attributes: NodeAttributes): Node {
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
    default:
      return { type: "file", content: entry.content ?? contentOfBytes(new Uint8Array(0)), links: 0, ...attributes };
  }
}

/** The place of a path, its last component not followed. @throws AssembleError `unpack/no-parent` */
export function placeOf(tree: Tree, path: string, where: string): Place {
  try {
    return tree.resolve(path, { follow: false });
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const is = error.errno === "ENOTDIR" ? "a component before the last is no directory" : error.text.toLowerCase();
    throw new AssembleError(
      "unpack/no-parent",
      `Cannot unpack ${path} of ${where}: ${is}, an entry for each directory before what is in it was wanted`,
      {
        cause: error,
        hint: "A skeleton tree may have a file where the package has a directory; else the package is damaged.",
      },
    );
  }
}

/** Puts a node in the place of a path, instead of what is there. @throws AssembleError `unpack/directory-in-the-way` */
export function replaceNode(tree: Tree, place: Place, node: Node): void {
  if (place.node?.type === "directory")
    throw new AssembleError(
      "unpack/directory-in-the-way",
      `Cannot unpack ${place.path}: a directory is there, a ${node.type} was wanted`,
      {
        hint: "A skeleton tree may have made it; with merged /usr, its files belong below /usr/bin, /usr/lib and /usr/sbin.",
      },
    );
  if (place.node !== undefined) tree.unlink(place.path);
  tree.add(place.path, node);
}

/** The node that a hard link leads to. @throws AssembleError `unpack/bad-hard-link` */
export function linkedNode(
  tree: Tree,
  path: string,
  context: { readonly entry: DebEntry; readonly where: string },
): Node {
  const node = tree.lookup(path, { follow: false });
  if (node === undefined || node.type === "directory")
    throw new AssembleError(
      "unpack/bad-hard-link",
      `Cannot unpack the hard link ${context.entry.path} of ${context.where}: ` +
        `${node === undefined ? "nothing" : "a directory"} is at ${path}, a file unpacked before was wanted`,
    );
  return node;
}
