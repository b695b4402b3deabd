/**
 * Gives blocks to inodes: one after the other, in the order of inodes, around the fixed metadata, without gaps. So a file system is written
 * forward with each file read once, and what is in use is all below one block, and the metadata.
 */

import { EXTENT_LENGTH_MAX, type Extent, extentTreeBlocks } from "./extents.js";
import type { BlockRange, Geometry } from "./geometry.js";
import type { InodePlan } from "./plan-inodes.js";

/** The blocks of an inode. */
export interface InodeBlocks {
  readonly extents: readonly Extent[];
  /** Numbers of the blocks of its extent tree. */
  readonly tree: readonly number[];
  /** Number of its block of attributes; 0 without. */
  readonly xattrs: number;
}

/** All blocks. */
export interface Allocation {
  /** In the order of the inodes. */
  readonly blocks: readonly InodeBlocks[];
  /** Blocks below this are in use; above it, only metadata is. */
  readonly end: number;
}

/** Gives each inode its blocks. May end past the groups of the geometry: then they do not fit. */
export function allocateBlocks(inodes: readonly InodePlan[], geometry: Geometry): Allocation {
  const free = new FreeBlocks(geometry.metadata, geometry.firstDataBlock);
  const blocks = inodes.map((inode): InodeBlocks => {
    const xattrs = inode.xattrs?.block === undefined ? 0 : free.take(1)[0]!.start;
    const extents: Extent[] = [];
    for (const { first, count } of inode.runs) {
      let logical = first;
      for (const { start, end } of free.take(count)) {
        addExtents(extents, { logical, physical: start, length: end - start });
        logical += end - start;
      }
    }
    const tree = free
      .take(extentTreeBlocks(extents.length, geometry.blockSize))
      .flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
    return { extents, tree, xattrs };
  });
  return { blocks, end: free.cursor };
}

/** Appends blocks in extents as long as they may be. */
function addExtents(extents: Extent[], added: Extent): void {
  let { logical, physical, length } = added;
  while (length > 0) {
    const part = Math.min(length, EXTENT_LENGTH_MAX);
    extents.push({ logical, physical, length: part });
    logical += part;
    physical += part;
    length -= part;
  }
}

class FreeBlocks {
  cursor: number;
  private readonly taken: readonly BlockRange[];
  private next = 0;

  constructor(taken: readonly BlockRange[], start: number) {
    this.taken = taken;
    this.cursor = start;
  }

  /** The next `count` blocks, in as few ranges as lie around what is taken. */
  take(count: number): BlockRange[] {
    const ranges: BlockRange[] = [];
    while (count > 0) {
      for (; this.taken[this.next] !== undefined && this.taken[this.next]!.start <= this.cursor; this.next++)
        this.cursor = Math.max(this.cursor, this.taken[this.next]!.end);
      const until = this.taken[this.next]?.start ?? Number.POSITIVE_INFINITY;
      const end = Math.min(this.cursor + count, until);
      ranges.push({ start: this.cursor, end });
      count -= end - this.cursor;
      this.cursor = end;
    }
    return ranges;
  }
}
