/**
 * The superblock of ext4 (Linux, Documentation/filesystems/ext4/super.rst): 1,024 bytes at offset 1,024, with copies at the start of some
 * groups.
 */

import { array, at, layout, raw, u8, u16, u32, type Values } from "../../bytes/layout.js";

/** The superblock. Sizes and counts have a high half in another field. */
export const Ext4Superblock = layout("Ext4Superblock", 1024, "little", {
  inodesCount: at(0x0, u32),
  blocksCountLo: at(0x4, u32),
  reservedBlocksCountLo: at(0x8, u32),
  freeBlocksCountLo: at(0xc, u32),
  freeInodesCount: at(0x10, u32),
  firstDataBlock: at(0x14, u32),
  logBlockSize: at(0x18, u32),
  logClusterSize: at(0x1c, u32),
  blocksPerGroup: at(0x20, u32),
  clustersPerGroup: at(0x24, u32),
  inodesPerGroup: at(0x28, u32),
  mountTime: at(0x2c, u32),
  writeTime: at(0x30, u32),
  mountCount: at(0x34, u16),
  maxMountCount: at(0x36, u16),
  magic: at(0x38, u16),
  state: at(0x3a, u16),
  errors: at(0x3c, u16),
  minorRevisionLevel: at(0x3e, u16),
  lastCheck: at(0x40, u32),
  checkInterval: at(0x44, u32),
  creatorOs: at(0x48, u32),
  revisionLevel: at(0x4c, u32),
  defaultReservedUid: at(0x50, u16),
  defaultReservedGid: at(0x52, u16),
  firstInode: at(0x54, u32),
  inodeSize: at(0x58, u16),
  blockGroupNumber: at(0x5a, u16),
  featureCompat: at(0x5c, u32),
  featureIncompat: at(0x60, u32),
  featureRoCompat: at(0x64, u32),
  uuid: at(0x68, raw(16)),
  volumeName: at(0x78, raw(16)),
  lastMounted: at(0x88, raw(64)),
  algorithmUsageBitmap: at(0xc8, u32),
  preallocBlocks: at(0xcc, u8),
  preallocDirBlocks: at(0xcd, u8),
  reservedGdtBlocks: at(0xce, u16),
  journalUuid: at(0xd0, raw(16)),
  journalInode: at(0xe0, u32),
  journalDevice: at(0xe4, u32),
  lastOrphan: at(0xe8, u32),
  hashSeed: at(0xec, raw(16)),
  defaultHashVersion: at(0xfc, u8),
  journalBackupType: at(0xfd, u8),
  descriptorSize: at(0xfe, u16),
  defaultMountOptions: at(0x100, u32),
  firstMetaBlockGroup: at(0x104, u32),
  mkfsTime: at(0x108, u32),
  journalBlocks: at(0x10c, array(17, u32)),
  blocksCountHi: at(0x150, u32),
  reservedBlocksCountHi: at(0x154, u32),
  freeBlocksCountHi: at(0x158, u32),
  minExtraIsize: at(0x15c, u16),
  wantExtraIsize: at(0x15e, u16),
  flags: at(0x160, u32),
  raidStride: at(0x164, u16),
  mmpInterval: at(0x166, u16),
  mmpBlock: at(0x168, raw(8)),
  raidStripeWidth: at(0x170, u32),
  logGroupsPerFlex: at(0x174, u8),
  checksumType: at(0x175, u8),
  reservedPad: at(0x176, u16),
  kbytesWritten: at(0x178, raw(8)),
  snapshots: at(0x180, raw(20)),
  errorRecords: at(0x194, raw(108)),
  mountOptions: at(0x200, raw(64)),
  userQuotaInode: at(0x240, u32),
  groupQuotaInode: at(0x244, u32),
  overheadClusters: at(0x248, u32),
  backupGroups: at(0x24c, array(2, u32)),
  encryptAlgorithms: at(0x254, raw(4)),
  encryptSalt: at(0x258, raw(16)),
  lostFoundInode: at(0x268, u32),
  projectQuotaInode: at(0x26c, u32),
  checksumSeed: at(0x270, u32),
  writeTimeHi: at(0x274, u8),
  mountTimeHi: at(0x275, u8),
  mkfsTimeHi: at(0x276, u8),
  lastCheckHi: at(0x277, u8),
  errorTimesHi: at(0x278, raw(4)),
  encoding: at(0x27c, u16),
  encodingFlags: at(0x27e, u16),
  orphanFileInode: at(0x280, u32),
  reserved: at(0x284, raw(376)),
  checksum: at(0x3fc, u32),
});
export type Ext4Superblock = Values<typeof Ext4Superblock>;

export const EXT4_MAGIC = 0xef53;
/** Where the superblock is, whatever the block size. */
export const SUPERBLOCK_OFFSET = 1024;

/** Features that may be unknown to who reads. */
export const COMPAT = {
  hasJournal: 0x4,
  extAttr: 0x8,
  resizeInode: 0x10,
  dirIndex: 0x20,
  orphanFile: 0x1000,
} as const;

/** Features that must be known to who reads. */
export const INCOMPAT = {
  filetype: 0x2,
  recover: 0x4,
  metaBg: 0x10,
  extents: 0x40,
  is64bit: 0x80,
  flexBg: 0x200,
  csumSeed: 0x2000,
  largeDir: 0x4000,
} as const;

/** Features that must be known to who writes. */
export const RO_COMPAT = {
  sparseSuper: 0x1,
  largeFile: 0x2,
  hugeFile: 0x8,
  dirNlink: 0x20,
  extraIsize: 0x40,
  metadataCsum: 0x400,
} as const;

/** Fixed inodes. */
export const INODE_ROOT = 2;
export const INODE_RESIZE = 7;
export const INODE_JOURNAL = 8;
export const INODE_LOST_FOUND = 11;

/** Bytes of a group descriptor with the 64bit feature, and of an inode. */
export const DESCRIPTOR_BYTES = 64;
export const INODE_BYTES = 256;
