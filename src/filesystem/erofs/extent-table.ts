/** Extents of compressed files in memory, and what an index is made of. */
import { BLOCK_BYTES } from "./structures.js";

/** Bytes of a file that were compressed together. */
export interface ClusterExtent {
  /** Of the file. */
  readonly size: number;
  /** Stored. */
  readonly blocks: number;
  /** Stored as they are: one block. */
  readonly plain: boolean;
}

/** Extents of many files in memory: a size and a word of `extentWord` each. A disk of gigabytes that does not compress has millions. */
export type ExtentTable = readonly Uint32Array[];

const PLAIN = 0x80000000;

/** The number of blocks of an extent, with the highest bit for a plain one. */
export function extentWord({ blocks, plain }: ClusterExtent): number {
  return blocks + (plain ? PLAIN : 0);
}

/** The extents of a table. */
export function* extentsOf(table: ExtentTable): Generator<ClusterExtent> {
  for (const words of table)
    for (let i = 0; i < words.length; i += 2) {
      const word = words[i + 1]!;
      yield { size: words[i]!, blocks: word % PLAIN, plain: word >= PLAIN };
    }
}

/** The blocks of all extents of a table. */
export function blocksOf(table: ExtentTable): number {
  let sum = 0;
  for (const { blocks } of extentsOf(table)) sum += blocks;
  return sum;
}

/** Whether an extent of a table has more than one block. */
export function hasBigClusters(table: ExtentTable): boolean {
  for (const { blocks } of extentsOf(table)) if (blocks > 1) return true;
  return false;
}

/** What an index is made of. Extents lie one after the other from `firstBlock` on. */
export interface IndexOptions {
  readonly size: number;
  readonly firstBlock: number;
  readonly algorithm: number;
  /** Where it begins, from a multiple of 32 on; itself a multiple of 8. */
  readonly start: number;
}

/** An extent with the logical clusters that are its own: from that of its first byte up to that of the next extent, or of the file's end. */
export interface PlacedExtent extends ClusterExtent {
  /** Where in its first cluster it begins. */
  readonly offset: number;
  readonly head: number;
  readonly next: number;
}

/**
 * The extents of a file of `size` bytes with their clusters. No cluster has the beginnings of two. A file that ends inside of a cluster ends with an
 * extent of no blocks there, if no other begins in it: Linux takes the last extent for one that reaches the end of its last cluster.
 */
export function* placedExtents(table: ExtentTable, size: number): Generator<PlacedExtent> {
  let at = 0;
  let last = 0;
  for (const extent of extentsOf(table)) {
    const head = Math.floor(at / BLOCK_BYTES);
    const offset = at % BLOCK_BYTES;
    at += extent.size;
    last = head;
    const next = Math.floor(at / BLOCK_BYTES);
    yield { ...extent, offset, head, next };
  }
  const head = Math.floor(size / BLOCK_BYTES);
  const offset = size % BLOCK_BYTES;
  if (offset > 0 && head > last) yield { size: 0, blocks: 0, plain: true, offset, head, next: head + 1 };
}
