/**
 * An ext4 file system that is being read. Nothing in it is trusted: every number is checked before it is used, and every checksum where the
 * file system has them.
 */

import type { FileContent } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { descriptorChecksum, fileSystemSeed, superblockChecksum } from "./checksums.js";
import { Ext4GroupDescriptor } from "./group-descriptor.js";
import { COMPAT, EXT4_MAGIC, Ext4Superblock, INCOMPAT, RO_COMPAT, SUPERBLOCK_OFFSET } from "./superblock.js";

/** An opened file system. */
export interface Volume {
  readonly image: FileContent;
  readonly superblock: Ext4Superblock;
  readonly blockSize: number;
  readonly blocksCount: number;
  readonly inodeSize: number;
  /** First block of each group's inode table. */
  readonly inodeTables: readonly number[];
  /** What checksums start with; undefined where there are none. */
  readonly seed: number | undefined;
  /** Blocks of files and directories seen so far: a block belongs to one of them. */
  readonly claimed: Uint8Array;
}

/** What it can have and still be read. */
const KNOWN_INCOMPAT =
  INCOMPAT.filetype | INCOMPAT.extents | INCOMPAT.is64bit | INCOMPAT.flexBg | INCOMPAT.csumSeed | INCOMPAT.largeDir;
const CRC32C = 1;
const OLD_INODE_BYTES = 128;

/** Whether a file's first 2 KiB are those of an ext2, ext3 or ext4 file system. */
export function isExt4(image: FileContent): boolean {
  if (image.size < SUPERBLOCK_OFFSET + Ext4Superblock.size) return false;
  const offset = SUPERBLOCK_OFFSET + Ext4Superblock.offsetOf("magic");
  const [low, high] = image.read(offset, 2);
  return low! + high! * 256 === EXT4_MAGIC;
}

/** Opens a file system. @throws AssembleError `ext4/corrupt`, `ext4/unsupported` */
export function openVolume(image: FileContent): Volume {
  if (!isExt4(image)) throw corrupt("it has no superblock");
  const bytes = image.read(SUPERBLOCK_OFFSET, Ext4Superblock.size);
  const superblock = Ext4Superblock.decode(bytes);
  const unknown = superblock.featureIncompat & ~KNOWN_INCOMPAT;
  if ((unknown & INCOMPAT.recover) !== 0) throw unsupported("its journal has changes that are not in their places yet");
  if (unknown !== 0) throw unsupported(`it has features 0x${(unknown >>> 0).toString(16)} that are not known here`);
  const hasSums = (superblock.featureRoCompat & RO_COMPAT.metadataCsum) !== 0;
  if (hasSums && superblock.checksumType !== CRC32C)
    throw corrupt(`its checksums are of type ${superblock.checksumType}`);
  if (hasSums && superblockChecksum(bytes) !== superblock.checksum) throw corrupt("the superblock's checksum is wrong");
  if (superblock.logBlockSize > 6) throw corrupt(`its block size is 2^${superblock.logBlockSize} KiB`);
  const blockSize = 1024 << superblock.logBlockSize;
  const is64bit = (superblock.featureIncompat & INCOMPAT.is64bit) !== 0;
  const blocksCount = superblock.blocksCountLo + (is64bit ? superblock.blocksCountHi * 2 ** 32 : 0);
  if (blocksCount * blockSize > image.size)
    throw corrupt(`it has ${image.size} bytes, and says that it has ${blocksCount} blocks of ${blockSize}`);
  const inodeSize = superblock.revisionLevel === 0 ? OLD_INODE_BYTES : superblock.inodeSize;
  if (inodeSize < OLD_INODE_BYTES || inodeSize > blockSize || (inodeSize & (inodeSize - 1)) !== 0)
    throw corrupt(`its inodes have ${inodeSize} bytes`);
  const hasSeed = (superblock.featureIncompat & INCOMPAT.csumSeed) !== 0;
  const ownSeed = hasSeed ? superblock.checksumSeed : fileSystemSeed(superblock.uuid);
  const seed = hasSums ? ownSeed : undefined;
  const shape = { image, superblock, blockSize, blocksCount, inodeSize, seed };
  const claimed = new Uint8Array(Math.ceil(blocksCount / 8));
  return {
    ...shape,
    claimed,
    inodeTables: readDescriptors({ ...shape, descriptorSize: is64bit ? superblock.descriptorSize : 32 }),
  };
}

function readDescriptors(
  volume: Omit<Volume, "inodeTables" | "claimed"> & { readonly descriptorSize: number },
): number[] {
  const { superblock, blockSize, blocksCount, inodeSize, descriptorSize, seed, image } = volume;
  const { blocksPerGroup, inodesPerGroup, firstDataBlock, inodesCount } = superblock;
  if (descriptorSize !== 32 && descriptorSize !== 64)
    throw corrupt(`its group descriptors have ${descriptorSize} bytes`);
  if (blocksPerGroup === 0 || blocksPerGroup > blockSize * 8)
    throw corrupt(`it has ${blocksPerGroup} blocks in a group`);
  if (inodesPerGroup === 0 || inodesPerGroup > blockSize * 8)
    throw corrupt(`it has ${inodesPerGroup} inodes in a group`);
  if (firstDataBlock > 1 || firstDataBlock >= blocksCount) throw corrupt(`its first block is ${firstDataBlock}`);
  const groups = Math.ceil((blocksCount - firstDataBlock) / blocksPerGroup);
  if (inodesCount !== groups * inodesPerGroup) throw corrupt(`it has ${inodesCount} inodes in ${groups} groups`);
  const start = (firstDataBlock + 1) * blockSize;
  const table = image.read(start, Math.min(groups * descriptorSize, Math.max(0, image.size - start)));
  if (table.length < groups * descriptorSize) throw corrupt("its group descriptors are cut off");
  const tableBlocks = Math.ceil((inodesPerGroup * inodeSize) / blockSize);
  return Array.from({ length: groups }, (_, group) => {
    const bytes = new Uint8Array(Ext4GroupDescriptor.size);
    bytes.set(table.subarray(group * descriptorSize, (group + 1) * descriptorSize));
    const descriptor = Ext4GroupDescriptor.decode(bytes);
    const sum = seed === undefined ? 0 : descriptorChecksum(bytes.subarray(0, descriptorSize), group, seed);
    if (seed !== undefined && sum !== descriptor.checksum) throw corrupt(`the checksum of group ${group} is wrong`);
    const inodeTable = descriptor.inodeTableLo + descriptor.inodeTableHi * 2 ** 32;
    if (inodeTable < 1 || inodeTable + tableBlocks > blocksCount)
      throw corrupt(`the inode table of group ${group} is at block ${inodeTable}`);
    return inodeTable;
  });
}

/** Reads one block. */
export function readBlock(volume: Volume, number: number): Uint8Array {
  if (number < 1 || number >= volume.blocksCount)
    throw corrupt(`it refers to block ${number} of ${volume.blocksCount}`);
  const bytes = volume.image.read(number * volume.blockSize, volume.blockSize);
  if (bytes.length < volume.blockSize) throw corrupt(`it ends before block ${number}`);
  return bytes;
}

/** Notes that blocks belong to inode `ino`: no other may have them. */
export function claimBlocks(
  volume: Volume,
  range: { readonly start: number; readonly count: number },
  ino: number,
): void {
  const { start, count } = range;
  if (start < 1 || start + count > volume.blocksCount)
    throw corrupt(`inode ${ino} has block ${start + count - 1} of ${volume.blocksCount}`);
  for (let block = start; block < start + count; block++) {
    const bit = 1 << (block & 7);
    if ((volume.claimed[block >>> 3]! & bit) !== 0) throw corrupt(`block ${block} of inode ${ino} is used twice`);
    volume.claimed[block >>> 3]! |= bit;
  }
}

/** Names of the features, in the words and order of dumpe2fs; unknown ones are left out. */
export function featureNames(superblock: Ext4Superblock): string[] {
  const tables = [
    [
      superblock.featureCompat,
      [
        [COMPAT.hasJournal, "has_journal"],
        [COMPAT.extAttr, "ext_attr"],
        [COMPAT.resizeInode, "resize_inode"],
        [COMPAT.dirIndex, "dir_index"],
        [COMPAT.orphanFile, "orphan_file"],
      ],
    ],
    [
      superblock.featureIncompat,
      [
        [INCOMPAT.filetype, "filetype"],
        [INCOMPAT.extents, "extent"],
        [INCOMPAT.is64bit, "64bit"],
        [INCOMPAT.flexBg, "flex_bg"],
        [INCOMPAT.csumSeed, "metadata_csum_seed"],
        [INCOMPAT.largeDir, "large_dir"],
      ],
    ],
    [
      superblock.featureRoCompat,
      [
        [RO_COMPAT.sparseSuper, "sparse_super"],
        [RO_COMPAT.largeFile, "large_file"],
        [RO_COMPAT.hugeFile, "huge_file"],
        [RO_COMPAT.dirNlink, "dir_nlink"],
        [RO_COMPAT.extraIsize, "extra_isize"],
        [RO_COMPAT.metadataCsum, "metadata_csum"],
      ],
    ],
  ] as const;
  return tables.flatMap(([word, names]) => names.filter(([bit]) => (word & bit) !== 0).map(([, name]) => name));
}

/** The error for what cannot be right. */
export function corrupt(is: string): AssembleError {
  return new AssembleError("ext4/corrupt", `Cannot read the ext4 file system: ${is}, a sound file system was wanted`);
}

/** The error for what may be right and is not read. */
export function unsupported(is: string): AssembleError {
  return new AssembleError(
    "ext4/unsupported",
    `Cannot read the ext4 file system: ${is}, plain files with extents were wanted`,
  );
}
