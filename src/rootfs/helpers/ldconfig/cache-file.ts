/**
 * /etc/ld.so.cache in glibc's new format 1.1 (observed layout of glibc 2.41): header, entries in descending order of their names,
 * strings, and an extension with the version of the program that made it.
 */
import { array, ascii, at, layout, u8, u32, u64 } from "../../../bytes/layout.js";

const Header = layout("LdSoCacheHeader", 48, "little", {
  magic: at(0, ascii(17)),
  version: at(17, ascii(3)),
  libraryCount: at(20, u32),
  stringsLength: at(24, u32),
  flags: at(28, u8),
  padding: at(29, array(3, u8)),
  extensionOffset: at(32, u32),
  unused: at(36, array(3, u32)),
});

const Entry = layout("LdSoCacheEntry", 24, "little", {
  flags: at(0, u32),
  key: at(4, u32),
  value: at(8, u32),
  osVersion: at(12, u32),
  hwcap: at(16, u64),
});

const Extension = layout("LdSoCacheExtension", 24, "little", {
  magic: at(0, u32),
  count: at(4, u32),
  tag: at(8, u32),
  flags: at(12, u32),
  offset: at(16, u32),
  size: at(20, u32),
});

const LITTLE_ENDIAN = 2;
const EXTENSION_MAGIC = 0xeaa42174;

/** One library: its soname, the path it is found at, and what kind it is. */
export interface CacheEntry {
  readonly soname: string;
  readonly path: string;
  /** ELF_LIBC6 (3) with the architecture in bits 8 and up: 0x0303 for x86-64. */
  readonly flags: number;
}

/** Makes the cache. `generator` is what the program calls itself. */
export function writeLdSoCache(entries: readonly CacheEntry[], generator: string): Uint8Array {
  const sorted = [...entries].sort(
    (a, b) => compareLibraryNames(b.soname, a.soname) || b.flags - a.flags || (a.path < b.path ? -1 : 1),
  );
  const strings = tailStrings(sorted.flatMap((entry) => [entry.soname, entry.path]));
  const stringsStart = Header.size + sorted.length * Entry.size;
  const extensionOffset = Math.ceil((stringsStart + strings.bytes.length) / 4) * 4;
  const out = new Uint8Array(extensionOffset + Extension.size + generator.length);
  Header.encodeInto(out, 0, {
    magic: "glibc-ld.so.cache",
    version: "1.1",
    libraryCount: sorted.length,
    stringsLength: strings.bytes.length,
    flags: LITTLE_ENDIAN,
    padding: [0, 0, 0],
    extensionOffset,
    unused: [0, 0, 0],
  });
  for (const [i, entry] of sorted.entries())
    Entry.encodeInto(out, Header.size + i * Entry.size, {
      flags: entry.flags,
      key: stringsStart + strings.offsets.get(entry.soname)!,
      value: stringsStart + strings.offsets.get(entry.path)!,
      osVersion: 0,
      hwcap: 0,
    });
  out.set(strings.bytes, stringsStart);
  Extension.encodeInto(out, extensionOffset, {
    magic: EXTENSION_MAGIC,
    count: 1,
    tag: 0,
    flags: 0,
    offset: extensionOffset + Extension.size,
    size: generator.length,
  });
  out.set(Buffer.from(generator, "latin1"), extensionOffset + Extension.size);
  return out;
}

/** Strings in descending order of their reversed text, so that each tail follows what contains it and shares its bytes. */
function tailStrings(texts: readonly string[]): { readonly bytes: Uint8Array; readonly offsets: Map<string, number> } {
  const reverse = (text: string): string => [...text].reverse().join("");
  const distinct = [...new Set(texts)]
    .map((text) => ({ text, key: reverse(text) }))
    .sort((a, b) => (a.key < b.key ? 1 : -1));
  const offsets = new Map<string, number>();
  let out = "";
  let before: string | undefined;
  for (const { text } of distinct) {
    if (before?.endsWith(text)) offsets.set(text, offsets.get(before)! + before.length - text.length);
    else {
      offsets.set(text, out.length);
      out += `${text}\0`;
      before = text;
    }
  }
  return { bytes: Buffer.from(out, "latin1"), offsets };
}

/** Names with runs of digits compared as numbers, as the dynamic loader searches. */
export function compareLibraryNames(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = /^[0-9]+/.exec(a.slice(i))?.[0];
    const y = /^[0-9]+/.exec(b.slice(j))?.[0];
    if (x !== undefined && y !== undefined) {
      if (Number(x) !== Number(y)) return Number(x) - Number(y);
      i += x.length;
      j += y.length;
    } else if (x !== undefined) return 1;
    else if (y !== undefined) return -1;
    else if (a[i] !== b[j]) return a.charCodeAt(i) - b.charCodeAt(j);
    else {
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}
