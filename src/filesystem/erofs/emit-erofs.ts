/**
 * The bytes of a planned image, forward: the superblock, inodes with what follows them, shared attributes, data.
 */
import { type Content, readContent } from "../../bytes/content.js";
import { crc32c } from "../../bytes/crc32c.js";
import { modeTypes } from "../../bytes/mode-types.js";
import { type DirectoryNode, type Node, sortedEntries } from "../../rootfs/tree/node.js";
import { encodeIndex } from "./cluster-index.js";
import { encodeDirectory } from "./directory.js";
import { blocksOf } from "./extent-table.js";
import type { DataRun, InodeData } from "./plan-data.js";
import { inodeBytes, type PlannedInode } from "./plan-inodes.js";
import {
  alignUp,
  BLOCK_BYTES,
  CompactInode,
  DATA_LAYOUT,
  ExtendedInode,
  encodeDevice,
  FILE_TYPE,
  NO_BLOCK,
  SLOT_BYTES,
  SUPERBLOCK_OFFSET,
  Superblock,
} from "./structures.js";
import { xattrCountOf } from "./xattrs.js";

/** All that the bytes are made of. */
export interface ErofsPlan {
  /** With its checksum still zero. */
  readonly superblock: Superblock;
  /** What follows the superblock. */
  readonly configs: Uint8Array;
  readonly inodes: ReadonlyMap<Node, PlannedInode>;
  /** In the order of their places. */
  readonly data: readonly { readonly data: InodeData; readonly offset: number }[];
  readonly offsetOf: ReadonlyMap<PlannedInode, number>;
  /** Of compressed files. */
  readonly algorithm: number;
  readonly metadataBlocks: number;
  readonly sharedXattrs: Uint8Array;
  readonly dataBlock: number;
  readonly compressed: readonly Content[];
  readonly runs: readonly DataRun[];
}

/** Yields an image's bytes in order; `passing` as for the chunks of a content. */
export async function* emitErofs(plan: ErofsPlan, passing?: boolean): AsyncGenerator<Uint8Array, void, void> {
  let first: Uint8Array | undefined = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  for await (const piece of metadata(plan)) {
    // The superblock's checksum is over all of its block, which inodes lie in too.
    if (first === undefined) {
      yield piece;
      continue;
    }
    const part = piece.subarray(0, BLOCK_BYTES - filled);
    first.set(part, filled);
    filled += part.length;
    if (filled < BLOCK_BYTES) continue;
    yield sealed(first);
    first = undefined;
    if (part.length < piece.length) yield piece.subarray(part.length);
  }
  yield plan.sharedXattrs;
  yield new Uint8Array(alignUp(plan.sharedXattrs.length, BLOCK_BYTES) - plan.sharedXattrs.length);
  for (const content of plan.compressed) yield* content.chunks(passing);
  for (const { content, inode, blocks } of plan.runs) {
    const room = blocks * BLOCK_BYTES;
    let left = room;
    for await (const chunk of content === undefined ? [directoryBytes(plan, inode)] : content.chunks(passing)) {
      // The tail lies behind the inode.
      if (left > 0) yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.length);
    }
    if (left > 0) yield new Uint8Array(left);
  }
}

function sealed(block: Uint8Array): Uint8Array {
  const checksum = crc32c(block.subarray(SUPERBLOCK_OFFSET));
  const view = new DataView(block.buffer, block.byteOffset);
  view.setUint32(SUPERBLOCK_OFFSET + Superblock.offsetOf("checksum"), checksum, true);
  return block;
}

async function* metadata(plan: ErofsPlan): AsyncGenerator<Uint8Array, void, void> {
  const head = new Uint8Array(SUPERBLOCK_OFFSET + Superblock.size + plan.configs.length);
  Superblock.encodeInto(head, SUPERBLOCK_OFFSET, plan.superblock);
  head.set(plan.configs, SUPERBLOCK_OFFSET + Superblock.size);
  yield head;
  let end = head.length;
  for (const { data, offset } of plan.data) {
    if (offset > end) yield new Uint8Array(offset - end);
    yield encodeInode(plan, data);
    yield data.xattrs;
    const body = await bodyOf(plan, data);
    const used = inodeBytes(data.inode) + data.xattrs.length;
    const padding = data.bytes - used - body.length;
    if (padding > 0) yield new Uint8Array(padding);
    yield body;
    end = offset + data.bytes;
  }
  yield new Uint8Array(plan.metadataBlocks * BLOCK_BYTES - end);
}

async function bodyOf(plan: ErofsPlan, { inode, layout, xattrs, compressed, tail }: InodeData): Promise<Uint8Array> {
  const { node, size } = inode;
  if (compressed !== undefined)
    return encodeIndex(layout, compressed.extents, {
      size,
      start: alignUp(inodeBytes(inode) + xattrs.length, 8),
      firstBlock: plan.dataBlock + compressed.block,
      algorithm: plan.algorithm,
    });
  if (tail === 0) return new Uint8Array(0);
  if (node.type === "directory") return directoryBytes(plan, inode).subarray(size - tail);
  if (node.type === "symlink") return Buffer.from(node.target, "latin1");
  if (node.type !== "file") throw new TypeError(`A ${node.type} has no data`);
  // All of a small file is held to its sha256; of a larger one the whole is, where the rest of it is written.
  return tail === size ? readContent(node.content) : node.content.read(size - tail, tail);
}

function directoryBytes(plan: ErofsPlan, inode: PlannedInode): Uint8Array {
  const node = inode.node as DirectoryNode;
  const entries = new Map(sortedEntries(node));
  return encodeDirectory(inode.nameBlocks, (name) => {
    const target =
      name === "." ? inode : name === ".." ? (inode.parent ?? inode) : plan.inodes.get(entries.get(name)!)!;
    return { nid: plan.offsetOf.get(target)! / SLOT_BYTES, type: FILE_TYPE[target.node.type] };
  });
}

function encodeInode(plan: ErofsPlan, data: InodeData): Uint8Array {
  const { inode, compressed, block, layout } = data;
  const { node, links, number, size } = inode;
  const isDevice = node.type === "char" || node.type === "block";
  const blocks = compressed && blocksOf(compressed.extents);
  const common = {
    format: (inode.extended ? 1 : 0) | ((size === 0 ? DATA_LAYOUT.plain : layout) << 1),
    xattrCount: xattrCountOf(data.xattrs),
    mode: modeTypes[node.type] | node.mode,
    reserved: 0,
    size,
    place: isDevice
      ? encodeDevice(node.major, node.minor)
      : (blocks ?? (block === undefined ? NO_BLOCK : plan.dataBlock + block)),
    number,
    uid: node.uid,
    gid: node.gid,
    links,
  };
  if (!inode.extended) return CompactInode.encode({ ...common, reserved2: 0 });
  return ExtendedInode.encode({
    ...common,
    mtimeSeconds: BigInt.asUintN(64, BigInt(Math.floor(node.mtime))),
    mtimeNanoseconds: 0,
    reserved2: new Uint8Array(16),
  });
}
