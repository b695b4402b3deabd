/** A superblock's 1,024 bytes. */

import { fileSystemSeed, inodeSeed, superblockChecksum } from "./checksums.js";
import type { Identity } from "./emit-file-system.js";
import { encodeExtents } from "./extents.js";
import { LOG_GROUPS_PER_FLEX } from "./geometry.js";
import { EXTRA_ISIZE } from "./inode.js";
import type { FileSystemPlan } from "./plan-file-system.js";
import {
  COMPAT,
  DESCRIPTOR_BYTES,
  EXT4_MAGIC,
  Ext4Superblock,
  INCOMPAT,
  INODE_BYTES,
  INODE_JOURNAL,
  INODE_LOST_FOUND,
  RO_COMPAT,
} from "./superblock.js";

const CLEAN = 1;
const ERRORS_CONTINUE = 1;
const CRC32C = 1;
const HALF_MD4 = 1;
const SIGNED_HASH = 1;
const NEVER = 0xffff;
/** Mount with user_xattr and acl. */
const DEFAULT_MOUNT_OPTIONS = 0x0c;
const BACKUP_INODE_BLOCKS = 1;

/** Encodes the superblock of a group that has one. */
export function encodeSuperblock(
  plan: FileSystemPlan,
  identity: Identity & { readonly group: number; readonly seed: number },
): Uint8Array {
  const { geometry, blocksCount, inodes } = plan;
  const { blockSize, blocksPerGroup, groups, inodesPerGroup } = geometry;
  const { uuid, time, journal } = identity;
  const free = freeBlocks(plan);
  const inodesCount = groups * inodesPerGroup;
  const logBlockSize = Math.log2(blockSize) - 10;
  const seconds = Math.max(0, Math.floor(time));
  const [low, high] = [seconds % 2 ** 32, Math.floor(seconds / 2 ** 32)];
  const label = new Uint8Array(16);
  label.set(identity.label);
  const bytes = Ext4Superblock.encode({
    inodesCount,
    blocksCountLo: blocksCount % 2 ** 32,
    reservedBlocksCountLo: 0,
    freeBlocksCountLo: free % 2 ** 32,
    freeInodesCount: inodesCount - inodes.lastInode,
    firstDataBlock: geometry.firstDataBlock,
    logBlockSize,
    logClusterSize: logBlockSize,
    blocksPerGroup,
    clustersPerGroup: blocksPerGroup,
    inodesPerGroup,
    mountTime: 0,
    writeTime: low,
    mountCount: 0,
    maxMountCount: NEVER,
    magic: EXT4_MAGIC,
    state: CLEAN,
    errors: ERRORS_CONTINUE,
    minorRevisionLevel: 0,
    lastCheck: low,
    checkInterval: 0,
    creatorOs: 0,
    revisionLevel: 1,
    defaultReservedUid: 0,
    defaultReservedGid: 0,
    firstInode: INODE_LOST_FOUND,
    inodeSize: INODE_BYTES,
    blockGroupNumber: identity.group,
    featureCompat: COMPAT.extAttr | COMPAT.dirIndex | (journal ? COMPAT.hasJournal | COMPAT.orphanFile : 0),
    featureIncompat: INCOMPAT.filetype | INCOMPAT.extents | INCOMPAT.is64bit | INCOMPAT.flexBg | INCOMPAT.csumSeed,
    featureRoCompat:
      RO_COMPAT.sparseSuper |
      RO_COMPAT.largeFile |
      RO_COMPAT.hugeFile |
      RO_COMPAT.dirNlink |
      RO_COMPAT.extraIsize |
      RO_COMPAT.metadataCsum,
    uuid,
    volumeName: label,
    lastMounted: new Uint8Array(64),
    algorithmUsageBitmap: 0,
    preallocBlocks: 0,
    preallocDirBlocks: 0,
    reservedGdtBlocks: geometry.reservedDescriptorBlocks,
    journalUuid: new Uint8Array(16),
    journalInode: journal ? INODE_JOURNAL : 0,
    journalDevice: 0,
    lastOrphan: 0,
    hashSeed: identity.seedBytes,
    defaultHashVersion: HALF_MD4,
    journalBackupType: journal ? BACKUP_INODE_BLOCKS : 0,
    descriptorSize: DESCRIPTOR_BYTES,
    defaultMountOptions: DEFAULT_MOUNT_OPTIONS,
    firstMetaBlockGroup: 0,
    mkfsTime: low,
    journalBlocks: journalBackup(plan),
    blocksCountHi: Math.floor(blocksCount / 2 ** 32),
    reservedBlocksCountHi: 0,
    freeBlocksCountHi: Math.floor(free / 2 ** 32),
    minExtraIsize: EXTRA_ISIZE,
    wantExtraIsize: EXTRA_ISIZE,
    flags: SIGNED_HASH,
    raidStride: 0,
    mmpInterval: 0,
    mmpBlock: new Uint8Array(8),
    raidStripeWidth: 0,
    logGroupsPerFlex: LOG_GROUPS_PER_FLEX,
    checksumType: CRC32C,
    reservedPad: 0,
    kbytesWritten: new Uint8Array(8),
    snapshots: new Uint8Array(20),
    errorRecords: new Uint8Array(108),
    mountOptions: new Uint8Array(64),
    userQuotaInode: 0,
    groupQuotaInode: 0,
    overheadClusters: overhead(plan),
    backupGroups: [0, 0],
    encryptAlgorithms: new Uint8Array(4),
    encryptSalt: new Uint8Array(16),
    lostFoundInode: 0,
    projectQuotaInode: 0,
    checksumSeed: fileSystemSeed(uuid),
    writeTimeHi: high,
    mountTimeHi: 0,
    mkfsTimeHi: high,
    lastCheckHi: high,
    errorTimesHi: new Uint8Array(4),
    encoding: 0,
    encodingFlags: 0,
    orphanFileInode: inodes.orphanFile ?? 0,
    reserved: new Uint8Array(376),
    checksum: 0,
  });
  new DataView(bytes.buffer).setUint32(Ext4Superblock.offsetOf("checksum"), superblockChecksum(bytes), true);
  return bytes;
}

function freeBlocks({ geometry, allocation, blocksCount }: FileSystemPlan): number {
  const { end } = allocation;
  const behind = geometry.metadata.reduce((sum, range) => sum + Math.max(0, range.end - Math.max(range.start, end)), 0);
  return Math.max(0, blocksCount - Math.max(end, geometry.firstDataBlock) - behind);
}

/** Blocks that no file can ever have: the metadata, and the journal. */
function overhead({ geometry, inodes }: FileSystemPlan): number {
  const fixed = geometry.metadata.reduce((sum, { start, end }) => sum + end - start, geometry.firstDataBlock);
  const journal = inodes.inodes.find(({ ino }) => ino === INODE_JOURNAL);
  return fixed + (journal === undefined ? 0 : journal.size / geometry.blockSize);
}

/** A copy of the journal inode's block words and size, from which e2fsck can restore it. */
function journalBackup({ inodes, allocation, geometry }: FileSystemPlan): number[] {
  const words = Array.from({ length: 17 }, () => 0);
  const index = inodes.inodes.findIndex(({ ino }) => ino === INODE_JOURNAL);
  if (index < 0) return words;
  const { extents, tree } = allocation.blocks[index]!;
  const seed = inodeSeed(INODE_JOURNAL, 0, 0);
  const { root } = encodeExtents(extents, { blockSize: geometry.blockSize, seed, blockNumbers: tree });
  const view = new DataView(root.buffer);
  for (let i = 0; i < 15; i++) words[i] = view.getUint32(i * 4, true);
  const { size } = inodes.inodes[index]!;
  words[15] = Math.floor(size / 2 ** 32);
  words[16] = size % 2 ** 32;
  return words;
}
