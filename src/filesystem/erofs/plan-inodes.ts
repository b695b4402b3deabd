/**
 * The inodes of an image: every node of the tree once, the root first, parents before children.
 */
import { type DirectoryNode, type Node, sortedEntries } from "../../rootfs/tree/node.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import { blocksOfNames, directorySize } from "./directory.js";
import { unrepresentable } from "./errors.js";
import { CompactInode, ExtendedInode } from "./structures.js";

/** A node that gets an inode. */
export interface PlannedInode {
  readonly node: Node;
  /** The first path, for messages. */
  readonly path: string;
  /** From 1. */
  readonly number: number;
  /** Of a directory itself or the one above; of others, where they were first found. */
  readonly parent: PlannedInode | undefined;
  links: number;
  /** Bytes of its data. */
  readonly size: number;
  /** Of a directory: its names as they fall into blocks. */
  readonly nameBlocks: readonly (readonly string[])[];
  /** Whether it needs 64 bytes. */
  extended: boolean;
}

const NAME_BYTES_MAX = 255;
const TARGET_BYTES_MAX = 4095;
const DEVICE_MAJOR_MAX = 0xfff;
const DEVICE_MINOR_MAX = 0xfffff;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;

/** Plans the nodes of a tree. `time` is that of the compact inodes. @throws AssembleError `filesystem/erofs-unrepresentable` */
export function planInodes(tree: Tree, time: number): ReadonlyMap<Node, PlannedInode> {
  const inodes = new Map<Node, PlannedInode>();
  const add = (node: Node, path: string, parent: PlannedInode | undefined): PlannedInode => {
    const nameBlocks = node.type === "directory" ? blocksOfNames(node.entries.keys()) : [];
    const planned: PlannedInode = {
      node,
      path,
      number: inodes.size + 1,
      parent,
      links: node.type === "directory" ? 2 : 1,
      size: sizeOf(node, nameBlocks),
      nameBlocks,
      extended: false,
    };
    refuseUnrepresentable(planned);
    inodes.set(node, planned);
    return planned;
  };
  const pending = [add(tree.root, "", undefined)];
  while (pending.length > 0) {
    const self = pending.pop()!;
    const below: PlannedInode[] = [];
    for (const [name, node] of sortedEntries(self.node as DirectoryNode)) {
      const known = inodes.get(node);
      if (known !== undefined) {
        known.links++;
        continue;
      }
      if (name.length > NAME_BYTES_MAX)
        throw unrepresentable(`${self.path}/${name}`, `its name has ${name.length} bytes, at most ${NAME_BYTES_MAX}`);
      const planned = add(node, `${self.path}/${name}`, self);
      if (node.type !== "directory") continue;
      self.links++;
      below.push(planned);
    }
    pending.push(...below.reverse());
  }
  for (const inode of inodes.values()) inode.extended = needsExtended(inode, time);
  return inodes;
}

/** Bytes of an inode without what follows it. */
export function inodeBytes({ extended }: PlannedInode): number {
  return extended ? ExtendedInode.size : CompactInode.size;
}

function sizeOf(node: Node, nameBlocks: readonly (readonly string[])[]): number {
  if (node.type === "directory") return directorySize(nameBlocks);
  if (node.type === "file") return node.content.size;
  return node.type === "symlink" ? node.target.length : 0;
}

function needsExtended({ node, links, size }: PlannedInode, time: number): boolean {
  return node.mtime !== time || node.uid > U16_MAX || node.gid > U16_MAX || links > U16_MAX || size > U32_MAX;
}

function refuseUnrepresentable({ node, path }: PlannedInode): void {
  if (node.type === "symlink" && (node.target === "" || node.target.length > TARGET_BYTES_MAX))
    throw unrepresentable(path, `its target has ${node.target.length} bytes, 1 to ${TARGET_BYTES_MAX} were wanted`);
  if (node.type !== "char" && node.type !== "block") return;
  const { major, minor } = node;
  if (major < 0 || major > DEVICE_MAJOR_MAX || minor < 0 || minor > DEVICE_MINOR_MAX)
    throw unrepresentable(
      path,
      `its device number is ${major}:${minor}, at most ${DEVICE_MAJOR_MAX}:${DEVICE_MINOR_MAX} was wanted`,
    );
}
