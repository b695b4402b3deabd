/**
 * Writes tar archives: ustar (POSIX.1-2024, pax, "ustar Interchange Format"), with a pax header where a value does not fit. The bytes depend on
 * the entries alone. GNU tar and Python's tarfile are the judges.
 */

import type { Content } from "../../bytes/content.js";
import { fromByteString } from "../../bytes/content.js";
import { coalesce } from "../coalesce.js";
import type { TarEntryType } from "./entry.js";
import { BLOCK, headerSum, UstarHeader } from "./header.js";
import { paxRecord, xattrKey } from "./pax.js";

/** One entry to write. Names are byte strings. */
export interface WritableTarEntry {
  /** Without a leading slash; a directory's ending slash is added. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  /** Whole seconds. */
  readonly mtime: number;
  readonly linkTarget?: string | undefined;
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Of files. */
  readonly content?: Content | undefined;
}

const FLAGS: Readonly<Record<TarEntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Archives end with two empty blocks and fill up a record of 20, as tar does. */
const RECORD = 20 * BLOCK;

/** An archive of these entries, in this order. Throws RangeError for a value that tar has no form for. */
export function writeTar(files: readonly WritableTarEntry[]): Content {
  let size = 2 * BLOCK;
  for (const file of files) size += encodeTarHeader(file).length + roundUp(file.content?.size ?? 0);
  const padded = Math.ceil(size / RECORD) * RECORD;
  return { size: padded, chunks: () => coalesce(pieces(files, padded - size + 2 * BLOCK)) };
}

async function* pieces(files: readonly WritableTarEntry[], end: number): AsyncIterable<Uint8Array> {
  for (const file of files) {
    yield encodeTarHeader(file);
    if (file.content === undefined) continue;
    yield* file.content.chunks();
    yield new Uint8Array(roundUp(file.content.size) - file.content.size);
  }
  yield new Uint8Array(end);
}

/** What comes before an entry's data: its header, after a pax header where one is needed. */
export function encodeTarHeader(file: WritableTarEntry): Uint8Array {
  const path = file.type === "directory" && !file.path.endsWith("/") ? `${file.path}/` : file.path;
  const records: string[] = [];
  const put = (key: string, value: string): void => void records.push(paxRecord(key, value));
  const number = (key: string, value: number, bytes: number): string => {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${path}: the ${key} ${value} is not a whole number`);
    if (value >= 0 && value < 8 ** (bytes - 1)) return octal(value, bytes);
    put(key, String(value));
    return octal(0, bytes);
  };
  const size = file.content?.size ?? 0;
  const split = splitPath(path);
  if (split === undefined) put("path", path);
  const link = file.linkTarget ?? "";
  if (link.length > 100) put("linkpath", link);
  const sizes = {
    uid: number("uid", file.uid, 8),
    gid: number("gid", file.gid, 8),
    size: number("size", size, 12),
    mtime: number("mtime", file.mtime, 12),
  };
  const user = ownerName("uname", file.user, put);
  const group = ownerName("gname", file.group, put);
  for (const [name, value] of [...(file.xattrs ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
    put(xattrKey(name), Buffer.from(value).toString("latin1"));
  }
  const header = encodeBlock({
    ...sizes,
    name: split?.name ?? path.slice(0, 100),
    prefix: split?.prefix ?? "",
    mode: file.mode,
    flag: FLAGS[file.type],
    link: link.slice(0, 100),
    user,
    group,
    major: file.major ?? 0,
    minor: file.minor ?? 0,
  });
  if (records.length === 0) return header;
  const body = fromByteString(records.join(""));
  const whole = new Uint8Array(BLOCK + roundUp(body.length) + BLOCK);
  whole.set(encodeBlock(paxHeaderOf(path, { size: body.length, mtime: sizes.mtime })));
  whole.set(body, BLOCK);
  whole.set(header, whole.length - BLOCK);
  return whole;
}

interface Block {
  readonly name: string;
  readonly prefix: string;
  readonly mode: number;
  readonly uid: string;
  readonly gid: string;
  readonly size: string;
  readonly mtime: string;
  readonly flag: string;
  readonly link: string;
  readonly user: string;
  readonly group: string;
  readonly major: number;
  readonly minor: number;
}

/** The extended header is an entry itself, with a name for readers that do not know it. */
function paxHeaderOf(path: string, body: { readonly size: number; readonly mtime: string }): Block {
  const name = path.replace(/\/+$/, "").split("/").at(-1)!;
  return {
    name: `PaxHeaders/${name}`.slice(0, 100),
    prefix: "",
    mode: 0o644,
    uid: octal(0, 8),
    gid: octal(0, 8),
    size: octal(body.size, 12),
    mtime: body.mtime,
    flag: "x",
    link: "",
    user: "",
    group: "",
    major: 0,
    minor: 0,
  };
}

function encodeBlock(block: Block): Uint8Array {
  const bytes = UstarHeader.encode({
    name: padded(block.name, 100),
    mode: padded(octal(block.mode, 8), 8),
    uid: padded(block.uid, 8),
    gid: padded(block.gid, 8),
    size: padded(block.size, 12),
    mtime: padded(block.mtime, 12),
    checksum: padded("        ", 8),
    typeflag: block.flag,
    linkname: padded(block.link, 100),
    magic: padded("ustar\0", 6),
    version: padded("00", 2),
    uname: padded(block.user, 32),
    gname: padded(block.group, 32),
    devmajor: padded(octal(block.major, 8), 8),
    devminor: padded(octal(block.minor, 8), 8),
    prefix: padded(block.prefix, 155),
    padding: new Uint8Array(12),
  });
  bytes.set(fromByteString(`${octal(headerSum(bytes), 7)}\0 `), UstarHeader.offsetOf("checksum"));
  return bytes;
}

/** Name and prefix of a path that fits into both; undefined if it does not. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } | undefined {
  if (path.length <= 100) return { name: path, prefix: "" };
  // The last slash that leaves a prefix of at most 155 bytes; the name must not be empty.
  const slash = path.lastIndexOf("/", Math.min(155, path.length - 2));
  if (slash <= 0 || path.length - slash - 1 > 100) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

function ownerName(key: string, name: string | undefined, put: (key: string, value: string) => void): string {
  if (name === undefined || name.length < 32) return name ?? "";
  put(key, name);
  return "";
}

/** Octal digits that end with NUL in a field of `bytes` bytes. */
function octal(value: number, bytes: number): string {
  const digits = value.toString(8).padStart(bytes - 1, "0");
  if (value < 0 || digits.length > bytes - 1) throw new RangeError(`${value} does not fit a field of ${bytes} bytes`);
  return digits;
}

function padded(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(fromByteString(text));
  return bytes;
}

function roundUp(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
