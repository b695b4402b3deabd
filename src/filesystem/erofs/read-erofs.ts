/**
 * Reads an EROFS image into a tree whose files stay where they are in the image. Built for hostile images: a directory has one name, and what the
 * directories have in entries is no more than the image has room for.
 *
 * Reads: flat and compressed files (lz4, deflate, zstd), attributes. Omits: chunks, encoded extents, fragments, inline clusters, LZMA,
 * blocks of other sizes. Checked by: images of mkfs.erofs, images with flipped bits.
 */

import { type FileContent, toByteString } from "../../bytes/content.js";
import { crc32c } from "../../bytes/crc32c.js";
import { uuidText } from "../../bytes/uuid.js";
import { type DirectoryNode, makeDirectory, type Node } from "../../rootfs/tree/node.js";
import { Tree } from "../../rootfs/tree/tree.js";
import { decodeDirectoryBlock } from "./directory.js";
import { dataOf } from "./erofs-file.js";
import { corrupt, decodeStructure, unsupported } from "./errors.js";
import { type ErofsVolume, type ReadInode, readInode } from "./read-inode.js";
import {
  ALGORITHM,
  BLOCK_BITS,
  BLOCK_BYTES,
  COMPATIBLE,
  DirectoryEntry,
  decodeDevice,
  FILE_TYPE,
  INCOMPATIBLE,
  MAGIC,
  SUPERBLOCK_OFFSET,
  Superblock,
} from "./structures.js";

/** An image that was read. */
export interface ErofsImage {
  readonly tree: Tree;
  readonly blocksCount: number;
  /** Lower-case hex with dashes. */
  readonly uuid: string;
  readonly label: string;
  /** `none`, or the names of what files may be compressed with. */
  readonly compression: string;
  readonly inodes: number;
  readonly timeSeconds: number;
}

const DEPTH_MAX = 2048;
const TARGET_BYTES_MAX = 4095;
const READ_FEATURES = INCOMPATIBLE.zeroPadding | INCOMPATIBLE.compressionConfigs;

/** Whether a content is an EROFS image. */
export function isErofs(image: FileContent): boolean {
  if (image.size < SUPERBLOCK_OFFSET + Superblock.size) return false;
  return Buffer.from(image.read(SUPERBLOCK_OFFSET, 4)).readUInt32LE() === MAGIC;
}

/**
 * Reads an image's tree.
 *
 * @throws AssembleError `filesystem/erofs-invalid`, `filesystem/erofs-unsupported`
 */
export function readErofs(image: FileContent): ErofsImage {
  const superblock = readSuperblock(image);
  const volume = { image, superblock };
  const nodes = new Map<number, Node>();
  const rootInode = readInode(volume, superblock.rootNid);
  const root = toNode(volume, rootInode);
  if (root.type !== "directory") throw corrupt("its root is no directory");
  nodes.set(superblock.rootNid, root);
  const pending: Pending[] = [{ inode: rootInode, node: root, parent: superblock.rootNid, depth: 0 }];
  // Directories do not share blocks, so together they have no more entries than this.
  const budget = { entries: image.size / DirectoryEntry.size };
  while (pending.length > 0) {
    const { inode, node, parent, depth } = pending.pop()!;
    if (depth > DEPTH_MAX) throw corrupt(`directories lie ${depth} deep`);
    let previous = "";
    for (const { name, nid, type } of entriesOf(volume, inode)) {
      if (--budget.entries < 0) throw corrupt("its directories have more entries than there is room for");
      if (name <= previous) throw corrupt(`the name ${JSON.stringify(name)} is out of order`);
      previous = name;
      if (name === "." || name === "..") {
        if (nid !== (name === "." ? inode.nid : parent)) throw corrupt(`directory ${inode.nid} has a wrong ${name}`);
        continue;
      }
      const known = nodes.get(nid);
      if (known?.type === "directory") throw corrupt(`directory ${nid} has two names`);
      let child: Node | undefined = known;
      if (child === undefined) {
        const childInode = readInode(volume, nid);
        child = toNode(volume, childInode);
        nodes.set(nid, child);
        if (child.type === "directory")
          pending.push({ inode: childInode, node: child, parent: inode.nid, depth: depth + 1 });
      }
      if (FILE_TYPE[child.type] !== type) throw corrupt(`inode ${nid} is not of the type that its name has`);
      if (child.type !== "directory") child.links++;
      node.entries.set(name, child);
    }
  }
  return {
    tree: new Tree({ root, epoch: root.mtime }),
    blocksCount: superblock.blocks,
    uuid: uuidText(superblock.uuid),
    label: new TextDecoder().decode(superblock.volumeName).replace(/\0.*$/s, ""),
    compression: compressionOf(superblock),
    inodes: superblock.inodeCount,
    timeSeconds: Number(BigInt.asIntN(64, superblock.buildTime)),
  };
}

interface Pending {
  readonly inode: ReadInode;
  readonly node: DirectoryNode;
  readonly parent: number;
  readonly depth: number;
}

function readSuperblock(image: FileContent): Superblock {
  if (image.size < BLOCK_BYTES) throw corrupt(`it has ${image.size} bytes`);
  const block = image.read(SUPERBLOCK_OFFSET, BLOCK_BYTES - SUPERBLOCK_OFFSET);
  const superblock = decodeStructure(Superblock, block);
  const { magic, checksum, featureCompat, featureIncompat, blockBits, blocks } = superblock;
  if (magic !== MAGIC) throw corrupt("it has no EROFS signature");
  if (blockBits !== BLOCK_BITS) throw unsupported(`its blocks have 2^${blockBits} bytes`);
  if ((featureIncompat & ~READ_FEATURES) !== 0)
    throw unsupported(`it has the features 0x${(featureIncompat & ~READ_FEATURES).toString(16)}`);
  if (superblock.directoryBlockBits !== 0 || superblock.extraDevices !== 0)
    throw unsupported("it has directory blocks of another size, or further devices");
  if ((featureCompat & COMPATIBLE.superblockChecksum) !== 0) {
    const bytes = Uint8Array.from(block);
    new DataView(bytes.buffer).setUint32(Superblock.offsetOf("checksum"), 0, true);
    if (crc32c(bytes) !== checksum) throw corrupt("its superblock has another checksum");
  }
  if (blocks * BLOCK_BYTES > image.size) throw corrupt(`it has ${image.size} bytes of ${blocks} blocks`);
  return superblock;
}

function compressionOf({ featureIncompat, algorithms }: Superblock): string {
  if ((featureIncompat & INCOMPATIBLE.compressionConfigs) === 0) return featureIncompat === 0 ? "none" : "lz4";
  const names = Object.entries(ALGORITHM).filter(([, bit]) => (algorithms & (1 << bit)) !== 0);
  return names.map(([name]) => name).join(" ") || "none";
}

function* entriesOf(volume: ErofsVolume, inode: ReadInode): ReturnType<typeof decodeAll> {
  if (inode.size === 0 || inode.size > volume.image.size)
    throw corrupt(`directory ${inode.nid} has ${inode.size} bytes`);
  yield* decodeAll(dataOf(volume, inode));
}

function* decodeAll(data: FileContent) {
  for (let at = 0; at < data.size; at += BLOCK_BYTES) yield* decodeDirectoryBlock(data.read(at, BLOCK_BYTES));
}

function toNode(volume: ErofsVolume, inode: ReadInode): Node {
  const { type, mode, uid, gid, mtime, xattrs, size, nid } = inode;
  const attributes = { mode, uid, gid, mtime, ...(xattrs.size === 0 ? {} : { xattrs }) };
  if (type === "directory") return makeDirectory(attributes);
  if (type === "file") return { type, content: dataOf(volume, inode), links: 0, ...attributes };
  if (type === "char" || type === "block") return { type, ...decodeDevice(inode.place), links: 0, ...attributes };
  if (type !== "symlink") return { type, links: 0, ...attributes };
  if (size === 0 || size > TARGET_BYTES_MAX) throw corrupt(`the symbolic link of inode ${nid} has ${size} bytes`);
  const target = toByteString(dataOf(volume, inode).read());
  if (target.includes("\0")) throw corrupt(`the symbolic link of inode ${nid} has NULs`);
  return { type, target, links: 0, ...attributes };
}
