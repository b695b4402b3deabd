/** The 512-byte header of a tar entry (POSIX.1-2024, pax, "ustar Interchange Format"; GNU's variant, tar(5)). */

import { toByteString } from "../../bytes/content.js";
import type { Values } from "../../bytes/layout.js";
import { ascii, at, layout, raw } from "../../bytes/layout.js";
import { tarError } from "./errors.js";

/** Header, data padding and end marker all come in blocks of this size. */
export const BLOCK = 512;

/** ustar's header. In GNU's variant `prefix` holds other things. */
export const UstarHeader = layout("UstarHeader", BLOCK, "big", {
  name: at(0, raw(100)),
  mode: at(100, raw(8)),
  uid: at(108, raw(8)),
  gid: at(116, raw(8)),
  size: at(124, raw(12)),
  mtime: at(136, raw(12)),
  checksum: at(148, raw(8)),
  typeflag: at(156, ascii(1)),
  linkname: at(157, raw(100)),
  magic: at(257, raw(6)),
  version: at(263, raw(2)),
  uname: at(265, raw(32)),
  gname: at(297, raw(32)),
  devmajor: at(329, raw(8)),
  devminor: at(337, raw(8)),
  prefix: at(345, raw(155)),
  padding: at(500, raw(12)),
});
export type UstarHeader = Values<typeof UstarHeader>;

/** Offset and length of the fields a reader needs, out of the table. */
function place(field: keyof UstarHeader, length: number): readonly [number, number] {
  return [UstarHeader.offsetOf(field), length];
}

/** Where the fields are, for reading without decoding the whole table. */
export const field = {
  name: place("name", 100),
  mode: place("mode", 8),
  uid: place("uid", 8),
  gid: place("gid", 8),
  size: place("size", 12),
  mtime: place("mtime", 12),
  checksum: place("checksum", 8),
  linkname: place("linkname", 100),
  magic: place("magic", 6),
  uname: place("uname", 32),
  gname: place("gname", 32),
  devmajor: place("devmajor", 8),
  devminor: place("devminor", 8),
  prefix: place("prefix", 155),
} as const;

type Place = readonly [number, number];

/** Most names are short: a character each is quicker than a view of them. */
const SHORT_BYTES = 24;

/** A NUL-terminated byte string. */
export function readText(header: Uint8Array, place: Place): string {
  const start = place[0];
  const limit = start + place[1];
  let end = start;
  while (end < limit && header[end] !== 0) end++;
  if (end - start > SHORT_BYTES) return toByteString(header.subarray(start, end));
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(header[i]!);
  return text;
}

/** A number: octal digits, or GNU's base-256 for what does not fit. */
export function readNumber(header: Uint8Array, place: Place): number {
  const start = place[0];
  const end = start + place[1];
  const first = header[start]!;
  if (first & 0x80) {
    // Two's complement in 8 × length bits, the topmost of which is the mark.
    let value = first & 0x40 ? (first & 0x7f) - 0x80 : first & 0x7f;
    for (let i = start + 1; i < end; i++) value = value * 256 + header[i]!;
    if (!Number.isSafeInteger(value)) throw tarError("a number above 2^53");
    return value;
  }
  let i = start;
  while (i < end && header[i] === 0x20) i++;
  let value = 0;
  for (; i < end; i++) {
    const byte = header[i]!;
    if (byte === 0 || byte === 0x20) break;
    if (byte < 0x30 || byte > 0x37) throw tarError("a number that is not octal");
    value = value * 8 + byte - 0x30;
  }
  return value;
}

/** The sum of a header's bytes, its checksum field taken as blanks. */
export function headerSum(header: Uint8Array): number {
  const [start, length] = field.checksum;
  let sum = 0x20 * length;
  for (let i = 0; i < BLOCK; i++) sum += header[i]!;
  for (let i = start; i < start + length; i++) sum -= header[i]!;
  return sum;
}
