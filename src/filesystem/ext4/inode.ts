/**
 * Inodes of ext4, 256 bytes (Linux, Documentation/filesystems/ext4/inodes.rst), and their times.
 */

import { at, layout, raw, u16, u32, type Values } from "../../bytes/layout.js";

/** An inode. What is behind its fields holds extended attributes. */
export const Ext4Inode = layout("Ext4Inode", 256, "little", {
  mode: at(0x0, u16),
  uidLo: at(0x2, u16),
  sizeLo: at(0x4, u32),
  atime: at(0x8, u32),
  ctime: at(0xc, u32),
  mtime: at(0x10, u32),
  dtime: at(0x14, u32),
  gidLo: at(0x18, u16),
  linksCount: at(0x1a, u16),
  blocksLo: at(0x1c, u32),
  flags: at(0x20, u32),
  versionLo: at(0x24, u32),
  block: at(0x28, raw(60)),
  generation: at(0x64, u32),
  fileAclLo: at(0x68, u32),
  sizeHi: at(0x6c, u32),
  obsoleteFaddr: at(0x70, u32),
  blocksHi: at(0x74, u16),
  fileAclHi: at(0x76, u16),
  uidHi: at(0x78, u16),
  gidHi: at(0x7a, u16),
  checksumLo: at(0x7c, u16),
  reserved: at(0x7e, u16),
  extraIsize: at(0x80, u16),
  checksumHi: at(0x82, u16),
  ctimeExtra: at(0x84, u32),
  mtimeExtra: at(0x88, u32),
  atimeExtra: at(0x8c, u32),
  crtime: at(0x90, u32),
  crtimeExtra: at(0x94, u32),
  versionHi: at(0x98, u32),
  projectId: at(0x9c, u32),
  xattrs: at(0xa0, raw(96)),
});
export type Ext4Inode = Values<typeof Ext4Inode>;

/** Bytes of the fields behind the first 128. */
export const EXTRA_ISIZE = 32;

/** Flags. */
export const INODE_FLAGS = { index: 0x1000, extents: 0x80000, inlineData: 0x10000000 } as const;

/** A symbolic link shorter than this lies in the inode itself. */
export const FAST_SYMLINK_MAX = 60;

/** More links than this a directory counts as 1 (feature dir_nlink); a file cannot have them. */
export const LINKS_MAX = 65000;

const SECONDS_MIN = -(2 ** 31);
const SECONDS_MAX = 2 ** 34 - 2 ** 31 - 1;

/** A time as two words: seconds modulo 2^32 as a signed number; two bits of epoch and the nanoseconds. Undefined if it does not fit. */
export function encodeTime(time: number): { readonly seconds: number; readonly extra: number } | undefined {
  const whole = Math.floor(time);
  if (!(whole >= SECONDS_MIN && whole <= SECONDS_MAX)) return undefined;
  const nanoseconds = Math.min(999_999_999, Math.round((time - whole) * 1e9));
  const epoch = Math.floor((whole - SECONDS_MIN) / 2 ** 32);
  return { seconds: whole >>> 0, extra: nanoseconds * 4 + epoch };
}

/** The time that two words stand for. */
export function decodeTime(seconds: number, extra: number): number {
  return (seconds | 0) + (extra & 3) * 2 ** 32 + (extra >>> 2) / 1e9;
}

/** `i_block` of a device: the old 16-bit number where it fits, else the new one in the second word (include/linux/kdev_t.h). */
export function encodeDevice(major: number, minor: number): Uint8Array {
  const block = new Uint8Array(60);
  const view = new DataView(block.buffer);
  if (major < 256 && minor < 256) view.setUint32(0, (major << 8) | minor, true);
  else view.setUint32(4, ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0, true);
  return block;
}

/** The device that an `i_block` stands for. */
export function decodeDevice(block: Uint8Array): { readonly major: number; readonly minor: number } {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const old = view.getUint32(0, true);
  if (old !== 0) return { major: (old >>> 8) & 0xff, minor: old & 0xff };
  const word = view.getUint32(4, true);
  return { major: (word >>> 8) & 0xfff, minor: (word & 0xff) | ((word >>> 12) & 0xfff00) };
}
