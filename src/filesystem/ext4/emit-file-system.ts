/**
 * The bytes of a planned file system, forward: metadata and data in the order of their blocks, zeros between them.
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
  /** Bytes of the image. */
  readonly size: number;
}

/** Bytes for the blocks from `start` on. */
interface Piece {
  readonly start: number;
  bytes(): Iterable<Uint8Array>;
}

const ZEROS_BYTES = 1 << 20;
const READ_BYTES = 1 << 20;

/** Yields a file system's bytes in order. */
export function* emitFileSystem(plan: FileSystemPlan, identity: Identity): Generator<Uint8Array, void, void> {
  const { blockSize } = plan.geometry;
  const zeros = new Uint8Array(ZEROS_BYTES);
  let at = 0;
  const fill = function* (until: number): Generator<Uint8Array, void, void> {
    for (; at < until; at += ZEROS_BYTES) yield until - at < ZEROS_BYTES ? zeros.subarray(0, until - at) : zeros;
    at = until;
  };
  const seed = fileSystemSeed(identity.uuid);
  const pieces = [...metadataPieces(plan, identity, seed), ...dataPieces(plan, identity, seed)];
  for (const piece of pieces.sort((a, b) => a.start - b.start)) {
    yield* fill(piece.start * blockSize);
    for (const bytes of piece.bytes()) {
      yield bytes;
      at += bytes.length;
    }
  }
  yield* fill(identity.size);
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
    yield { start: groupStart(geometry, group), bytes: () => [block, encoded.descriptors] };
  }
  const byNumber = new Map(plan.inodes.inodes.map((inode, i) => [inode.ino, i]));
  for (const [group, place] of geometry.places.entries()) {
    yield { start: place.blockBitmap, bytes: () => [encoded.blockBitmap(group)] };
    yield { start: place.inodeBitmap, bytes: () => [encoded.inodeBitmap(group)] };
    yield { start: place.inodeTable, bytes: () => inodeTable(plan, { group, seed, byNumber }) };
  }
}

/** The part of a group's inode table that is in use. */
function* inodeTable(
  plan: FileSystemPlan,
  table: { readonly group: number; readonly seed: number; readonly byNumber: ReadonlyMap<number, number> },
): Generator<Uint8Array, void, void> {
  const { inodesPerGroup } = plan.geometry;
  const first = table.group * inodesPerGroup + 1;
  const used = Math.min(inodesPerGroup, plan.inodes.lastInode - first + 1);
  const perChunk = ZEROS_BYTES / INODE_BYTES;
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
      yield { start: blocks.xattrs, bytes: () => [sealedXattrs(block, blocks.xattrs, seed)] };
    }
    for (const extent of blocks.extents)
      yield { start: extent.physical, bytes: () => extentBytes(inode, extent, { plan, identity, seed }) };
    if (blocks.tree.length > 0) {
      const encode = once(() => treeBlocks(inode, blocks, { blockSize, seed }));
      for (const [n, start] of blocks.tree.entries()) yield { start, bytes: () => [encode()[n]!] };
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

/** The bytes of one extent; its last block may be left unfinished. */
function* extentBytes(
  inode: InodePlan,
  extent: Extent,
  context: { readonly plan: FileSystemPlan; readonly identity: Identity; readonly seed: number },
): Generator<Uint8Array, void, void> {
  const { blockSize } = context.plan.geometry;
  const { body } = inode;
  const from = extent.logical * blockSize;
  const length = Math.min(extent.length * blockSize, inode.size - from);
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
