/**
 * The structures of squashfs 4.0 (kernel: Documentation/filesystems/squashfs.rst, fs/squashfs/squashfs_fs.h), little-endian.
 */
import { at, layout, u16, u32, u64, u64flags, type Values } from "../../bytes/layout.js";

/** "hsqs". */
export const MAGIC = 0x73717368;
/** A metadata block holds this many bytes, unpacked. */
export const METADATA_BYTES = 8192;
/** Set in the 16-bit header of a metadata block that is stored as it is. */
export const METADATA_STORED = 0x8000;
/** Set in the size of a data block or fragment that is stored as it is. */
export const BLOCK_STORED = 1 << 24;
/** No fragment; no extended attributes. */
export const NONE = 0xffffffff;
/** A table that is not there. */
export const NO_TABLE = 0xffff_ffff_ffff_ffffn;
export const BLOCK_SIZE_MIN = 4096;
export const BLOCK_SIZE_MAX = 1 << 20;

export const FLAG = {
  storedInodes: 0x1,
  storedData: 0x2,
  storedFragments: 0x8,
  noFragments: 0x10,
  deduplicated: 0x40,
  exportable: 0x80,
  storedXattrs: 0x100,
  noXattrs: 0x200,
  compressorOptions: 0x400,
  storedIds: 0x800,
} as const;

export const Superblock = layout("SquashfsSuperblock", 96, "little", {
  magic: at(0, u32),
  inodeCount: at(4, u32),
  mtimeSeconds: at(8, u32),
  blockSize: at(12, u32),
  fragmentCount: at(16, u32),
  compressor: at(20, u16),
  blockLog: at(22, u16),
  flags: at(24, u16),
  idCount: at(26, u16),
  versionMajor: at(28, u16),
  versionMinor: at(30, u16),
  rootInode: at(32, u64),
  bytesUsed: at(40, u64),
  idTableStart: at(48, u64),
  xattrTableStart: at(56, u64flags),
  inodeTableStart: at(64, u64),
  directoryTableStart: at(72, u64),
  fragmentTableStart: at(80, u64flags),
  exportTableStart: at(88, u64flags),
});
export type Superblock = Values<typeof Superblock>;

/** What follows structures: sizes of blocks, the index of extended attributes. */
export const Word = layout("SquashfsWord", 4, "little", { value: at(0, u32) });

/** Types of inodes; the extended form of each is 7 higher. */
export const INODE_TYPE = { directory: 1, file: 2, symlink: 3, block: 4, char: 5, fifo: 6, socket: 7 } as const;
/** What is added to a type for its extended form. */
export const EXTENDED = 7;

export const InodeHeader = layout("SquashfsInodeHeader", 16, "little", {
  type: at(0, u16),
  mode: at(2, u16),
  uidIndex: at(4, u16),
  gidIndex: at(6, u16),
  mtimeSeconds: at(8, u32),
  inodeNumber: at(12, u32),
});

export const DirectoryInode = layout("SquashfsDirectoryInode", 16, "little", {
  listingBlock: at(0, u32),
  links: at(4, u32),
  /** Bytes of the listing, plus 3 for `.` and `..`. */
  listingSize: at(8, u16),
  listingOffset: at(10, u16),
  parentInode: at(12, u32),
});

export const ExtendedDirectoryInode = layout("SquashfsExtendedDirectoryInode", 24, "little", {
  links: at(0, u32),
  listingSize: at(4, u32),
  listingBlock: at(8, u32),
  parentInode: at(12, u32),
  indexCount: at(16, u16),
  listingOffset: at(18, u16),
  xattrIndex: at(20, u32),
});

/** Followed by the name of the first entry, one byte longer than stated. */
export const DirectoryIndex = layout("SquashfsDirectoryIndex", 12, "little", {
  listingPosition: at(0, u32),
  metadataBlock: at(4, u32),
  nameSizeLessOne: at(8, u32),
});

/** Followed by the sizes of the blocks. */
export const FileInode = layout("SquashfsFileInode", 16, "little", {
  blocksStart: at(0, u32),
  fragmentIndex: at(4, u32),
  fragmentOffset: at(8, u32),
  sizeBytes: at(12, u32),
});

/** Followed by the sizes of the blocks. */
export const ExtendedFileInode = layout("SquashfsExtendedFileInode", 40, "little", {
  blocksStart: at(0, u64),
  sizeBytes: at(8, u64),
  sparseBytes: at(16, u64),
  links: at(24, u32),
  fragmentIndex: at(28, u32),
  fragmentOffset: at(32, u32),
  xattrIndex: at(36, u32),
});

/** Followed by the target; in the extended form by the index of the extended attributes (u32) after it. */
export const SymlinkInode = layout("SquashfsSymlinkInode", 8, "little", { links: at(0, u32), targetSize: at(4, u32) });

export const DeviceInode = layout("SquashfsDeviceInode", 8, "little", { links: at(0, u32), device: at(4, u32) });

export const ExtendedDeviceInode = layout("SquashfsExtendedDeviceInode", 12, "little", {
  links: at(0, u32),
  device: at(4, u32),
  xattrIndex: at(8, u32),
});

export const PipeInode = layout("SquashfsPipeInode", 4, "little", { links: at(0, u32) });

export const ExtendedPipeInode = layout("SquashfsExtendedPipeInode", 8, "little", {
  links: at(0, u32),
  xattrIndex: at(4, u32),
});

/** Followed by one more entry than stated, all of inodes in one metadata block. */
export const DirectoryHeader = layout("SquashfsDirectoryHeader", 12, "little", {
  countLessOne: at(0, u32),
  inodeBlock: at(4, u32),
  inodeNumber: at(8, u32),
});

/** Followed by the name, one byte longer than stated. */
export const DirectoryEntry = layout("SquashfsDirectoryEntry", 8, "little", {
  inodeOffset: at(0, u16),
  /** Signed: what the inode's number is above the header's. */
  inodeNumberDelta: at(2, u16),
  type: at(4, u16),
  nameSizeLessOne: at(6, u16),
});

export const FragmentEntry = layout("SquashfsFragmentEntry", 16, "little", {
  start: at(0, u64),
  size: at(8, u32),
  unused: at(12, u32),
});

/** Followed by the name without its prefix, then the size of the value (u32) and the value. */
export const XattrEntry = layout("SquashfsXattrEntry", 4, "little", { type: at(0, u16), nameSize: at(2, u16) });
/** Set in an attribute's type when its value is a reference to the value of another. */
export const XATTR_ELSEWHERE = 0x100;
/** Prefixes of names by their number. */
export const XATTR_PREFIXES = ["user.", "trusted.", "security."] as const;

export const XattrId = layout("SquashfsXattrId", 16, "little", {
  reference: at(0, u64),
  count: at(8, u32),
  sizeBytes: at(12, u32),
});

export const XattrTableHeader = layout("SquashfsXattrTableHeader", 16, "little", {
  entriesStart: at(0, u64),
  idCount: at(8, u32),
  unused: at(12, u32),
});

/** linux/kdev_t.h, new_encode_dev. */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** linux/kdev_t.h, new_decode_dev. */
export function decodeDevice(device: number): readonly [number, number] {
  return [(device & 0xfff00) >>> 8, (device & 0xff) | ((device >>> 12) & 0xfff00)];
}

/** Options of the compressors behind the superblock, in a metadata block that is stored as it is. */
export const ZstdOptions = layout("SquashfsZstdOptions", 4, "little", { level: at(0, u32) });
export const Lz4Options = layout("SquashfsLz4Options", 8, "little", { version: at(0, u32), flags: at(4, u32) });
export const GzipOptions = layout("SquashfsGzipOptions", 8, "little", {
  level: at(0, u32),
  windowBits: at(4, u16),
  strategies: at(6, u16),
});
