/**
 * Extended attributes: in the inode behind its fields, and what does not fit there in a block of their own (Linux,
 * Documentation/filesystems/ext4/attributes.rst).
 */

import { fromByteString, toByteString } from "../../bytes/content.js";
import { at, layout, raw, u8, u16, u32, type Values } from "../../bytes/layout.js";
import { decodeAcl, encodeAcl } from "./acl.js";

/** An entry; its name follows. */
export const XattrEntry = layout("XattrEntry", 16, "little", {
  nameLength: at(0, u8),
  nameIndex: at(1, u8),
  valueOffset: at(2, u16),
  valueInode: at(4, u32),
  valueSize: at(8, u32),
  hash: at(12, u32),
});
export type XattrEntry = Values<typeof XattrEntry>;

/** Heads a block of attributes. */
export const XattrHeader = layout("XattrHeader", 32, "little", {
  magic: at(0, u32),
  refcount: at(4, u32),
  blocks: at(8, u32),
  hash: at(12, u32),
  checksum: at(16, u32),
  reserved: at(20, raw(12)),
});

export const XATTR_MAGIC = 0xea020000;

/** Prefixes of names, longest first where one begins another. An ACL is all prefix. */
export const XATTR_PREFIXES: readonly (readonly [index: number, prefix: string])[] = [
  [2, "system.posix_acl_access"],
  [3, "system.posix_acl_default"],
  [1, "user."],
  [4, "trusted."],
  [6, "security."],
];

/** Attributes as they are stored. */
export interface StoredXattrs {
  /** Behind the inode's fields; empty without attributes. */
  readonly inline: Uint8Array;
  /** A block without its checksum. */
  readonly block: Uint8Array | undefined;
}

interface Item {
  readonly index: number;
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

const align4 = (size: number): number => (size + 3) & ~3;
const itemBytes = ({ name, value }: Item): number => XattrEntry.size + align4(name.length) + align4(value.length);

/**
 * Lays attributes out: each in the inode while there is room, else in the block. Undefined where they do not fit; a name of a
 * kind that ext4 does not know throws through `unknown`.
 */
export function storeXattrs(
  xattrs: ReadonlyMap<string, Uint8Array>,
  room: { readonly inlineBytes: number; readonly blockSize: number; readonly unknown: (name: string) => Error },
): StoredXattrs | undefined {
  const items = [...xattrs].map(([name, value]) => toItem(name, value) ?? raise(room.unknown(name))).sort(compareItems);
  const inside: Item[] = [];
  const outside: Item[] = [];
  // Magic before, and four zero bytes behind the entries.
  let left = room.inlineBytes - 8;
  for (const item of items) {
    if (itemBytes(item) <= left) {
      inside.push(item);
      left -= itemBytes(item);
    } else outside.push(item);
  }
  const inline = new Uint8Array(room.inlineBytes);
  if (inside.length > 0) {
    new DataView(inline.buffer).setUint32(0, XATTR_MAGIC, true);
    fillItems(inline, inside, { start: 4, base: 4, hashed: false });
  }
  if (outside.length === 0) return { inline, block: undefined };
  if (outside.reduce((sum, item) => sum + itemBytes(item), XattrHeader.size + 4) > room.blockSize) return undefined;
  const block = new Uint8Array(room.blockSize);
  const hash = fillItems(block, outside, { start: XattrHeader.size, base: 0, hashed: true });
  const reserved = new Uint8Array(12);
  XattrHeader.encodeInto(block, 0, { magic: XATTR_MAGIC, refcount: 1, blocks: 1, hash, checksum: 0, reserved });
  return { inline, block };
}

function raise(error: Error): never {
  throw error;
}

function toItem(full: string, value: Uint8Array): Item | undefined {
  for (const [index, prefix] of XATTR_PREFIXES) {
    const isAcl = index === 2 || index === 3;
    if (isAcl ? full !== prefix : !full.startsWith(prefix) || full.length === prefix.length) continue;
    const name = fromByteString(full.slice(prefix.length));
    if (name.length > 255) return undefined;
    const stored = isAcl ? encodeAcl(value) : value;
    return stored && { index, name, value: stored };
  }
  return undefined;
}

/** The order of a block, which the kernel searches by it. */
function compareItems(a: Item, b: Item): number {
  return a.index - b.index || a.name.length - b.name.length || Buffer.compare(a.name, b.name);
}

/** Writes entries from `start` on and values from the end; offsets count from `base`. Returns the hash of all. */
function fillItems(
  target: Uint8Array,
  items: readonly Item[],
  { start, base, hashed }: { readonly start: number; readonly base: number; readonly hashed: boolean },
): number {
  let offset = start;
  let end = target.length;
  let all = 0;
  for (const { index, name, value } of items) {
    end -= align4(value.length);
    target.set(value, end);
    const hash = hashed ? entryHash(name, target.subarray(end, end + align4(value.length))) : 0;
    XattrEntry.encodeInto(target, offset, {
      nameLength: name.length,
      nameIndex: index,
      valueOffset: value.length === 0 ? 0 : end - base,
      valueInode: 0,
      valueSize: value.length,
      hash,
    });
    target.set(name, offset + XattrEntry.size);
    offset += XattrEntry.size + align4(name.length);
    all = ((all << 16) ^ (all >>> 16) ^ hash) >>> 0;
  }
  return all;
}

/** The hash of a name and of a value that is padded to whole words (fs/ext4/xattr.c, ext4_xattr_hash_entry). */
function entryHash(name: Uint8Array, value: Uint8Array): number {
  let hash = 0;
  for (const byte of name) hash = (hash << 5) ^ (hash >>> 27) ^ byte;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  for (let at = 0; at < value.length; at += 4) hash = (hash << 16) ^ (hash >>> 16) ^ view.getUint32(at, true);
  return hash >>> 0;
}

/**
 * Reads the entries of `area` from `start` on into `into`; value offsets count from `base`. Returns what is wrong, if anything.
 */
export function readXattrs(
  area: Uint8Array,
  { start, base, into }: { readonly start: number; readonly base: number; readonly into: Map<string, Uint8Array> },
): string | undefined {
  for (let offset = start; ; ) {
    if (offset + 4 > area.length) return "its attributes do not end";
    if (area[offset] === 0 && area[offset + 1] === 0 && area[offset + 2] === 0 && area[offset + 3] === 0)
      return undefined;
    if (offset + XattrEntry.size > area.length) return "its attributes do not end";
    const entry = XattrEntry.decode(area, offset);
    const nameEnd = offset + XattrEntry.size + entry.nameLength;
    const from = base + entry.valueOffset;
    if (entry.valueInode !== 0) return "it has an attribute in an inode of its own";
    if (nameEnd > area.length || from + entry.valueSize > area.length) return "an attribute reaches past its area";
    const prefix = XATTR_PREFIXES.find(([index]) => index === entry.nameIndex)?.[1];
    if (prefix === undefined) return `it has an attribute of the unknown kind ${entry.nameIndex}`;
    const name = prefix + toByteString(area.subarray(offset + XattrEntry.size, nameEnd));
    const stored = area.slice(from, from + entry.valueSize);
    const isAcl = entry.nameIndex === 2 || entry.nameIndex === 3;
    const value = isAcl ? decodeAcl(stored) : stored;
    if (value === undefined) return "it has an ACL that is none";
    into.set(name, value);
    offset += XattrEntry.size + align4(entry.nameLength);
  }
}
