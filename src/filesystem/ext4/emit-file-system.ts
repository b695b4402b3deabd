/**
 * The bytes of a planned file system: metadata and data in the order of their blocks, in runs with zeros between them.
 */

import type { InodeBlocks } from "./allocate-blocks.js";
import { fileSystemSeed, inodeSeed, orphanBlockChecksum, xattrBlockChecksum } from "./checksums.js";
import { encodeDirectory } from "./directory.js";
import { encodeGroups } from "./encode-groups.js";
import { encodeInode } from "./encode-inode.js";
import { encodeSuperblock } from "./encode-superblock.js";
import { type Extent, encodeExtents } from "./extents.js";
import { groupStart, hasSuperblock } from "./geometry.js";
import type { FileSystemPlan } from "./plan-file-system.js";
import type { InodePlan } from "./plan-inodes.js";
import { INODE_BYTES, SUPERBLOCK_OFFSET } from "./superblock.js";

/** What a file system is known by. */
export interface Identity {
  readonly uuid: Uint8Array;
  readonly label: Uint8Array;
  readonly time: number;
  readonly seedBytes: Uint8Array;
  readonly hashSeed: Uint32Array;
  readonly journal: boolean;
}

/** Bytes of a file system that lie side by side. */
export interface FileSystemRun {
  readonly offset: number;
  readonly size: number;
  bytes(): Iterable<Uint8Array>;
}

/** Bytes for the blocks from `start` on. */
interface Piece {
  readonly start: number;
  /** In bytes. */
  readonly size: number;
  bytes(): Iterable<Uint8Array>;
}

const TABLE_BYTES = 1 << 20;
const READ_BYTES = 1 << 20;

/** All that is not zeros, in order and without overlap; what is between two runs is a block at least. */
export function fileSystemRuns(plan: FileSystemPlan, identity: Identity): FileSystemRun[] {
  const { blockSize } = plan.geometry;
  const seed = fileSystemSeed(identity.uuid);
  const pieces = [...metadataPieces(plan, identity, seed), ...dataPieces(plan, identity, seed)];
  const runs: { offset: number; end: number; readonly pieces: Piece[] }[] = [];
  for (const piece of pieces.sort((a, b) => a.start - b.start)) {
    const offset = piece.start * blockSize;
    const last = runs.at(-1);
    const end = offset + piece.size;
    if (last !== undefined && offset - last.end < blockSize) {
      last.pieces.push(piece);
      last.end = end;
    } else runs.push({ offset, end, pieces: [piece] });
  }
  return runs.map(({ offset, end, pieces: own }) => ({
    offset,
    size: end - offset,
    bytes: () => runBytes(own, offset, blockSize),
  }));
}

function* runBytes(pieces: readonly Piece[], offset: number, blockSize: number): Generator<Uint8Array, void, void> {
  let at = offset;
  for (const piece of pieces) {
    const start = piece.start * blockSize;
    if (start > at) yield new Uint8Array(start - at);
    yield* piece.bytes();
    at = start + piece.size;
  }
}

function* metadataPieces(plan: FileSystemPlan, identity: Identity, seed: number): Generator<Piece, void, void> {
  const { geometry } = plan;
  const { blockSize, groups } = geometry;
  const encoded = encodeGroups(plan, seed);
  for (let group = 0; group < groups; group++) {
    if (!hasSuperblock(group)) continue;
    // The first superblock is at byte 1,024, its copies are at the start of their groups' first blocks.
    const isFirst = group === 0;
    const superblock = encodeSuperblock(plan, { ...identity, group, seed });
    const block = new Uint8Array(blockSize);
    block.set(superblock, isFirst && blockSize > SUPERBLOCK_OFFSET ? SUPERBLOCK_OFFSET : 0);
    const size = blockSize + encoded.descriptors.length;
    yield { start: groupStart(geometry, group), size, bytes: () => [block, encoded.descriptors] };
  }
  const byNumber = new Map(plan.inodes.inodes.map((inode, i) => [inode.ino, i]));
  for (const [group, place] of geometry.places.entries()) {
    yield { start: place.blockBitmap, size: blockSize, bytes: () => [encoded.blockBitmap(group)] };
    yield { start: place.inodeBitmap, size: blockSize, bytes: () => [encoded.inodeBitmap(group)] };
    const size = usedInodes(plan, group) * INODE_BYTES;
    if (size > 0) yield { start: place.inodeTable, size, bytes: () => inodeTable(plan, { group, seed, byNumber }) };
  }
}

/** How many inodes at the start of a group's table are in use. */
function usedInodes(plan: FileSystemPlan, group: number): number {
  const { inodesPerGroup } = plan.geometry;
  return Math.max(0, Math.min(inodesPerGroup, plan.inodes.lastInode - group * inodesPerGroup));
}

/** The part of a group's inode table that is in use. */
function* inodeTable(
  plan: FileSystemPlan,
  table: { readonly group: number; readonly seed: number; readonly byNumber: ReadonlyMap<number, number> },
): Generator<Uint8Array, void, void> {
  const { inodesPerGroup } = plan.geometry;
  const first = table.group * inodesPerGroup + 1;
  const used = usedInodes(plan, table.group);
  const perChunk = TABLE_BYTES / INODE_BYTES;
  for (let from = 0; from < used; from += perChunk) {
    const count = Math.min(perChunk, used - from);
    const bytes = new Uint8Array(count * INODE_BYTES);
    for (let i = 0; i < count; i++) {
      const index = table.byNumber.get(first + from + i);
      if (index === undefined) continue;
      const inode = plan.inodes.inodes[index]!;
      const blocks = plan.allocation.blocks[index]!;
      bytes.set(encodeInode(inode, { blocks, blockSize: plan.geometry.blockSize, seed: table.seed }), i * INODE_BYTES);
    }
    yield bytes;
  }
}

function* dataPieces(plan: FileSystemPlan, identity: Identity, seed: number): Generator<Piece, void, void> {
  const { blockSize } = plan.geometry;
  for (const [i, inode] of plan.inodes.inodes.entries()) {
    const blocks = plan.allocation.blocks[i]!;
    const { xattrs } = inode;
    if (xattrs?.block !== undefined) {
      const block = xattrs.block;
      yield { start: blocks.xattrs, size: blockSize, bytes: () => [sealedXattrs(block, blocks.xattrs, seed)] };
    }
    for (const extent of blocks.extents) {
      const size = extentSize(inode, extent, blockSize);
      if (size > 0)
        yield { start: extent.physical, size, bytes: () => extentBytes(inode, extent, { plan, identity, seed }) };
    }
    if (blocks.tree.length > 0) {
      const encode = once(() => treeBlocks(inode, blocks, { blockSize, seed }));
      for (const [n, start] of blocks.tree.entries()) yield { start, size: blockSize, bytes: () => [encode()[n]!] };
    }
  }
}

function sealedXattrs(block: Uint8Array, number: number, seed: number): Uint8Array {
  const sealed = block.slice();
  new DataView(sealed.buffer).setUint32(16, xattrBlockChecksum(block, number, seed), true);
  return sealed;
}

function treeBlocks(
  inode: InodePlan,
  blocks: InodeBlocks,
  { blockSize, seed }: { blockSize: number; seed: number },
): readonly Uint8Array[] {
  const own = inodeSeed(inode.ino, 0, seed);
  return encodeExtents(blocks.extents, { blockSize, seed: own, blockNumbers: blocks.tree }).blocks;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** How many bytes of an extent are not known to be zeros: a journal has its superblock only. */
function extentSize({ body, size }: InodePlan, extent: Extent, blockSize: number): number {
  const left = (body.kind === "bytes" ? body.bytes.length : size) - extent.logical * blockSize;
  return Math.max(0, Math.min(extent.length * blockSize, left));
}

/** The bytes of one extent; its last block may be left unfinished. */
function* extentBytes(
  inode: InodePlan,
  extent: Extent,
  context: { readonly plan: FileSystemPlan; readonly identity: Identity; readonly seed: number },
): Generator<Uint8Array, void, void> {
  const { blockSize } = context.plan.geometry;
  const { body } = inode;
  const from = extent.logical * blockSize;
  const length = extentSize(inode, extent, blockSize);
  const own = inodeSeed(inode.ino, 0, context.seed);
  if (body.kind === "file") {
    for (let done = 0; done < length; ) {
      const bytes = body.node.content.read(from + done, Math.min(READ_BYTES, length - done));
      if (bytes.length === 0) throw new RangeError(`a content of ${inode.size} bytes ended at ${from + done}`);
      yield bytes;
      done += bytes.length;
    }
  } else if (body.kind === "bytes") yield body.bytes.subarray(from, from + length);
  else if (body.kind === "directory") {
    const { plan, parent, entries } = body;
    const { hashSeed } = context.identity;
    const bytes = encodeDirectory(plan, { ino: inode.ino, parent, entries, seed: own, blockSize, hashSeed });
    yield bytes.subarray(from, from + length);
  } else if (body.kind === "orphans") {
    for (let i = 0; i < extent.length; i++) {
      const block = new Uint8Array(blockSize);
      const view = new DataView(block.buffer);
      view.setUint32(blockSize - 8, ORPHAN_MAGIC, true);
      view.setUint32(blockSize - 4, orphanBlockChecksum(block, extent.physical + i, own), true);
      yield block;
    }
  }
}

/** At the end of each block of the orphan file (Linux, Documentation/filesystems/ext4/orphan.rst). */
const ORPHAN_MAGIC = 0x0b10ca04;
