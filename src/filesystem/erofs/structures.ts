/**
 * The structures of EROFS (erofs.docs.kernel.org: core on-disk format, extended attributes, compressed format), little-endian.
 */
import { at, layout, raw, u8, u16, u32, u64, u64flags, type Values } from "../../bytes/layout.js";

export const MAGIC = 0xe0f5e1e2;
export const SUPERBLOCK_OFFSET = 1024;
/** Blocks, logical clusters and directory blocks of what is written here. */
export const BLOCK_BITS = 12;
export const BLOCK_BYTES = 1 << BLOCK_BITS;
/** Inodes lie on multiples of this; an inode's number is its place divided by it. */
export const SLOT_BYTES = 32;
/** No block. */
export const NO_BLOCK = 0xffffffff;

/** Features that a reader may ignore. */
export const COMPATIBLE = { superblockChecksum: 1, modificationTimes: 2, xattrFilter: 4 } as const;
/** Features that a reader must know. */
export const INCOMPATIBLE = { zeroPadding: 1, compressionConfigs: 2, chunks: 4 } as const;

export const Superblock = layout("ErofsSuperblock", 128, "little", {
  magic: at(0, u32),
  checksum: at(4, u32),
  featureCompat: at(8, u32),
  blockBits: at(12, u8),
  extensionSlots: at(13, u8),
  rootNid: at(14, u16),
  inodeCount: at(16, u64),
  buildTime: at(24, u64flags),
  buildTimeNanoseconds: at(32, u32),
  blocks: at(36, u32),
  metadataBlock: at(40, u32),
  xattrBlock: at(44, u32),
  uuid: at(48, raw(16)),
  volumeName: at(64, raw(16)),
  featureIncompat: at(80, u32),
  /** A bit for each algorithm. */
  algorithms: at(84, u16),
  extraDevices: at(86, u16),
  deviceTableSlot: at(88, u16),
  directoryBlockBits: at(90, u8),
  xattrPrefixCount: at(91, u8),
  xattrPrefixStart: at(92, u32),
  packedNid: at(96, u64),
  xattrFilterReserved: at(104, u8),
  reserved: at(105, raw(23)),
});
export type Superblock = Values<typeof Superblock>;

/** How an inode's data lies. */
export const DATA_LAYOUT = { plain: 0, compressedFull: 1, inline: 2, compressedCompact: 3, chunks: 4 } as const;

/** Of 32 bytes: its time is the superblock's. */
export const CompactInode = layout("ErofsCompactInode", 32, "little", {
  /** Bit 0: extended; bits 1–3: the layout of its data. */
  format: at(0, u16),
  xattrCount: at(2, u16),
  mode: at(4, u16),
  links: at(6, u16),
  size: at(8, u32),
  reserved: at(12, u32),
  /** The first block, the number of compressed blocks, or the device. */
  place: at(16, u32),
  number: at(20, u32),
  uid: at(24, u16),
  gid: at(26, u16),
  reserved2: at(28, u32),
});

export const ExtendedInode = layout("ErofsExtendedInode", 64, "little", {
  format: at(0, u16),
  xattrCount: at(2, u16),
  mode: at(4, u16),
  reserved: at(6, u16),
  size: at(8, u64),
  place: at(16, u32),
  number: at(20, u32),
  uid: at(24, u32),
  gid: at(28, u32),
  mtimeSeconds: at(32, u64flags),
  mtimeNanoseconds: at(40, u32),
  links: at(44, u32),
  reserved2: at(48, raw(16)),
});

/** Followed by references to shared attributes (u32 each), then attributes. */
export const XattrHeader = layout("ErofsXattrHeader", 12, "little", {
  nameFilter: at(0, u32),
  sharedCount: at(4, u8),
  reserved: at(5, raw(7)),
});

/** Followed by the name without its prefix and the value, padded to 4 bytes. */
export const XattrEntry = layout("ErofsXattrEntry", 4, "little", {
  nameSize: at(0, u8),
  nameIndex: at(1, u8),
  valueSize: at(2, u16),
});

export const DirectoryEntry = layout("ErofsDirectoryEntry", 12, "little", {
  nid: at(0, u64),
  nameOffset: at(8, u16),
  type: at(10, u8),
  reserved: at(11, u8),
});

/** Numbers of types in directory entries. */
export const FILE_TYPE = { file: 1, directory: 2, char: 3, block: 4, fifo: 5, socket: 6, symlink: 7 } as const;

/** Before the index of a compressed file. */
export const MapHeader = layout("ErofsMapHeader", 8, "little", {
  fragmentOffset: at(0, u32),
  advise: at(4, u16),
  /** Bits 0–3: of clusters of type head 1; 4–7: of head 2. */
  algorithms: at(6, u8),
  clusterBits: at(7, u8),
});
export const ADVISE = {
  compact2: 1,
  bigClusters: 2,
  bigClusters2: 4,
  inline: 8,
  interlaced: 16,
  fragment: 32,
} as const;

/** A logical cluster of the full index. */
export const ClusterIndex = layout("ErofsClusterIndex", 8, "little", {
  type: at(0, u16),
  /** Where in the cluster its extent begins. */
  offset: at(2, u16),
  /** The first block, or the distances to this extent's head and the next. */
  place: at(4, u32),
});
export const CLUSTER_TYPE = { plain: 0, head: 1, tail: 2, head2: 3 } as const;
/** Set in the first distance of an extent's second cluster, which is then the extent's number of blocks. */
export const BLOCK_COUNT = 0x800;

/** Numbers of algorithms. */
export const ALGORITHM = { lz4: 0, lzma: 1, deflate: 2, zstd: 3 } as const;

/** linux/kdev_t.h, new_encode_dev. */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** linux/kdev_t.h, new_decode_dev. */
export function decodeDevice(device: number): { readonly major: number; readonly minor: number } {
  return { major: (device & 0xfff00) >>> 8, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

/** Up to the next multiple, a power of two. */
export function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
