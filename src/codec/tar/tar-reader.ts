/**
 * Indexes a tar archive without copying it: ustar, pax (path, linkpath, size, uid, gid, uname, gname, mtime, SCHILY.xattr and
 * LIBARCHIVE.xattr) and GNU (long names L and K). Names are byte strings as they stand in the archive. Oracles: dpkg-deb, python's tarfile.
 */
import { fromByteString, toByteString } from "../../bytes/content.js";
import { decodeTarHeader, TAR_BLOCK, type TarHeader, tarInvalid } from "./tar-header.js";

/** Kinds of entries. */
export type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/** One entry; its bytes are a range of the archive. */
export interface TarEntry {
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  /** Seconds, rounded down. */
  readonly mtime: number;
  readonly linkTarget?: string | undefined;
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Where the file's bytes are in the archive. */
  readonly offset: number;
  readonly size: number;
}

/** An archive to index. */
export interface TarSource {
  /** Name for errors. */
  readonly name: string;
  readonly size: number;
  readonly read: (offset: number, length: number) => Uint8Array;
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** Long names and pax headers larger than this are refused before memory is taken. */
const MAX_META_BYTES = 1 << 20;

/** The entries of an archive, in its order. @throws AssembleError `codec/tar-invalid` */
export function readTar(source: TarSource): TarEntry[] {
  const entries: TarEntry[] = [];
  let global = new Map<string, string>();
  let pax = new Map<string, string>();
  let longName: string | undefined;
  let longLink: string | undefined;
  let at = 0;
  for (;;) {
    if (at === source.size && at > 0) break;
    if (at + TAR_BLOCK > source.size) throw tarInvalid(source.name, `it is cut off at ${source.size} bytes`);
    const header = decodeTarHeader(source.read(at, TAR_BLOCK), 0, source.name);
    if (header === undefined) break;
    const data = at + TAR_BLOCK;
    const meta = "xgLK".includes(header.type);
    const size = !meta && pax.has("size") ? paxNumber(pax, "size", source) : header.size;
    const stored = isStored(header.type) ? size : 0;
    if (size < 0 || data + stored > source.size) throw tarInvalid(source.name, `the entry ${header.name} is cut off`);
    at = data + Math.ceil(stored / TAR_BLOCK) * TAR_BLOCK;
    if (meta) {
      if (size > MAX_META_BYTES) throw tarInvalid(source.name, `an extended header has ${size} bytes`);
      const bytes = source.read(data, size);
      if (header.type === "x") pax = parsePax(bytes, source);
      else if (header.type === "g") global = new Map([...global, ...parsePax(bytes, source)]);
      else if (header.type === "L") longName = cString(bytes);
      else longLink = cString(bytes);
      continue;
    }
    const records = global.size === 0 ? pax : new Map([...global, ...pax]);
    entries.push(makeEntry(header, { records, longName, longLink, data, size, source }));
    pax = new Map();
    longName = undefined;
    longLink = undefined;
  }
  return entries;
}

/** Links, devices and directories store no bytes, whatever their size field says. */
function isStored(type: string): boolean {
  return !"123456".includes(type);
}

interface EntryParts {
  readonly records: ReadonlyMap<string, string>;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
  readonly data: number;
  readonly size: number;
  readonly source: TarSource;
}

function makeEntry(header: TarHeader, parts: EntryParts): TarEntry {
  const { records, source } = parts;
  const name = records.get("path") ?? parts.longName ?? header.name;
  // Old archives mark a directory by a slash at the end of its name alone.
  const old = header.type === "\0" || header.type === "0";
  const type = old && name.endsWith("/") ? "directory" : TYPES[header.type];
  if (type === undefined)
    throw tarInvalid(
      source.name,
      `the entry ${name} has the type ${JSON.stringify(header.type)}, which is not supported`,
    );
  const id = (key: "uid" | "gid"): number => (records.has(key) ? paxNumber(records, key, source) : header[key]);
  const link = type === "symlink" || type === "hardlink";
  const device = type === "char" || type === "block";
  const xattrs = xattrsOf(records);
  return {
    path: name,
    type,
    mode: header.mode,
    uid: id("uid"),
    gid: id("gid"),
    user: records.get("uname") ?? header.userName,
    group: records.get("gname") ?? header.groupName,
    mtime: records.has("mtime") ? Math.floor(paxNumber(records, "mtime", source)) : header.mtime,
    ...(link ? { linkTarget: records.get("linkpath") ?? parts.longLink ?? header.linkName } : {}),
    ...(device ? { major: header.devMajor, minor: header.devMinor } : {}),
    ...(xattrs === undefined ? {} : { xattrs }),
    offset: parts.data,
    size: type === "file" ? parts.size : 0,
  };
}

function xattrsOf(records: ReadonlyMap<string, string>): Map<string, Uint8Array> | undefined {
  let xattrs: Map<string, Uint8Array> | undefined;
  for (const [key, value] of records) {
    if (key.startsWith("SCHILY.xattr.")) {
      xattrs ??= new Map();
      xattrs.set(key.slice("SCHILY.xattr.".length), fromByteString(value));
    } else if (key.startsWith("LIBARCHIVE.xattr.")) {
      const name = decodeURIComponent(key.slice("LIBARCHIVE.xattr.".length));
      xattrs ??= new Map();
      if (!xattrs.has(name)) xattrs.set(name, new Uint8Array(Buffer.from(value, "base64")));
    }
  }
  return xattrs;
}

function paxNumber(records: ReadonlyMap<string, string>, key: string, source: TarSource): number {
  const text = records.get(key)!;
  const value = Number(text);
  if (!/^-?[0-9]+(\.[0-9]*)?$/.test(text) || !Number.isSafeInteger(Math.floor(value)))
    throw tarInvalid(source.name, `the pax record ${key} is no number`);
  return value;
}

function parsePax(bytes: Uint8Array, source: TarSource): Map<string, string> {
  const records = new Map<string, string>();
  const text = toByteString(bytes);
  let at = 0;
  while (at < text.length) {
    const space = text.indexOf(" ", at);
    const length = space < 0 ? 0 : Number(text.slice(at, space));
    const end = at + length;
    const equals = text.indexOf("=", space);
    if (
      !Number.isInteger(length) ||
      length < 5 ||
      end > text.length ||
      equals < 0 ||
      equals >= end ||
      text[end - 1] !== "\n"
    )
      throw tarInvalid(source.name, "a pax record is damaged");
    records.set(text.slice(space + 1, equals), text.slice(equals + 1, end - 1));
    at = end;
  }
  return records;
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return toByteString(end < 0 ? bytes : bytes.subarray(0, end));
}
