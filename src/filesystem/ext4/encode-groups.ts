/** Group descriptors and bitmaps: what is in use. */

import { crc32c } from "../../bytes/crc32c.js";
import { descriptorChecksum } from "./checksums.js";
import { groupStart } from "./geometry.js";
import { Ext4GroupDescriptor, GROUP_INODE_ZEROED } from "./group-descriptor.js";
import type { FileSystemPlan } from "./plan-file-system.js";
import { DESCRIPTOR_BYTES } from "./superblock.js";

/** The descriptors, and the bitmaps as they are asked for. */
export interface EncodedGroups {
  /** Whole blocks. */
  readonly descriptors: Uint8Array;
  blockBitmap(group: number): Uint8Array;
  inodeBitmap(group: number): Uint8Array;
}

/** Encodes all groups. */
export function encodeGroups(plan: FileSystemPlan, seed: number): EncodedGroups {
  const { geometry, blocksCount, allocation, inodes } = plan;
  const { blockSize, blocksPerGroup, inodesPerGroup, groups, places } = geometry;

  const directories = new Map<number, number>();
  for (const { ino, body } of inodes.inodes) {
    const group = Math.floor((ino - 1) / inodesPerGroup);
    if (body.kind === "directory") directories.set(group, (directories.get(group) ?? 0) + 1);
  }
  const usedInodes = (group: number): number =>
    Math.max(0, Math.min(inodesPerGroup, inodes.lastInode - group * inodesPerGroup));
  const inodeBitmap = (group: number): Uint8Array => {
    const bitmap = new Uint8Array(blockSize);
    setBits(bitmap, 0, usedInodes(group));
    setBits(bitmap, inodesPerGroup, blockSize * 8);
    return bitmap;
  };
  /** Counts what is in use when it is given no bitmap to mark it in. */
  const markBlocks = (group: number, bitmap?: Uint8Array): number => {
    const start = groupStart(geometry, group);
    const end = Math.min(start + blocksPerGroup, blocksCount);
    let used = 0;
    const mark = (from: number, to: number): void => {
      if (from >= to) return;
      used += to - from;
      if (bitmap !== undefined) setBits(bitmap, from - start, to - start);
    };
    const dataEnd = Math.min(Math.max(allocation.end, start), end);
    mark(start, dataEnd);
    for (let i = firstBehind(geometry.metadata, dataEnd); i < geometry.metadata.length; i++) {
      const range = geometry.metadata[i]!;
      if (range.start >= end) break;
      mark(Math.max(range.start, dataEnd), Math.min(range.end, end));
    }
    if (bitmap !== undefined) setBits(bitmap, end - start, blockSize * 8);
    return end - start - used;
  };
  const blockBitmap = (group: number): Uint8Array => {
    const bitmap = new Uint8Array(blockSize);
    markBlocks(group, bitmap);
    return bitmap;
  };

  const descriptors = new Uint8Array(geometry.descriptorBlocks * blockSize);
  for (let group = 0; group < groups; group++) {
    const place = places[group]!;
    const bitmap = new Uint8Array(blockSize);
    const freeBlocks = markBlocks(group, bitmap);
    const freeInodes = inodesPerGroup - usedInodes(group);
    const usedDirs = directories.get(group) ?? 0;
    const blockSum = crc32c(bitmap.subarray(0, blocksPerGroup / 8), seed);
    const inodeSum = crc32c(inodeBitmap(group).subarray(0, inodesPerGroup / 8), seed);
    const bytes = Ext4GroupDescriptor.encode({
      blockBitmapLo: place.blockBitmap % 2 ** 32,
      inodeBitmapLo: place.inodeBitmap % 2 ** 32,
      inodeTableLo: place.inodeTable % 2 ** 32,
      freeBlocksCountLo: freeBlocks & 0xffff,
      freeInodesCountLo: freeInodes & 0xffff,
      usedDirsCountLo: usedDirs & 0xffff,
      flags: GROUP_INODE_ZEROED,
      excludeBitmapLo: 0,
      blockBitmapCsumLo: blockSum & 0xffff,
      inodeBitmapCsumLo: inodeSum & 0xffff,
      itableUnusedLo: freeInodes & 0xffff,
      checksum: 0,
      blockBitmapHi: Math.floor(place.blockBitmap / 2 ** 32),
      inodeBitmapHi: Math.floor(place.inodeBitmap / 2 ** 32),
      inodeTableHi: Math.floor(place.inodeTable / 2 ** 32),
      freeBlocksCountHi: freeBlocks >>> 16,
      freeInodesCountHi: freeInodes >>> 16,
      usedDirsCountHi: usedDirs >>> 16,
      itableUnusedHi: freeInodes >>> 16,
      excludeBitmapHi: 0,
      blockBitmapCsumHi: blockSum >>> 16,
      inodeBitmapCsumHi: inodeSum >>> 16,
      reserved: 0,
    });
    const sum = descriptorChecksum(bytes, group, seed);
    new DataView(bytes.buffer).setUint16(Ext4GroupDescriptor.offsetOf("checksum"), sum, true);
    descriptors.set(bytes, group * DESCRIPTOR_BYTES);
  }
  return { descriptors, blockBitmap, inodeBitmap };
}

/** Index of the first range that ends behind `block`. */
function firstBehind(ranges: readonly { readonly end: number }[], block: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.end > block) high = middle;
    else low = middle + 1;
  }
  return low;
}

function setBits(bitmap: Uint8Array, from: number, to: number): void {
  let bit = from;
  for (; bit < to && bit % 8 !== 0; bit++) bitmap[bit >>> 3]! |= 1 << (bit & 7);
  if (to - bit >= 8) {
    bitmap.fill(0xff, bit >>> 3, to >>> 3);
    bit = to & ~7;
  }
  for (; bit < to; bit++) bitmap[bit >>> 3]! |= 1 << (bit & 7);
}
