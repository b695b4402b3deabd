/**
 * The boot sectors of FAT16 and FAT32 and FAT32's FSInfo sector (Microsoft, "FAT: General Overview of On-Disk Format" 1.03,
 * "Boot Sector and BPB", "FAT32 FSInfo Sector Structure").
 */

import { array, ascii, at, layout, raw, u8, u16, u32, type Values } from "../../bytes/layout.js";

/** Bytes of a sector; other sizes are neither written nor read. */
export const SECTOR = 512;

/** What both kinds begin with. */
const common = {
  jump: at(0, raw(3)),
  oemName: at(3, ascii(8)),
  bytesPerSector: at(11, u16),
  sectorsPerCluster: at(13, u8),
  reservedSectors: at(14, u16),
  fats: at(16, u8),
  rootEntries: at(17, u16),
  totalSectors16: at(19, u16),
  media: at(21, u8),
  sectorsPerFat16: at(22, u16),
  sectorsPerTrack: at(24, u16),
  heads: at(26, u16),
  hiddenSectors: at(28, u32),
  totalSectors32: at(32, u32),
} as const;

/** The part that FAT12, FAT16 and FAT32 have in common. */
export const BiosParameterBlock = layout("BiosParameterBlock", 36, "little", common);
export type BiosParameterBlock = Values<typeof BiosParameterBlock>;

/** FAT12's and FAT16's boot sector. */
export const Fat16BootSector = layout("Fat16BootSector", SECTOR, "little", {
  ...common,
  drive: at(36, u8),
  reserved: at(37, u8),
  extendedSignature: at(38, u8),
  volumeId: at(39, u32),
  label: at(43, raw(11)),
  typeName: at(54, ascii(8)),
  code: at(62, raw(448)),
  signature: at(510, u16),
});
export type Fat16BootSector = Values<typeof Fat16BootSector>;

/** FAT32's boot sector. */
export const Fat32BootSector = layout("Fat32BootSector", SECTOR, "little", {
  ...common,
  sectorsPerFat32: at(36, u32),
  flags: at(40, u16),
  version: at(42, u16),
  rootCluster: at(44, u32),
  infoSector: at(48, u16),
  backupBootSector: at(50, u16),
  reserved: at(52, raw(12)),
  drive: at(64, u8),
  reserved1: at(65, u8),
  extendedSignature: at(66, u8),
  volumeId: at(67, u32),
  label: at(71, raw(11)),
  typeName: at(82, ascii(8)),
  code: at(90, raw(420)),
  signature: at(510, u16),
});
export type Fat32BootSector = Values<typeof Fat32BootSector>;

/** FAT32's FSInfo sector. */
export const FsInfo = layout("FsInfo", SECTOR, "little", {
  leadSignature: at(0, u32),
  reserved: at(4, array(120, u32)),
  structSignature: at(484, u32),
  freeClusters: at(488, u32),
  lastAllocated: at(492, u32),
  reserved2: at(496, raw(12)),
  trailSignature: at(508, u32),
});
export type FsInfo = Values<typeof FsInfo>;

export const BOOT_SIGNATURE = 0xaa55;
export const EXTENDED_SIGNATURE = 0x29;
/** "RRaA", "rrAa" and the boot signature, as FSInfo has them. */
export const INFO_SIGNATURES = { lead: 0x41615252, struct: 0x61417272, trail: 0xaa550000 } as const;
/** A disk that cannot be removed. */
export const MEDIA_FIXED = 0xf8;
