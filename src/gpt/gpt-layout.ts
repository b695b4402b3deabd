/**
 * The structures of a GPT disk (UEFI 2.10 §5.2.3 and §5.3) and the numbers that every disk of ours has.
 */

import { array, ascii, at, layout, raw, u8, u16, u32, u64, u64flags, type Values } from "../bytes/layout.js";

/** UEFI 2.10 §5.2.1, table 5.2. */
export const MbrPartition = layout("MbrPartition", 16, "little", {
  bootIndicator: at(0, u8),
  startChs: at(1, raw(3)),
  osType: at(4, u8),
  endChs: at(5, raw(3)),
  startLba: at(8, u32),
  sectors: at(12, u32),
});
export type MbrPartition = Values<typeof MbrPartition>;

/** UEFI 2.10 §5.2.3, table 5.3. */
export const ProtectiveMbr = layout("ProtectiveMbr", 512, "little", {
  bootCode: at(0, raw(440)),
  diskSignature: at(440, u32),
  unknown: at(444, u16),
  partitions: at(446, array(4, raw(16))),
  signature: at(510, u16),
});
export type ProtectiveMbr = Values<typeof ProtectiveMbr>;

/** UEFI 2.10 §5.3.2, table 5.5. */
export const GptHeader = layout("GptHeader", 92, "little", {
  signature: at(0, ascii(8)),
  revision: at(8, u32),
  headerSize: at(12, u32),
  headerCrc32: at(16, u32),
  reserved: at(20, u32),
  myLba: at(24, u64),
  alternateLba: at(32, u64),
  firstUsableLba: at(40, u64),
  lastUsableLba: at(48, u64),
  diskGuid: at(56, raw(16)),
  partitionEntryLba: at(72, u64),
  partitionEntries: at(80, u32),
  partitionEntrySize: at(84, u32),
  partitionEntriesCrc32: at(88, u32),
});
export type GptHeader = Values<typeof GptHeader>;

/** UEFI 2.10 §5.3.3, table 5.6. */
export const GptEntry = layout("GptEntry", 128, "little", {
  typeGuid: at(0, raw(16)),
  uniqueGuid: at(16, raw(16)),
  startLba: at(32, u64),
  endLba: at(40, u64),
  attributes: at(48, u64flags),
  name: at(56, array(36, u16)),
});
export type GptEntry = Values<typeof GptEntry>;

export const SECTOR = 512;
export const GPT_SIGNATURE = "EFI PART";
export const GPT_REVISION = 0x00010000;
export const ENTRIES = 128;
/** Sectors of the array of entries. */
export const ENTRY_SECTORS = (ENTRIES * GptEntry.size) / SECTOR;
/** Sectors after the last usable one: the array again, then the header. */
export const BACKUP_SECTORS = ENTRY_SECTORS + 1;
/** The first sector after the table. */
export const FIRST_FREE_LBA = 2 + ENTRY_SECTORS;
export const ALIGNMENT = 1 << 20;
export const PROTECTIVE_TYPE = 0xee;
export const MBR_SIGNATURE = 0xaa55;
