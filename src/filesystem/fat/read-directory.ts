/**
 * Decodes the entries of a directory, with the long names that lie before them.
 */

import { toByteString } from "../../bytes/content.js";
import {
  Attribute,
  DirectoryEntry,
  LAST_LONG_ENTRY,
  LongNameEntry,
  secondsOfFatTime,
  shortNameChecksum,
} from "./directory-entry.js";

/** A decoded entry. */
export interface DirectoryRecord {
  /** The long name, or the short one where there is none that fits. */
  readonly name: string;
  /** `BOOTX64.EFI` */
  readonly shortName: string;
  /** The 11 bytes without trailing blanks: what a label is. */
  readonly label: string;
  readonly attributes: number;
  readonly mtimeSeconds: number;
  readonly firstCluster: number;
  readonly size: number;
}

const END = 0x00;
const DELETED = 0xe5;
/** Stands for 0xe5 where that is a name's first byte. */
const KANJI_E5 = 0x05;
const UNUSABLE = /[\x00-\x1f"*/:<>?\\|]/;
const LONG_ENTRIES_MAX = 20;

/** The entries but for `.`, `..` and deleted ones. */
export function readDirectory(bytes: Uint8Array): DirectoryRecord[] {
  const records: DirectoryRecord[] = [];
  let long: LongNameEntry[] = [];
  for (let at = 0; at + DirectoryEntry.size <= bytes.length; at += DirectoryEntry.size) {
    const first = bytes[at]!;
    if (first === END) break;
    if (first === DELETED) {
      long = [];
      continue;
    }
    if ((bytes[at + 11]! & 0x3f) === Attribute.longName) {
      const entry = LongNameEntry.decode(bytes, at);
      if (entry.order & LAST_LONG_ENTRY) long = [];
      if (long.length < LONG_ENTRIES_MAX) long.push(entry);
      continue;
    }
    const entry = DirectoryEntry.decode(bytes, at);
    const shortName = shortNameOf(entry);
    if (shortName !== "." && shortName !== "..")
      records.push({
        name: longNameOf(long, shortNameChecksum(entry.name)) ?? shortName,
        shortName,
        label: toByteString(entry.name).trimEnd(),
        attributes: entry.attributes,
        mtimeSeconds: secondsOfFatTime(entry.modifiedDate, entry.modifiedTime),
        firstCluster: entry.clusterHigh * 0x10000 + entry.clusterLow,
        size: entry.size,
      });
    long = [];
  }
  return records;
}

const LOWER_BASE = 0x08;
const LOWER_EXTENSION = 0x10;

function shortNameOf(entry: DirectoryEntry): string {
  const name = entry.name.slice();
  if (name[0] === KANJI_E5) name[0] = DELETED;
  // The code page is not known: bytes beyond ASCII stay what they are, what would change the path does not.
  const text = toByteString(name).replace(/[\x00-\x1f"*/:<>?\\|\x7f]/g, "_");
  const base = text.slice(0, 8).trimEnd();
  const extension = text.slice(8).trimEnd();
  const lower = (part: string, flag: number): string => (entry.caseFlags & flag ? part.toLowerCase() : part);
  return lower(base, LOWER_BASE) + (extension === "" ? "" : `.${lower(extension, LOWER_EXTENSION)}`);
}

/** The long name, where its entries are whole, in order, and belong to the short one. */
function longNameOf(entries: readonly LongNameEntry[], checksum: number): string | undefined {
  if (entries.length === 0 || entries[0]!.order !== (entries.length | LAST_LONG_ENTRY)) return undefined;
  const units: number[] = [];
  for (const [i, entry] of [...entries].reverse().entries()) {
    if ((entry.order & ~LAST_LONG_ENTRY) !== i + 1 || entry.checksum !== checksum) return undefined;
    units.push(...entry.name1, ...entry.name2, ...entry.name3);
  }
  const end = units.indexOf(0);
  const name = String.fromCharCode(...(end < 0 ? units : units.slice(0, end))).replace(/\uffff+$/, "");
  return name === "" || name === "." || name === ".." || UNUSABLE.test(name) ? undefined : name;
}
