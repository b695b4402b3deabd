/**
 * Reads an inode's extent tree, and bytes through it.
 */

import type { FileContent } from "../../bytes/content.js";
import { crc32c } from "../../bytes/crc32c.js";
import { EXTENT_LENGTH_MAX, EXTENT_MAGIC, type Extent, ExtentHeader, ExtentIndex, ExtentLeaf } from "./extents.js";
import { claimBlocks, corrupt, readBlock, type Volume } from "./volume.js";

const ENTRY_BYTES = 12;
/** What 2^32 blocks can ever need. */
const DEPTH_MAX = 5;

/** The extents of an inode in order, without those that were never written. `root` is its 60 bytes. */
export function readExtents(
  volume: Volume,
  root: Uint8Array,
  { ino, seed }: { readonly ino: number; readonly seed: number | undefined },
): Extent[] {
  const extents: Extent[] = [];
  let next = 0;
  const visit = (node: Uint8Array, depth: number | undefined): void => {
    const header = ExtentHeader.decode(node);
    const room = Math.floor(node.length / ENTRY_BYTES) - 1;
    if (header.magic !== EXTENT_MAGIC || header.entries > header.max || header.max > room)
      throw corrupt(`inode ${ino} has a damaged extent tree`);
    if (depth === undefined ? header.depth > DEPTH_MAX : header.depth !== depth)
      throw corrupt(`inode ${ino} has an extent tree of depth ${header.depth}`);
    if (depth !== undefined && seed !== undefined) checkTail(node, header.max, { ino, seed });
    for (let i = 1; i <= header.entries; i++) {
      if (header.depth === 0) {
        const { block, length, startHi, startLo } = ExtentLeaf.decode(node, i * ENTRY_BYTES);
        const isWritten = length <= EXTENT_LENGTH_MAX;
        const count = isWritten ? length : length - EXTENT_LENGTH_MAX;
        if (block < next || count === 0 || block + count > 2 ** 32)
          throw corrupt(`inode ${ino} has extents out of order`);
        next = block + count;
        const physical = startHi * 2 ** 32 + startLo;
        claimBlocks(volume, { start: physical, count }, ino);
        if (isWritten) extents.push({ logical: block, physical, length: count });
      } else {
        const { leafLo, leafHi } = ExtentIndex.decode(node, i * ENTRY_BYTES);
        const number = leafHi * 2 ** 32 + leafLo;
        claimBlocks(volume, { start: number, count: 1 }, ino);
        visit(readBlock(volume, number), header.depth - 1);
      }
    }
  };
  visit(root, undefined);
  return extents;
}

function checkTail(node: Uint8Array, max: number, { ino, seed }: { ino: number; seed: number }): void {
  const tail = ENTRY_BYTES * (1 + max);
  if (tail + 4 > node.length) throw corrupt(`inode ${ino} has a damaged extent tree`);
  const view = new DataView(node.buffer, node.byteOffset, node.byteLength);
  if (view.getUint32(tail, true) !== crc32c(node.subarray(0, tail), seed))
    throw corrupt(`the checksum of an extent block of inode ${ino} is wrong`);
}

const CHUNK_BYTES = 1 << 20;

/** A file's bytes; holes are zeros. */
export class ExtentContent implements FileContent {
  readonly size: number;
  private readonly volume: Volume;
  private readonly leaves: readonly Extent[];

  constructor(volume: Volume, extents: readonly Extent[], size: number) {
    this.volume = volume;
    this.leaves = extents;
    this.size = size;
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const { blockSize, image } = this.volume;
    const end = Math.min(this.size, offset + length);
    const bytes = new Uint8Array(Math.max(0, end - offset));
    for (let i = this.firstAt(Math.floor(offset / blockSize)); i < this.leaves.length; i++) {
      const { logical, physical, length: count } = this.leaves[i]!;
      const start = logical * blockSize;
      if (start >= end) break;
      const from = Math.max(start, offset);
      const to = Math.min(start + count * blockSize, end);
      bytes.set(image.read(physical * blockSize + from - start, to - from), from - offset);
    }
    return bytes;
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.size; at += CHUNK_BYTES) yield this.read(at, CHUNK_BYTES);
  }

  /** Index of the first extent that ends behind `block`. */
  private firstAt(block: number): number {
    let low = 0;
    let high = this.leaves.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { logical, length } = this.leaves[middle]!;
      if (logical + length > block) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
