/**
 * The fixed parts of a .xz file: stream header and footer, block header, variable-length integers (.xz file format 1.2.0, §1.2, §2.1, §3.1).
 * Of the filters, LZMA2 alone.
 */

import { crc32 } from "../../bytes/crc32.js";
import { checkSize } from "./check.js";
import { corrupt, unsupported } from "./errors.js";

/** Size of a stream's header and of its footer. */
export const STREAM_HEADER_SIZE = 12;

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const LZMA2_FILTER = 0x21;

/** A block's header. */
export interface BlockHeader {
  readonly dictionarySize: number;
  readonly compressedSize: number | undefined;
  readonly uncompressedSize: number | undefined;
}

/** Little-endian u32 at an offset. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** Whether bytes begin like a .xz file. */
export function isXz(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte);
}

/** Reads a stream header; returns the number of the check. */
export function readStreamHeader(bytes: Uint8Array): number {
  if (!isXz(bytes)) throw corrupt("no .xz signature");
  if (crc32(bytes.subarray(6, 8)) !== u32At(bytes, 8)) throw corrupt("a stream header with a wrong CRC32");
  return readFlags(bytes, 6);
}

/** Reads a stream footer: the check's number and the size of the index before it. */
export function readStreamFooter(bytes: Uint8Array): { readonly check: number; readonly indexSize: number } {
  if (bytes[10] !== 0x59 || bytes[11] !== 0x5a) throw corrupt("no signature in the stream footer");
  if (crc32(bytes.subarray(4, 10)) !== u32At(bytes, 0)) throw corrupt("a stream footer with a wrong CRC32");
  return { check: readFlags(bytes, 8), indexSize: (u32At(bytes, 4) + 1) * 4 };
}

function readFlags(bytes: Uint8Array, at: number): number {
  const check = bytes[at + 1]!;
  if (bytes[at] !== 0 || check > 15) throw unsupported(`stream flags ${bytes[at]},${check}`);
  checkSize(check);
  return check;
}

/** Size of the block header whose first byte is this one. */
export function blockHeaderSize(firstByte: number): number {
  return (firstByte + 1) * 4;
}

/** Reads a whole block header; `maxDictionaryBytes` bounds the memory that it may ask for. */
export function readBlockHeader(bytes: Uint8Array, maxDictionaryBytes: number): BlockHeader {
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== u32At(bytes, end)) throw corrupt("a block header with a wrong CRC32");
  const flags = bytes[1]!;
  if ((flags & 0x3c) !== 0) throw unsupported(`block flags ${flags}`);
  if ((flags & 3) !== 0) throw unsupported("more than one filter");
  const cursor = { bytes, at: 2, end };
  const compressedSize = (flags & 0x40) !== 0 ? readInteger(cursor) : undefined;
  const uncompressedSize = (flags & 0x80) !== 0 ? readInteger(cursor) : undefined;
  if (compressedSize === 0) throw corrupt("a block of no bytes");
  const filter = readInteger(cursor);
  if (filter !== LZMA2_FILTER) throw unsupported(`filter ${filter.toString(16)}`);
  if (readInteger(cursor) !== 1) throw unsupported("LZMA2 properties of another size");
  const bits = readByte(cursor);
  for (; cursor.at < end; cursor.at++) if (bytes[cursor.at] !== 0) throw unsupported("an unknown block header field");
  if (bits > 40) throw unsupported(`dictionary size ${bits}`);
  const dictionarySize = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  // A block that states a smaller size needs no more window than that.
  if (Math.min(dictionarySize, uncompressedSize ?? dictionarySize) > maxDictionaryBytes)
    throw unsupported(`a dictionary of ${dictionarySize} bytes where at most ${maxDictionaryBytes} are allowed`);
  return { dictionarySize, compressedSize, uncompressedSize };
}

/** A place in a run of bytes. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

function readByte(cursor: Cursor): number {
  if (cursor.at >= cursor.end) throw corrupt("a header that is too short");
  return cursor.bytes[cursor.at++]!;
}

/** A variable-length integer, below 2^53. */
export function readInteger(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * 2 ** shift;
    if (!Number.isSafeInteger(value)) throw corrupt("a size above 2^53");
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) throw corrupt("an integer with a superfluous byte");
      return value;
    }
    if (shift === 56) throw corrupt("an integer of more than nine bytes");
  }
}
