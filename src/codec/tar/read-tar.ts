/**
 * Reads tar archives by index: where each file's bytes are, none of them copied. ustar, GNU long names (L, K), pax headers (path, linkpath,
 * size, uid, gid, uname, gname, mtime, xattrs of star and libarchive), base-256 numbers. Sparse and multi-volume archives are refused.
 * GNU tar and Python's tarfile are the judges.
 */

import type { RandomAccess } from "../random-access.js";
import type { TarEntry, TarEntryType } from "./entry.js";
import { tarError, tarTruncated, tarUnsupported } from "./errors.js";
import { BLOCK, field, headerSum, readNumber, readText } from "./header.js";
import { type PaxRecords, paxXattrs, readPax } from "./pax.js";

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** Names, links and extended headers are held in memory: none may be larger. */
const EXTENSION_MAX = 1 << 20;
const NONE: PaxRecords = new Map();

/** The entries of an archive, in order. Throws `codec/tar-corrupt`, `codec/tar-truncated` or `codec/tar-unsupported`. */
export function* readTar(file: RandomAccess): Generator<TarEntry, void, void> {
  let global: PaxRecords = NONE;
  let local: PaxRecords = NONE;
  let longName: string | undefined;
  let longLink: string | undefined;
  let at = 0;
  for (;;) {
    const header = file.read(at, BLOCK);
    if (header.length < BLOCK) throw tarTruncated(file.size);
    const sum = headerSum(header);
    if (sum === 0x20 * 8 && header.every((byte) => byte === 0)) {
      if (local !== NONE || longName !== undefined || longLink !== undefined) throw tarTruncated(at);
      return;
    }
    if (readNumber(header, field.checksum) !== sum) throw tarError(`a header with a wrong checksum at ${at}`);
    const flag = String.fromCharCode(header[156]!);
    const size = readNumber(header, field.size);
    const body = at + BLOCK;
    if (flag === "x" || flag === "g" || flag === "L" || flag === "K") {
      const bytes = readExtension(file, body, size);
      if (flag === "x") local = readPax(bytes, at);
      else if (flag === "g") global = new Map([...global, ...readPax(bytes, at)]);
      else if (flag === "L") longName = untilNul(bytes);
      else longLink = untilNul(bytes);
      at = body + roundUp(size);
      continue;
    }
    const records = global === NONE ? local : new Map([...global, ...local]);
    const entry = makeEntry(header, { records, longName, longLink, flag, body });
    if (body + entry.size > file.size) throw tarTruncated(file.size);
    yield entry;
    at = body + roundUp(entry.size);
    local = NONE;
    longName = undefined;
    longLink = undefined;
  }
}

interface Extensions {
  readonly records: PaxRecords;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
  readonly flag: string;
  readonly body: number;
}

function makeEntry(header: Uint8Array, extensions: Extensions): TarEntry {
  const { records, longName, longLink, flag, body } = extensions;
  const plainType = TYPES[flag];
  if (plainType === undefined) throw tarUnsupported(`an entry of type "${flag}" at ${body - BLOCK}`);
  const path = records.get("path") ?? longName ?? headerPath(header);
  // Before ustar had a type for directories, the slash said it.
  const type = plainType === "file" && path.endsWith("/") ? "directory" : plainType;
  const isDevice = type === "char" || type === "block";
  const isLink = type === "symlink" || type === "hardlink";
  for (const key of records.keys()) if (key.startsWith("GNU.sparse.")) throw tarUnsupported(`a sparse file, ${path}`);
  const size = type === "file" ? (paxNumber(records, "size") ?? readNumber(header, field.size)) : 0;
  if (size < 0) throw tarError(`a negative size at ${body - BLOCK}`);
  return {
    path,
    type,
    mode: readNumber(header, field.mode) & 0o7777,
    uid: paxNumber(records, "uid") ?? readNumber(header, field.uid),
    gid: paxNumber(records, "gid") ?? readNumber(header, field.gid),
    user: records.get("uname") ?? readText(header, field.uname),
    group: records.get("gname") ?? readText(header, field.gname),
    mtime: paxNumber(records, "mtime") ?? readNumber(header, field.mtime),
    linkTarget: isLink ? (records.get("linkpath") ?? longLink ?? readText(header, field.linkname)) : undefined,
    major: isDevice ? readNumber(header, field.devmajor) : undefined,
    minor: isDevice ? readNumber(header, field.devminor) : undefined,
    xattrs: records.size === 0 ? undefined : paxXattrs(records),
    size,
    offset: body,
  };
}

function headerPath(header: Uint8Array): string {
  const name = readText(header, field.name);
  // "ustar\0" is POSIX; GNU's "ustar " has other things where the prefix is.
  if (readText(header, field.magic) !== "ustar") return name;
  const prefix = readText(header, field.prefix);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function paxNumber(records: PaxRecords, key: string): number | undefined {
  const text = records.get(key);
  if (text === undefined) return undefined;
  if (!/^-?[0-9]{1,16}(\.[0-9]*)?$/.test(text)) throw tarError(`the pax number ${key}=${text}`);
  return Math.floor(Number(text));
}

function readExtension(file: RandomAccess, offset: number, size: number): Uint8Array {
  if (size < 0 || size > EXTENSION_MAX) throw tarError(`an extended header of ${size} bytes at ${offset - BLOCK}`);
  const bytes = file.read(offset, size);
  if (bytes.length < size) throw tarTruncated(file.size);
  return bytes;
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, end < 0 ? bytes.length : end).toString("latin1");
}

function roundUp(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
