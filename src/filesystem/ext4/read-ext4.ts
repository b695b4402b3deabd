/**
 * Reads an ext4 file system into a tree whose files stay where they are in the image. Built for hostile images: a block belongs to one file, a
 * directory has one name, so neither loops nor repetition can make the tree larger than the image allows.
 *
 * Reads: extents, with and without 64bit, metadata_csum (and then checks every sum), hash trees, attributes in inodes and blocks. Omits: block
 * maps of ext2 and ext3, inline data, a journal that must be replayed, encryption.
 */

import { type FileContent, toByteString } from "../../bytes/content.js";
import { modeTypeOf } from "../../bytes/mode-types.js";
import { uuidText } from "../../bytes/uuid.js";
import { type DirectoryNode, makeDirectory, type Node } from "../../rootfs/tree/node.js";
import { Tree } from "../../rootfs/tree/tree.js";
import { decodeDevice, decodeTime, FAST_SYMLINK_MAX, INODE_FLAGS } from "./inode.js";
import { readDirectoryBlock } from "./read-directory.js";
import { ExtentContent, readExtents } from "./read-extents.js";
import { type ReadInode, readInode, type XattrBlocks } from "./read-inode.js";
import { INODE_ROOT } from "./superblock.js";
import { corrupt, featureNames, openVolume, unsupported, type Volume } from "./volume.js";

/** A file system that was read. */
export interface Ext4Image {
  readonly tree: Tree;
  readonly blockSize: number;
  readonly blocksCount: number;
  /** Lower-case hex with dashes. */
  readonly uuid: string;
  readonly label: string;
  /** In the words of dumpe2fs. */
  readonly features: readonly string[];
}

/** Deeper trees cannot be reached by any path that the kernel takes. */
const DEPTH_MAX = 2048;

/**
 * Reads a file system's tree.
 *
 * @throws AssembleError `ext4/corrupt`, `ext4/unsupported`
 */
export function readExt4(image: FileContent): Ext4Image {
  const volume = openVolume(image);
  const { superblock, blockSize, blocksCount } = volume;
  const shared: XattrBlocks = new Map();
  const nodes = new Map<number, Node>();
  const rootInode = readInode(volume, INODE_ROOT, shared);
  const root = toNode(volume, rootInode);
  if (root.type !== "directory") throw corrupt("its root is no directory");
  nodes.set(INODE_ROOT, root);
  const pending: Pending[] = [{ inode: rootInode, node: root, parent: INODE_ROOT, depth: 0 }];
  while (pending.length > 0) {
    const { inode, node, parent, depth } = pending.pop()!;
    if (depth > DEPTH_MAX) throw unsupported(`directories lie ${depth} deep`);
    for (const { name, ino } of directoryEntries(volume, inode)) {
      if (name === "." || name === "..") {
        if (ino !== (name === "." ? inode.ino : parent)) throw corrupt(`directory ${inode.ino} has a wrong ${name}`);
        continue;
      }
      if (node.entries.has(name)) throw corrupt(`directory ${inode.ino} has a name twice`);
      const known = nodes.get(ino);
      if (known?.type === "directory") throw corrupt(`directory ${ino} has two names`);
      let child: Node | undefined = known;
      if (child === undefined) {
        const childInode = readInode(volume, ino, shared);
        child = toNode(volume, childInode);
        nodes.set(ino, child);
        if (child.type === "directory")
          pending.push({ inode: childInode, node: child, parent: inode.ino, depth: depth + 1 });
      }
      if (child.type !== "directory") child.links++;
      node.entries.set(name, child);
    }
  }
  return {
    tree: new Tree({ root, epoch: root.mtime }),
    blockSize,
    blocksCount,
    uuid: uuidText(superblock.uuid),
    label: new TextDecoder().decode(superblock.volumeName).replace(/\0.*$/s, ""),
    features: featureNames(superblock),
  };
}

interface Pending {
  readonly inode: ReadInode;
  readonly node: DirectoryNode;
  readonly parent: number;
  readonly depth: number;
}

function directoryEntries(volume: Volume, inode: ReadInode): { readonly name: string; readonly ino: number }[] {
  const { ino, size, seed, fields } = inode;
  const { blockSize } = volume;
  const extents = extentsOf(volume, inode);
  const blocks = extents.reduce((sum, { length }) => sum + length, 0);
  if (size % blockSize !== 0 || size === 0 || blocks * blockSize < size)
    throw corrupt(`directory ${ino} has ${size} bytes in ${blocks} blocks`);
  const content = new ExtentContent(volume, extents, size);
  const indexed = (fields.flags & INODE_FLAGS.index) !== 0;
  const entries = [];
  for (let index = 0; index * blockSize < size; index++) {
    const block = content.read(index * blockSize, blockSize);
    for (const entry of readDirectoryBlock(block, { ino, index, indexed, seed })) entries.push(entry);
  }
  return entries;
}

function extentsOf(volume: Volume, { ino, fields, seed }: ReadInode): ReturnType<typeof readExtents> {
  if ((fields.flags & INODE_FLAGS.inlineData) !== 0) throw unsupported(`inode ${ino} has its data inline`);
  if ((fields.flags & INODE_FLAGS.extents) === 0) throw unsupported(`inode ${ino} has no extents`);
  return readExtents(volume, fields.block, { ino, seed });
}

const SIZE_MAX = 2 ** 48;

function toNode(volume: Volume, inode: ReadInode): Node {
  const { ino, fields, size } = inode;
  if (fields.linksCount === 0) throw corrupt(`inode ${ino} is in a directory and not in use`);
  const attributes = {
    mode: fields.mode & 0o7777,
    uid: fields.uidLo + fields.uidHi * 65536,
    gid: fields.gidLo + fields.gidHi * 65536,
    mtime: decodeTime(fields.mtime, fields.mtimeExtra),
    ...(inode.xattrs.size === 0 ? {} : { xattrs: inode.xattrs }),
  };
  switch (modeTypeOf(fields.mode)) {
    case "directory":
      return makeDirectory(attributes);
    case "file": {
      if (size > SIZE_MAX) throw corrupt(`inode ${ino} has ${size} bytes`);
      return {
        type: "file",
        content: new ExtentContent(volume, extentsOf(volume, inode), size),
        links: 0,
        ...attributes,
      };
    }
    case "symlink":
      return { type: "symlink", target: linkTarget(volume, inode), links: 0, ...attributes };
    case "char":
      return { type: "char", ...decodeDevice(fields.block), links: 0, ...attributes };
    case "block":
      return { type: "block", ...decodeDevice(fields.block), links: 0, ...attributes };
    case "fifo":
      return { type: "fifo", links: 0, ...attributes };
    case "socket":
      return { type: "socket", links: 0, ...attributes };
    default:
      throw corrupt(`inode ${ino} has the mode 0${fields.mode.toString(8)}`);
  }
}

function linkTarget(volume: Volume, inode: ReadInode): string {
  const { ino, size, fields } = inode;
  const isFast = size < FAST_SYMLINK_MAX && (fields.flags & INODE_FLAGS.extents) === 0;
  if (size === 0 || size >= volume.blockSize) throw corrupt(`the symbolic link of inode ${ino} has ${size} bytes`);
  const bytes = isFast
    ? fields.block.subarray(0, size)
    : new ExtentContent(volume, extentsOf(volume, inode), size).read();
  const target = toByteString(bytes);
  if (target.includes("\0")) throw corrupt(`the symbolic link of inode ${ino} has NULs`);
  return target;
}
