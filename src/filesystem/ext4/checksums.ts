/**
 * Checksums of ext4's metadata (Linux, Documentation/filesystems/ext4/checksums.rst): CRC-32C, each seeded with what the structure belongs
 * to, so that a block that was written to a wrong place is noticed.
 */

import { crc32c } from "../../bytes/crc32c.js";
import { Ext4GroupDescriptor } from "./group-descriptor.js";
import { Ext4Inode } from "./inode.js";
import { Ext4Superblock } from "./superblock.js";

const ZEROS = new Uint8Array(4);

/** Little-endian words as bytes. */
function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(i * 4, value >>> 0, true);
  });
  return bytes;
}

/** The sum of a structure whose own checksum of `size` bytes at `offset` counts as zeros. */
function without(bytes: Uint8Array, offset: number, { seed, size }: { seed: number; size: number }): number {
  const before = crc32c(bytes.subarray(0, offset), seed);
  return crc32c(bytes.subarray(offset + size), crc32c(ZEROS.subarray(0, size), before));
}

/** What all sums of a file system start with: that of its UUID. */
export function fileSystemSeed(uuid: Uint8Array): number {
  return crc32c(uuid);
}

/** Of a superblock's 1,024 bytes. */
export function superblockChecksum(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(0, Ext4Superblock.offsetOf("checksum")));
}

/** Of a group descriptor: 16 bits. */
export function descriptorChecksum(bytes: Uint8Array, group: number, seed: number): number {
  const start = crc32c(words(group), seed);
  return without(bytes, Ext4GroupDescriptor.offsetOf("checksum"), { seed: start, size: 2 }) & 0xffff;
}

/** What the sums of an inode and of its directory and extent blocks start with. */
export function inodeSeed(ino: number, generation: number, seed: number): number {
  return crc32c(words(ino, generation), seed);
}

/** Of an inode's bytes; the checksum counts as zeros, its high half only where the inode has it. */
export function inodeChecksum(bytes: Uint8Array, seed: number, hasHigh = true): number {
  const lo = Ext4Inode.offsetOf("checksumLo");
  const hi = Ext4Inode.offsetOf("checksumHi");
  const sum = crc32c(ZEROS.subarray(0, 2), crc32c(bytes.subarray(0, lo), seed));
  if (!hasHigh) return crc32c(bytes.subarray(lo + 2), sum);
  return crc32c(bytes.subarray(hi + 2), crc32c(ZEROS.subarray(0, 2), crc32c(bytes.subarray(lo + 2, hi), sum)));
}

/** Of a block of attributes at block `number`; its checksum is at 16. */
export function xattrBlockChecksum(block: Uint8Array, number: number, seed: number): number {
  const start = crc32c(words(number % 2 ** 32, Math.floor(number / 2 ** 32)), seed);
  return without(block, 16, { seed: start, size: 4 });
}

/** Of a node of a directory's hash tree: the entries in use and the tail behind all of them. */
export function indexNodeChecksum(block: Uint8Array, node: { countOffset: number; seed: number }): number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const limit = view.getUint16(node.countOffset, true);
  const count = view.getUint16(node.countOffset + 2, true);
  const tail = node.countOffset + limit * 8;
  const sum = crc32c(block.subarray(0, node.countOffset + count * 8), node.seed);
  return crc32c(ZEROS, crc32c(block.subarray(tail, tail + 4), sum));
}

/** Of a block of the orphan file at block `number`. */
export function orphanBlockChecksum(block: Uint8Array, number: number, seed: number): number {
  const start = crc32c(words(number % 2 ** 32, Math.floor(number / 2 ** 32)), seed);
  return crc32c(block.subarray(0, block.length - 8), start);
}
