/**
 * The 512-byte header of tar entries: POSIX.1-2024 pax interchange format (ustar), with GNU's base-256 numbers and its magic.
 */
import { toByteString } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** Bytes of a header and of a block. */
export const TAR_BLOCK = 512;

/** A raw header. */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly type: string;
  readonly linkName: string;
  readonly userName: string;
  readonly groupName: string;
  readonly devMajor: number;
  readonly devMinor: number;
}

/** The error of a damaged archive. */
export function tarInvalid(archive: string, what: string): AssembleError {
  return new AssembleError("codec/tar-invalid", `Cannot read ${archive}: ${what}, a sound tar archive was wanted`);
}

/** Decodes the header at `offset`; undefined for a block of zeros (the end). @throws AssembleError `codec/tar-invalid` */
export function decodeTarHeader(bytes: Uint8Array, offset: number, archive: string): TarHeader | undefined {
  const block = bytes.subarray(offset, offset + TAR_BLOCK);
  let sum = 8 * 0x20;
  for (let i = 0; i < TAR_BLOCK; i++) if (i < 148 || i >= 156) sum += block[i]!;
  if (sum === 8 * 0x20) return undefined;
  const number = (at: number, length: number): number => decodeNumber(block.subarray(at, at + length), archive);
  if (number(148, 8) !== sum) throw tarInvalid(archive, "the checksum of a header is wrong");
  const magic = toByteString(block.subarray(257, 263));
  const ustar = magic === "ustar\0";
  const text = (at: number, length: number): string => {
    const end = block.indexOf(0, at);
    return toByteString(block.subarray(at, end < 0 || end > at + length ? at + length : end));
  };
  const prefix = ustar ? text(345, 155) : "";
  return {
    name: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    mode: number(100, 8) & 0o7777,
    uid: number(108, 8),
    gid: number(116, 8),
    size: number(124, 12),
    mtime: number(136, 12),
    type: String.fromCharCode(block[156]!),
    linkName: text(157, 100),
    userName: magic.startsWith("ustar") ? text(265, 32) : "",
    groupName: magic.startsWith("ustar") ? text(297, 32) : "",
    devMajor: magic.startsWith("ustar") ? number(329, 8) : 0,
    devMinor: magic.startsWith("ustar") ? number(337, 8) : 0,
  };
}

function decodeNumber(field: Uint8Array, archive: string): number {
  const first = field[0]!;
  if (first & 0x80) {
    // Base 256, big-endian; 0xff marks a negative number, which only an mtime can be.
    let value = first === 0xff ? -1 : first & 0x7f;
    for (let i = 1; i < field.length; i++) value = value * 256 + field[i]!;
    if (!Number.isSafeInteger(value)) throw tarInvalid(archive, "a number is beyond 2^53");
    return value;
  }
  const text = toByteString(field)
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw tarInvalid(archive, "a number is not octal");
  return Number.parseInt(text, 8);
}

/** Encodes a header with its checksum. Fields that do not fit are the caller's bug: it uses pax records for them. */
export function encodeTarHeader(header: TarHeader): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  const text = (at: number, length: number, value: string, field: string): void => {
    if (value.length > length) throw new RangeError(`TarHeader.${field} is longer than ${length} bytes`);
    for (let i = 0; i < value.length; i++) block[at + i] = value.charCodeAt(i);
  };
  const octal = (at: number, length: number, value: number, field: string): void => {
    const digits = value.toString(8);
    if (value < 0 || digits.length > length - 1) throw new RangeError(`TarHeader.${field} is out of range: ${value}`);
    text(at, length, `${digits.padStart(length - 1, "0")}\0`, field);
  };
  text(0, 100, header.name, "name");
  octal(100, 8, header.mode, "mode");
  octal(108, 8, header.uid, "uid");
  octal(116, 8, header.gid, "gid");
  octal(124, 12, header.size, "size");
  octal(136, 12, header.mtime, "mtime");
  text(148, 8, "        ", "checksum");
  text(156, 1, header.type, "type");
  text(157, 100, header.linkName, "linkName");
  text(257, 8, "ustar\x0000", "magic");
  text(265, 32, header.userName, "userName");
  text(297, 32, header.groupName, "groupName");
  octal(329, 8, header.devMajor, "devMajor");
  octal(337, 8, header.devMinor, "devMinor");
  const sum = block.reduce((total, byte) => total + byte, 0);
  text(148, 8, `${sum.toString(8).padStart(6, "0")}\0 `, "checksum");
  return block;
}
