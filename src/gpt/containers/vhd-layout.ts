/**
 * The structures of VHD disks (Microsoft, "Virtual Hard Disk Image Format Specification" 1.0).
 */

import { array, ascii, at, layout, raw, u8, u16, u32, u64, type Values } from "../../bytes/layout.js";

/** The footer; a dynamic disk has a copy of it at its begin. */
export const VhdFooter = layout("VhdFooter", 512, "big", {
  cookie: at(0, ascii(8)),
  features: at(8, u32),
  formatVersion: at(12, u32),
  /** 0xffffffffffffffff for a fixed disk. */
  dataOffset: at(16, raw(8)),
  timestamp: at(24, u32),
  creatorApplication: at(28, ascii(4)),
  creatorVersion: at(32, u32),
  creatorHost: at(36, ascii(4)),
  originalSize: at(40, u64),
  currentSize: at(48, u64),
  cylinders: at(56, u16),
  heads: at(58, u8),
  sectorsPerTrack: at(59, u8),
  diskType: at(60, u32),
  checksum: at(64, u32),
  uniqueId: at(68, raw(16)),
  savedState: at(84, u8),
  reserved: at(85, raw(427)),
});
export type VhdFooter = Values<typeof VhdFooter>;

/** A dynamic disk's header. */
export const VhdDynamicHeader = layout("VhdDynamicHeader", 1024, "big", {
  cookie: at(0, ascii(8)),
  dataOffset: at(8, raw(8)),
  tableOffset: at(16, u64),
  headerVersion: at(24, u32),
  maxTableEntries: at(28, u32),
  blockSize: at(32, u32),
  checksum: at(36, u32),
  parentUniqueId: at(40, raw(16)),
  parentTimestamp: at(56, u32),
  reserved: at(60, u32),
  parentName: at(64, raw(512)),
  parentLocators: at(576, array(8, raw(24))),
  reserved2: at(768, raw(256)),
});
export type VhdDynamicHeader = Values<typeof VhdDynamicHeader>;

export const FOOTER_COOKIE = "conectix";
export const HEADER_COOKIE = "cxsparse";
export const SECTOR = 512;
export const BLOCK = 2 << 20;
/** One bit a sector of the block, in whole sectors. */
export const BITMAP_BYTES = BLOCK / SECTOR / 8;
export const DiskType = { fixed: 2, dynamic: 3, differencing: 4 } as const;
/** A block that is not there. */
export const UNUSED = 0xffffffff;

/** One's complement of the sum of all bytes but the checksum's own. */
export function vhdChecksum(bytes: Uint8Array, checksumOffset: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) if (i < checksumOffset || i >= checksumOffset + 4) sum += bytes[i]!;
  return ~sum >>> 0;
}
