/** Group descriptors of ext4 with the 64bit feature (Linux, Documentation/filesystems/ext4/group_descr.rst). */

import { at, layout, u16, u32, type Values } from "../../bytes/layout.js";

/** Where a group's metadata is, and what is free in it. */
export const Ext4GroupDescriptor = layout("Ext4GroupDescriptor", 64, "little", {
  blockBitmapLo: at(0x0, u32),
  inodeBitmapLo: at(0x4, u32),
  inodeTableLo: at(0x8, u32),
  freeBlocksCountLo: at(0xc, u16),
  freeInodesCountLo: at(0xe, u16),
  usedDirsCountLo: at(0x10, u16),
  flags: at(0x12, u16),
  excludeBitmapLo: at(0x14, u32),
  blockBitmapCsumLo: at(0x18, u16),
  inodeBitmapCsumLo: at(0x1a, u16),
  itableUnusedLo: at(0x1c, u16),
  checksum: at(0x1e, u16),
  blockBitmapHi: at(0x20, u32),
  inodeBitmapHi: at(0x24, u32),
  inodeTableHi: at(0x28, u32),
  freeBlocksCountHi: at(0x2c, u16),
  freeInodesCountHi: at(0x2e, u16),
  usedDirsCountHi: at(0x30, u16),
  itableUnusedHi: at(0x32, u16),
  excludeBitmapHi: at(0x34, u32),
  blockBitmapCsumHi: at(0x38, u16),
  inodeBitmapCsumHi: at(0x3a, u16),
  reserved: at(0x3c, u32),
});
export type Ext4GroupDescriptor = Values<typeof Ext4GroupDescriptor>;

/** Flags: the inode table is known to be zeros where it is not used. */
export const GROUP_INODE_ZEROED = 0x4;
