/**
 * Extracts a data archive the way `tar --keep-directory-symlink -x` does: the first stage of a new root, before there is a dpkg.
 *
 * Observed with GNU tar 1.34 as root: a directory that is there gets the entry's mode, owner and, in the end, time; anything else is
 * replaced; a symbolic link to a directory is kept where the archive has a directory. Configuration files that are there (from a
 * skeleton tree) are left alone, since the later unpacking takes them for the administrator's.
 */

import type { DebEntry } from "../../apt/deb/package.js";
import type { Node } from "../tree/node.js";
import type { Tree } from "../tree/tree.js";
import { entryPath, hardLinkPath, OwnLinks } from "./entry-path.js";
import { entryAttributes, entryNode, linkedNode, placeOf, replaceNode } from "./place-node.js";

/** How to extract. */
export interface ExtractOptions {
  /** Names the package in errors. */
  readonly where: string;
  /** Paths not to touch if they are there. */
  readonly keep: ReadonlySet<string>;
}

/** Extracts every entry. @throws AssembleError `deb/unsafe-path`, `unpack/…` */
export function extractArchive(tree: Tree, entries: readonly DebEntry[], options: ExtractOptions): void {
  const links = new OwnLinks(options.where);
  const times: [directory: Node, mtime: number][] = [];
  for (const entry of entries) {
    const path = entryPath(entry.path, options.where);
    links.check(path, entry);
    const attributes = entryAttributes(entry, tree);
    if (path === "/") {
      times.push([Object.assign(tree.root, attributes), attributes.mtime]);
      continue;
    }
    const place = placeOf(tree, path, options.where);
    if (entry.type === "directory") {
      if (place.node?.type === "symlink" && tree.lookup(path)?.type === "directory") continue;
      if (place.node?.type === "directory") {
        times.push([Object.assign(place.node, attributes), attributes.mtime]);
        continue;
      }
    }
    if (place.node !== undefined && options.keep.has(path)) continue;
    const node =
      entry.type === "hardlink"
        ? linkedNode(tree, hardLinkPath(entry, options.where), { entry, where: options.where })
        : entryNode(entry, attributes);
    if (node !== place.node) replaceNode(tree, place, node);
    if (entry.type === "directory") times.push([node, attributes.mtime]);
  }
  // What was put into the directories has changed their times.
  for (const [directory, mtime] of times) directory.mtime = mtime;
}
