/**
 * GNU tar's old form of a sparse file (GNU tar manual, "Storing Sparse Files", "Old GNU Format"): the header, and the blocks
 * that continue its list of segments.
 */

import { array, ascii, at, layout, raw, u8, type Values } from "../../bytes/layout.js";

/** The header of a sparse file. Numbers are octal digits that end with NUL, or base 256. */
export const GnuSparseHeader = layout("GnuSparseHeader", 512, "big", {
  name: at(0, ascii(100)),
  mode: at(100, raw(8)),
  uid: at(108, raw(8)),
  gid: at(116, raw(8)),
  size: at(124, raw(12)),
  mtime: at(136, raw(12)),
  checksum: at(148, raw(8)),
  typeflag: at(156, ascii(1)),
  linkName: at(157, ascii(100)),
  magic: at(257, raw(8)),
  userName: at(265, ascii(32)),
  groupName: at(297, ascii(32)),
  major: at(329, raw(8)),
  minor: at(337, raw(8)),
  accessTime: at(345, raw(12)),
  changeTime: at(357, raw(12)),
  offset: at(369, raw(12)),
  longNames: at(381, raw(4)),
  unused: at(385, u8),
  segments: at(386, array(4, raw(24))),
  isExtended: at(482, u8),
  realSize: at(483, raw(12)),
  padding: at(495, raw(17)),
});
export type GnuSparseHeader = Values<typeof GnuSparseHeader>;

/** A block with further segments. */
export const GnuSparseExtension = layout("GnuSparseExtension", 512, "big", {
  segments: at(0, array(21, raw(24))),
  isExtended: at(504, u8),
  padding: at(505, raw(7)),
});
export type GnuSparseExtension = Values<typeof GnuSparseExtension>;

export const BLOCK = 512;
/** Archives fill up a record of 20 blocks. */
export const RECORD = 20 * BLOCK;
export const SPARSE_TYPE = "S";
/** "ustar" with two blanks and NUL: GNU's own format. */
export const GNU_MAGIC = "ustar  \0";
/** What Google Cloud looks for in the archive. */
export const DISK_NAME = "disk.raw";
