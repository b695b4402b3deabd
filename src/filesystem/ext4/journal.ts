/**
 * An empty journal: the superblock of jbd2, version 2, big-endian (Linux, Documentation/filesystems/ext4/journal.rst), as mke2fs writes it. It
 * has no features yet: the kernel turns 64-bit block numbers and checksums on when it first mounts the file system.
 */

import { array, at, layout, raw, u8, u32, type Values } from "../../bytes/layout.js";

/** The journal's superblock. */
export const JournalSuperblock = layout("JournalSuperblock", 1024, "big", {
  magic: at(0x0, u32),
  blockType: at(0x4, u32),
  headerSequence: at(0x8, u32),
  blockSize: at(0xc, u32),
  maxLength: at(0x10, u32),
  first: at(0x14, u32),
  sequence: at(0x18, u32),
  start: at(0x1c, u32),
  errno: at(0x20, u32),
  featureCompat: at(0x24, u32),
  featureIncompat: at(0x28, u32),
  featureRoCompat: at(0x2c, u32),
  uuid: at(0x30, raw(16)),
  users: at(0x40, u32),
  dynamicSuper: at(0x44, u32),
  maxTransaction: at(0x48, u32),
  maxTransactionData: at(0x4c, u32),
  checksumType: at(0x50, u8),
  padding: at(0x51, raw(3)),
  fastCommitBlocks: at(0x54, u32),
  head: at(0x58, u32),
  reserved: at(0x5c, array(40, u32)),
  checksum: at(0xfc, u32),
  userIds: at(0x100, raw(768)),
});
export type JournalSuperblock = Values<typeof JournalSuperblock>;

const MAGIC = 0xc03b3998;
const SUPERBLOCK_V2 = 4;

/** Blocks of journal for a file system of so many, as mke2fs chooses; undefined where that is too few for one. */
export function journalBlocks(fileSystemBlocks: number): number | undefined {
  if (fileSystemBlocks < 2048) return undefined;
  const steps = [
    [32_768, 1024],
    [256 * 1024, 4096],
    [512 * 1024, 8192],
    [4096 * 1024, 16_384],
    [8192 * 1024, 32_768],
    [16_384 * 1024, 65_536],
    [32_768 * 1024, 131_072],
  ] as const;
  return steps.find(([below]) => fileSystemBlocks < below)?.[1] ?? 262_144;
}

/** An empty journal's superblock, as its first bytes; the rest of the journal is zeros. */
export function encodeJournal(
  blocks: number,
  { blockSize, uuid }: { blockSize: number; uuid: Uint8Array },
): Uint8Array {
  return JournalSuperblock.encode({
    magic: MAGIC,
    blockType: SUPERBLOCK_V2,
    headerSequence: 0,
    blockSize,
    maxLength: blocks,
    first: 1,
    sequence: 1,
    start: 0,
    errno: 0,
    featureCompat: 0,
    featureIncompat: 0,
    featureRoCompat: 0,
    uuid,
    users: 1,
    dynamicSuper: 0,
    maxTransaction: 0,
    maxTransactionData: 0,
    checksumType: 0,
    padding: new Uint8Array(3),
    fastCommitBlocks: 0,
    head: 0,
    reserved: Array.from({ length: 40 }, () => 0),
    checksum: 0,
    userIds: new Uint8Array(768),
  });
}
