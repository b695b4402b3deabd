/**
 * The index of an unpacked .deb: one file that is read at once, so that opening a hundred packages takes milliseconds.
 *
 * A line with a mark and the sha256 of the rest; a line of JSON (Latin-1, rows instead of objects); the control members' bytes.
 */

import { createHash } from "node:crypto";
import type { FileContent } from "../../bytes/content.js";
import type { TarEntry, TarEntryType } from "../../codec/tar/entry.js";
import type { DebControlMember, DebEntry, DebPackage } from "./package.js";

/** An entry with the sums of its bytes. */
export interface IndexedEntry extends TarEntry {
  readonly md5?: string | undefined;
  readonly sha256?: string | undefined;
}

/** What the index is made of. */
export interface DebIndex {
  readonly members: ReadonlyMap<string, DebControlMember>;
  readonly entries: readonly IndexedEntry[];
}

const MARK = "tdx-deb-index-1 ";
const TYPES: readonly TarEntryType[] = ["file", "directory", "symlink", "hardlink", "char", "block", "fifo"];

type MemberRow = readonly [name: string, mode: number, mtime: number, size: number];
type EntryRow = readonly [
  path: string,
  type: number,
  mode: number,
  uid: number,
  gid: number,
  user: string,
  group: string,
  mtime: number,
  /** Files: [size, offset, md5 or "", sha256]. Links: [target]. Devices: [major, minor]. Others: []. */
  rest: readonly (string | number)[],
  /** Names and values in base64, in turn. */
  xattrs?: readonly string[],
];

/** The bytes of an index file. */
export function encodeDebIndex(index: DebIndex): Uint8Array {
  const members = [...index.members].map(
    ([name, { mode, mtime, bytes }]): MemberRow => [name, mode, mtime, bytes.length],
  );
  const json = JSON.stringify({ members, entries: index.entries.map(rowOf) });
  const body = Buffer.concat([
    Buffer.from(`${json}\n`, "latin1"),
    ...[...index.members.values()].map((member) => member.bytes),
  ]);
  const sum = createHash("sha256").update(body).digest("hex");
  return Buffer.concat([Buffer.from(`${MARK}${sum}\n`, "latin1"), body]);
}

function rowOf(entry: IndexedEntry): EntryRow {
  const rest =
    entry.type === "file"
      ? [entry.size, entry.offset, entry.md5 ?? "", entry.sha256!]
      : entry.linkTarget !== undefined
        ? [entry.linkTarget]
        : entry.major !== undefined
          ? [entry.major, entry.minor!]
          : [];
  const { path, mode, uid, gid, user, group, mtime } = entry;
  const xattrs =
    entry.xattrs && [...entry.xattrs].flatMap(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  const type = TYPES.indexOf(entry.type);
  return [
    path,
    type,
    mode,
    uid,
    gid,
    user,
    group,
    mtime,
    rest,
    ...(xattrs === undefined ? ([] as const) : ([xattrs] as const)),
  ];
}

/** What decoding needs to know of the entry in the cache. */
export interface DecodeIndexOptions {
  readonly sha256: string;
  /** Makes the content of a file: a slice of the unpacked archive. */
  readonly contentOf: (slice: {
    readonly offset: number;
    readonly size: number;
    readonly digest: string;
  }) => FileContent;
}

/** Reads an index file; undefined if it is damaged. */
export function decodeDebIndex(file: Uint8Array, options: DecodeIndexOptions): DebPackage | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const start = MARK.length + 65;
  if (bytes.length < start) return undefined;
  const sum = createHash("sha256").update(bytes.subarray(start)).digest("hex");
  if (bytes.toString("latin1", 0, start) !== `${MARK}${sum}\n`) return undefined;
  const jsonEnd = bytes.indexOf(10, start);
  const { members, entries } = JSON.parse(bytes.toString("latin1", start, jsonEnd)) as {
    readonly members: readonly MemberRow[];
    readonly entries: readonly EntryRow[];
  };
  let at = jsonEnd + 1;
  const byName = new Map<string, DebControlMember>();
  for (const [name, mode, mtime, size] of members) {
    byName.set(name, { mode, mtime, bytes: file.subarray(at, at + size) });
    at += size;
  }
  return { sha256: options.sha256, members: byName, entries: entries.map((row) => entryOf(row, options)) };
}

/** One shape for all types: a warm build makes thousands of these, and spreading objects took half of the time. */
function entryOf(row: EntryRow, options: DecodeIndexOptions): DebEntry {
  const type = TYPES[row[1]]!;
  const rest = row[8];
  const isFile = type === "file";
  const isDevice = type === "char" || type === "block";
  const isLink = type === "symlink" || type === "hardlink";
  const xattrs = row[9];
  return {
    path: row[0],
    type,
    mode: row[2],
    uid: row[3],
    gid: row[4],
    user: row[5],
    group: row[6],
    mtime: row[7],
    linkTarget: isLink ? (rest[0] as string) : undefined,
    major: isDevice ? (rest[0] as number) : undefined,
    minor: isDevice ? (rest[1] as number) : undefined,
    xattrs: xattrs === undefined ? undefined : xattrsOf(xattrs),
    content: isFile
      ? options.contentOf({ size: rest[0] as number, offset: rest[1] as number, digest: rest[3] as string })
      : undefined,
    md5: isFile && rest[2] !== "" ? (rest[2] as string) : undefined,
  };
}

function xattrsOf(list: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const xattrs = new Map<string, Uint8Array>();
  for (let i = 0; i < list.length; i += 2) xattrs.set(list[i]!, new Uint8Array(Buffer.from(list[i + 1]!, "base64")));
  return xattrs;
}
