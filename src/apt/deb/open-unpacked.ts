/**
 * Packages that are unpacked in the cache: `deb/<sha256>-<decoder>/`, with the data archive and an index of it.
 */
import { join } from "node:path";
import type { Cache, CacheEntry } from "../../io/cache.js";
import { contentOfFile } from "../../io/file-content.js";
import { decodeDebIndex } from "./index-file.js";
import type { DebPackage } from "./package.js";

/** Raised whenever unpacking gives something else for the same .deb. */
const DECODER = 2;

/** Name of the unpacked data archive. */
export const DATA_FILE = "data.tar";
/** Name of the index. */
export const INDEX_FILE = "index";

/** A package that is unpacked already; undefined if it is not. */
export function openUnpacked(cache: Cache, sha256: string): DebPackage | undefined {
  const name = entryName(sha256);
  const entry = cache.find("deb", name);
  if (entry === undefined) return undefined;
  const opened = readEntry(cache, entry, sha256);
  if (opened === undefined) cache.drop("deb", name);
  return opened;
}

/** Name of a package's entry in the cache. */
export function entryName(sha256: string): string {
  return `${sha256}-${DECODER}`;
}

/** Reads the index of an entry; undefined for a damaged one. */
export function readEntry(cache: Cache, entry: CacheEntry, sha256: string): DebPackage | undefined {
  const tar = join(entry.path, DATA_FILE);
  let index: Uint8Array;
  try {
    index = cache.files.readWhole(join(entry.path, INDEX_FILE));
  } catch {
    // An entry without its index is a damaged one.
    return undefined;
  }
  return decodeDebIndex(index, {
    sha256,
    contentOf: ({ offset, size, digest }) => contentOfFile(cache.files, { path: tar, offset, size, digest }),
  });
}
