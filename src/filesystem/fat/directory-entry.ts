/**
 * Directory entries of FAT: short ones, and those that hold a long name in front of them (Microsoft's specification, "FAT
 * Directory Structure" and "Long Directory Entries").
 */

import { array, at, layout, raw, u8, u16, u32, type Values } from "../../bytes/layout.js";

/** An entry with a short name. */
export const DirectoryEntry = layout("FatDirectoryEntry", 32, "little", {
  name: at(0, raw(11)),
  attributes: at(11, u8),
  caseFlags: at(12, u8),
  createdTenths: at(13, u8),
  createdTime: at(14, u16),
  createdDate: at(16, u16),
  accessedDate: at(18, u16),
  clusterHigh: at(20, u16),
  modifiedTime: at(22, u16),
  modifiedDate: at(24, u16),
  clusterLow: at(26, u16),
  size: at(28, u32),
});
export type DirectoryEntry = Values<typeof DirectoryEntry>;

/** Thirteen UTF-16 units of a long name. */
export const LongNameEntry = layout("FatLongNameEntry", 32, "little", {
  order: at(0, u8),
  name1: at(1, array(5, u16)),
  attributes: at(11, u8),
  type: at(12, u8),
  checksum: at(13, u8),
  name2: at(14, array(6, u16)),
  cluster: at(26, u16),
  name3: at(28, array(2, u16)),
});
export type LongNameEntry = Values<typeof LongNameEntry>;

export const Attribute = {
  readOnly: 1,
  hidden: 2,
  system: 4,
  label: 8,
  directory: 16,
  archive: 32,
  longName: 15,
} as const;
export const UNITS_PER_ENTRY = 13;
export const LAST_LONG_ENTRY = 0x40;

/** 1980-01-01 and 2107-12-31 23:59:58: what the format can say. */
const FIRST_SECOND = 315_532_800;
const LAST_SECOND = 4_354_819_198;

/** A time, clamped to what FAT can say, taken as UTC; seconds are even, the odd one goes to `tenths`. */
export function fatTime(seconds: number): { readonly date: number; readonly time: number; readonly tenths: number } {
  const clamped = Math.min(Math.max(Math.floor(seconds), FIRST_SECOND), LAST_SECOND);
  const at = new Date(clamped * 1000);
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    tenths: (at.getUTCSeconds() & 1) * 100,
  };
}

/** Seconds since 1970 of a date and time of an entry; impossible days count on into the next month. */
export function secondsOfFatTime(date: number, time: number): number {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
  return Date.UTC(year, Math.max(month - 1, 0), Math.max(day, 1), time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}

/** Checksum of a short name, which its long name's entries repeat. */
export function shortNameChecksum(name: Uint8Array): number {
  let sum = 0;
  for (const byte of name) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}

/** The entries of a long name, in the order in which they lie before the short one. */
export function longNameEntries(name: string, checksum: number): LongNameEntry[] {
  const units = Array.from({ length: name.length }, (_, i) => name.charCodeAt(i));
  const entries: LongNameEntry[] = [];
  const count = Math.ceil(units.length / UNITS_PER_ENTRY);
  if (units.length < count * UNITS_PER_ENTRY) units.push(0);
  while (units.length < count * UNITS_PER_ENTRY) units.push(0xffff);
  for (let i = count; i > 0; i--) {
    const piece = units.slice((i - 1) * UNITS_PER_ENTRY, i * UNITS_PER_ENTRY);
    entries.push({
      order: i === count ? i | LAST_LONG_ENTRY : i,
      name1: piece.slice(0, 5),
      attributes: Attribute.longName,
      type: 0,
      checksum,
      name2: piece.slice(5, 11),
      cluster: 0,
      name3: piece.slice(11),
    });
  }
  return entries;
}
