/** Records of pax extended headers: `length key=value\n` (POSIX.1-2024, pax, "pax Extended Header"). Keys and values are byte strings. */

import { fromByteString, toByteString } from "../../bytes/content.js";
import { tarError } from "./errors.js";

/** Records by key; the last of a key wins. */
export type PaxRecords = ReadonlyMap<string, string>;

/** Reads the body of an extended header. */
export function readPax(body: Uint8Array, at: number): PaxRecords {
  const text = toByteString(body);
  const records = new Map<string, string>();
  for (let start = 0; start < text.length; ) {
    const space = text.indexOf(" ", start);
    const length = space > start && space - start <= 10 ? Number(text.slice(start, space)) : Number.NaN;
    const end = start + length;
    const equals = text.indexOf("=", space);
    if (!Number.isInteger(length) || end > text.length || text[end - 1] !== "\n" || equals < 0 || equals >= end)
      throw tarError(`a broken pax header at ${at}`);
    records.set(text.slice(space + 1, equals), text.slice(equals + 1, end - 1));
    start = end;
  }
  return records;
}

/** One record; its length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

const STAR_PREFIX = "SCHILY.xattr.";
const LIBARCHIVE_PREFIX = "LIBARCHIVE.xattr.";

/** The extended attributes among the records; undefined if there are none. */
export function paxXattrs(records: PaxRecords): ReadonlyMap<string, Uint8Array> | undefined {
  let xattrs: Map<string, Uint8Array> | undefined;
  for (const [key, value] of records) {
    if (key.startsWith(STAR_PREFIX)) {
      xattrs ??= new Map();
      xattrs.set(key.slice(STAR_PREFIX.length), fromByteString(value));
    } else if (key.startsWith(LIBARCHIVE_PREFIX)) {
      // bsdtar writes the name with %XX and the value in base64, beside the star form.
      const name = key
        .slice(LIBARCHIVE_PREFIX.length)
        .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      xattrs ??= new Map();
      if (!xattrs.has(name)) xattrs.set(name, new Uint8Array(Buffer.from(value, "base64")));
    }
  }
  return xattrs;
}

/** The key under which an extended attribute is written. */
export function xattrKey(name: string): string {
  return STAR_PREFIX + name;
}
