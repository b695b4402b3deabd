/**
 * A tree that was read out of a file system, as entries: the root itself first, then every path in byte order.
 */

import type { Node } from "../../rootfs/tree/node.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import type { ArtifactEntry } from "./artifact-entry.js";

/** All files of a tree; further names of a node are hard links to the first. */
export async function* walkTree(tree: Tree): AsyncGenerator<ArtifactEntry, void, void> {
  const first = new Map<Node, string>();
  yield toEntry("", tree.root, undefined);
  for (const { path, node } of tree.walk()) {
    const name = path.slice(1);
    const known = first.get(node);
    if (known === undefined) first.set(node, name);
    yield toEntry(name, node, known);
  }
}

function toEntry(path: string, node: Node, first: string | undefined): ArtifactEntry {
  const content = node.type === "file" && first === undefined ? node.content : undefined;
  return {
    path,
    type: node.type,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtimeSeconds: node.mtime,
    xattrs: node.xattrs ?? new Map(),
    size: content?.size ?? 0,
    ...(node.type === "symlink" ? { target: node.target } : {}),
    ...(node.type === "char" || node.type === "block" ? { device: [node.major, node.minor] as const } : {}),
    ...(node.type === "file" && first !== undefined ? { hardLinkTo: first } : {}),
    async *chunks() {
      if (content !== undefined) yield* content.chunks();
    },
  };
}
