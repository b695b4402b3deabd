/**
 * Writes tar archives: ustar, with pax records for what ustar cannot hold. Plain and deterministic: no atime, no ctime, records in
 * byte order, the end of two zero blocks, no further padding.
 */
import { type Content, fromByteString } from "../../bytes/content.js";
import { encodeTarHeader, TAR_BLOCK } from "./tar-header.js";

/** An entry to write; names are byte strings. */
export interface WritableTarEntry {
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly linkTarget?: string | undefined;
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
  readonly content?: Content | undefined;
}

const FLAGS = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", directory: "5", fifo: "6" } as const;
const MAX_OCTAL7 = 0o7777777;
const MAX_OCTAL11 = 0o77777777777;

/** The archive of the entries, in their order. */
export function writeTar(entries: readonly WritableTarEntry[]): Content {
  const headers = entries.map(encodeEntry);
  const padded = (size: number): number => Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  const size = entries.reduce(
    (sum, entry, i) => sum + headers[i]!.length + padded(entry.content?.size ?? 0),
    2 * TAR_BLOCK,
  );
  return {
    size,
    async *chunks() {
      for (const [i, entry] of entries.entries()) {
        yield headers[i]!;
        if (entry.content === undefined || entry.content.size === 0) continue;
        yield* entry.content.chunks();
        const rest = padded(entry.content.size) - entry.content.size;
        if (rest > 0) yield new Uint8Array(rest);
      }
      yield new Uint8Array(2 * TAR_BLOCK);
    },
  };
}

function encodeEntry(entry: WritableTarEntry): Uint8Array {
  const records = new Map<string, string>();
  const path = entry.type === "directory" && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
  const link = entry.linkTarget ?? "";
  if (path.length > 100) records.set("path", path);
  if (link.length > 100) records.set("linkpath", link);
  const size = entry.content?.size ?? 0;
  if (size > MAX_OCTAL11) records.set("size", String(size));
  if (entry.uid > MAX_OCTAL7) records.set("uid", String(entry.uid));
  if (entry.gid > MAX_OCTAL7) records.set("gid", String(entry.gid));
  if (entry.mtime > MAX_OCTAL11 || entry.mtime < 0) records.set("mtime", String(entry.mtime));
  for (const [name, value] of entry.xattrs ?? [])
    records.set(`SCHILY.xattr.${name}`, Buffer.from(value).toString("latin1"));
  const header = encodeTarHeader({
    name: path.slice(0, 100),
    mode: entry.mode,
    uid: records.has("uid") ? 0 : entry.uid,
    gid: records.has("gid") ? 0 : entry.gid,
    size: records.has("size") ? 0 : size,
    mtime: records.has("mtime") ? 0 : entry.mtime,
    type: FLAGS[entry.type],
    linkName: link.slice(0, 100),
    userName: "",
    groupName: "",
    devMajor: entry.major ?? 0,
    devMinor: entry.minor ?? 0,
  });
  return records.size === 0 ? header : Buffer.concat([encodePax(records), header]);
}

function encodePax(records: ReadonlyMap<string, string>): Uint8Array {
  const text = [...records]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([key, value]) => paxRecord(key, value))
    .join("");
  const header = encodeTarHeader({
    name: "././@PaxHeader",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: text.length,
    mtime: 0,
    type: "x",
    linkName: "",
    userName: "",
    groupName: "",
    devMajor: 0,
    devMinor: 0,
  });
  const body = new Uint8Array(Math.ceil(text.length / TAR_BLOCK) * TAR_BLOCK);
  body.set(fromByteString(text));
  return Buffer.concat([header, body]);
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return length + rest;
}
