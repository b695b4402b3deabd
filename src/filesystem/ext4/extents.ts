/**
 * Extents: which blocks of a file lie where (Linux, Documentation/filesystems/ext4/ifork.rst, "Extent Tree"). Up to four are in the inode, more
 * in a tree of blocks below it, packed full.
 */

import { crc32c } from "../../bytes/crc32c.js";
import { at, layout, u16, u32, type Values } from "../../bytes/layout.js";

/** Heads every node of the tree. */
export const ExtentHeader = layout("ExtentHeader", 12, "little", {
  magic: at(0, u16),
  entries: at(2, u16),
  max: at(4, u16),
  depth: at(6, u16),
  generation: at(8, u32),
});
export type ExtentHeader = Values<typeof ExtentHeader>;

/** An entry of a leaf. */
export const ExtentLeaf = layout("ExtentLeaf", 12, "little", {
  block: at(0, u32),
  length: at(4, u16),
  startHi: at(6, u16),
  startLo: at(8, u32),
});

/** An entry of a node above leaves. */
export const ExtentIndex = layout("ExtentIndex", 12, "little", {
  block: at(0, u32),
  leafLo: at(4, u32),
  leafHi: at(8, u16),
  unused: at(10, u16),
});

export const EXTENT_MAGIC = 0xf30a;
/** Blocks of one extent; a longer number means that the blocks were never written. */
export const EXTENT_LENGTH_MAX = 32768;
const ROOT_ENTRIES = 4;
const ENTRY_BYTES = 12;

/** `length` blocks of a file from its block `logical` on, in the file system from `physical` on. */
export interface Extent {
  readonly logical: number;
  readonly physical: number;
  readonly length: number;
}

/** Entries that a block of the tree holds; a checksum follows them. */
export function extentsPerBlock(blockSize: number): number {
  return Math.floor((blockSize - ENTRY_BYTES) / ENTRY_BYTES);
}

/** How many blocks the tree of so many extents needs below the inode. */
export function extentTreeBlocks(extents: number, blockSize: number): number {
  let total = 0;
  for (let nodes = extents; nodes > ROOT_ENTRIES; total += nodes) nodes = Math.ceil(nodes / extentsPerBlock(blockSize));
  return total;
}

/** An encoded tree: the inode's 60 bytes, and the blocks in the order of the numbers that they were given. */
export interface ExtentTree {
  readonly root: Uint8Array;
  readonly blocks: readonly Uint8Array[];
}

/** Encodes a tree whose blocks below the inode get the numbers of `blockNumbers`. */
export function encodeExtents(
  extents: readonly Extent[],
  options: { readonly blockSize: number; readonly seed: number; readonly blockNumbers: readonly number[] },
): ExtentTree {
  const { blockSize, seed, blockNumbers } = options;
  const perBlock = extentsPerBlock(blockSize);
  const blocks: Uint8Array[] = [];
  let entries = extents.map(({ logical, physical, length }) => ({
    logical,
    bytes: ExtentLeaf.encode({
      block: logical,
      length,
      startHi: Math.floor(physical / 2 ** 32),
      startLo: physical % 2 ** 32,
    }),
  }));
  let depth = 0;
  for (; entries.length > ROOT_ENTRIES; depth++) {
    const above: typeof entries = [];
    for (let first = 0; first < entries.length; first += perBlock) {
      const part = entries.slice(first, first + perBlock);
      const block = new Uint8Array(blockSize);
      fillNode(
        block,
        part.map(({ bytes }) => bytes),
        { max: perBlock, depth },
      );
      const tail = ENTRY_BYTES * (1 + perBlock);
      new DataView(block.buffer).setUint32(tail, crc32c(block.subarray(0, tail), seed), true);
      const number = blockNumbers[blocks.length]!;
      blocks.push(block);
      const { logical } = part[0]!;
      const leafHi = Math.floor(number / 2 ** 32);
      above.push({
        logical,
        bytes: ExtentIndex.encode({ block: logical, leafLo: number % 2 ** 32, leafHi, unused: 0 }),
      });
    }
    entries = above;
  }
  const root = new Uint8Array(60);
  fillNode(
    root,
    entries.map(({ bytes }) => bytes),
    { max: ROOT_ENTRIES, depth },
  );
  return { root, blocks };
}

function fillNode(target: Uint8Array, entries: readonly Uint8Array[], node: { max: number; depth: number }): void {
  ExtentHeader.encodeInto(target, 0, { magic: EXTENT_MAGIC, entries: entries.length, ...node, generation: 0 });
  entries.forEach((entry, i) => {
    target.set(entry, ENTRY_BYTES * (1 + i));
  });
}
