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

/** The blocks of all extents of a table. */
export function blocksOf(table: ExtentTable): number {
  let sum = 0;
  for (const words of table) for (let i = 1; i < words.length; i += 2) sum += words[i]! % PLAIN;
  return sum;
}

/** Whether an extent of a table has more than one block. */
export function hasBigClusters(table: ExtentTable): boolean {
  for (const words of table) for (let i = 1; i < words.length; i += 2) if (words[i]! % PLAIN > 1) return true;
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

/**
 * Goes through the extents of a file and their logical clusters, from that of the first byte up to that of the next extent; no cluster has the
 * beginnings of two. A file that ends inside of a cluster ends with an extent of no blocks there, if no other begins in it: Linux takes the last
 * extent for one that reaches the end of its last cluster. One object for all of them: a disk of gigabytes has millions.
 */
export class ExtentCursor {
  /** The first cluster, and where in it the extent begins. */
  head = -1;
  offset = 0;
  /** The cluster of the next extent, or of the file's end. */
  next = 0;
  blocks = 0;
  plain = true;
  private readonly table: ExtentTable;
  private readonly size: number;
  private at = 0;
  private part = 0;
  private word = 0;

  /** Before the first extent of a file of `size` bytes. */
  constructor(table: ExtentTable, size: number) {
    this.table = table;
    this.size = size;
  }

  /** Goes to the next extent; false behind the last. */
  advance(): boolean {
    let words = this.table[this.part];
    while (words !== undefined && this.word === words.length) {
      words = this.table[++this.part];
      this.word = 0;
    }
    if (words === undefined) return this.end();
    this.offset = this.at % BLOCK_BYTES;
    this.head = (this.at - this.offset) / BLOCK_BYTES;
    this.at += words[this.word]!;
    const word = words[this.word + 1]!;
    this.word += 2;
    this.next = Math.floor(this.at / BLOCK_BYTES);
    this.blocks = word % PLAIN;
    this.plain = word >= PLAIN;
    return true;
  }

  private end(): boolean {
    const head = Math.floor(this.size / BLOCK_BYTES);
    this.offset = this.size % BLOCK_BYTES;
    if (this.offset === 0 || head <= this.head) return false;
    this.head = head;
    this.next = head + 1;
    this.blocks = 0;
    this.plain = true;
    return true;
  }
}
