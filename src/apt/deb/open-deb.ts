/**
 * Opens .debs through the package store: each is unpacked once, to an uncompressed tar in the cache with an index beside it, and its
 * files are slices of that tar. Opening one that is there reads the index and nothing else.
 */

import { mkdirSync } from "node:fs";
import type { FileContent } from "../../bytes/content.js";
import type { RandomAccess } from "../../codec/random-access.js";
import { readXzIndex, type XzBlock } from "../../codec/xz/xz-index.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Cache, CacheEntry } from "../../io/cache.js";
import { cacheDamaged } from "../../io/file-content.js";
import type { Workers } from "../../io/workers.js";
import { readDebLayout } from "./layout.js";
import { entryName, openUnpacked, readEntry } from "./open-unpacked.js";
import type { DebPackage } from "./package.js";
import {
  checkDebTask,
  decodeBlockTask,
  indexDebTask,
  makeDataFile,
  type UnpackInput,
  unpackDebTask,
} from "./unpack-task.js";

/** Where packages are unpacked, and by whom. */
export interface DebStore {
  readonly cache: Cache;
  readonly workers: Workers;
}

/** A .deb of the cache. */
export interface DebFile {
  /** Of the .deb, lower-case hex. */
  readonly sha256: string;
  /** Names the package in errors: name and version. */
  readonly what: string;
  /** The bytes, which lie in a file: what the downloader returned. Not touched when the package is unpacked already. */
  readonly content: FileContent;
  /** Fetches the .deb anew, when the cache's copy turns out to be damaged. */
  readonly refetch?: (() => Promise<FileContent>) | undefined;
}

/** Below this a single worker is faster than several that have to be told. */
const PARALLEL_BYTES = 8 << 20;

/**
 * Opens a package, which is unpacked if the cache has not got it.
 *
 * @throws AssembleError `deb/malformed`, `deb/unsupported`, `deb/unsafe-path`, `deb/too-many-entries`, `codec/…`, `io/…`
 */
export async function openDeb(store: DebStore, file: DebFile): Promise<DebPackage> {
  const known = openUnpacked(store.cache, file.sha256);
  if (known !== undefined) return known;
  const entry = await unpack(store, file);
  const opened = readEntry(store.cache, entry, file.sha256);
  if (opened === undefined) throw cacheDamaged(entry.path);
  return opened;
}

/** Unpacks a package whether the cache has it or not, without opening it. @throws AssembleError as `openDeb` */
export async function unpackDeb(store: DebStore, file: DebFile): Promise<void> {
  await unpack(store, file);
}

async function unpack(store: DebStore, file: DebFile): Promise<CacheEntry> {
  try {
    return await unpackContent(store, { ...file, content: file.content });
  } catch (error) {
    if (!(error instanceof AssembleError) || error.code !== "io/cache-damaged") throw error;
    store.cache.drop("blob", file.sha256);
    if (file.refetch === undefined) throw error;
    return await unpackContent(store, { ...file, content: await file.refetch() });
  }
}

async function unpackContent({ cache, workers }: DebStore, file: DebFile): Promise<CacheEntry> {
  const { sha256, what, content } = file;
  const path = content.location?.path;
  if (path === undefined) throw new RangeError(`the .deb of ${what} does not lie in a file`);
  return await cache.add("deb", entryName(sha256), async (directory) => {
    mkdirSync(directory);
    const input: UnpackInput = { path, size: content.size, sha256, what, directory };
    const data =
      content.size < PARALLEL_BYTES || workers.jobs === 1
        ? undefined
        : xzBlocksOf({ size: content.size, read: (offset, length) => cache.files.read(path, offset, length) }, what);
    if (data === undefined) {
      await workers.run(unpackDebTask, input);
      return;
    }
    const last = data.blocks.at(-1)!;
    const output = makeDataFile(directory, last.uncompressedOffset + last.uncompressedSize);
    // All of them are waited for, so that none still writes when the directory is removed after a failure.
    const outcomes = await Promise.allSettled([
      workers.run(checkDebTask, input),
      ...data.blocks.map((block) => workers.run(decodeBlockTask, { path, offset: data.offset, block, what, output })),
    ]);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    await workers.run(indexDebTask, input);
  });
}

/**
 * The blocks of a data archive that has several; undefined for any other, and for one that is damaged: unpacking will say how. Bytes that are
 * not hashed yet will do: a worker hashes the .deb before its entry is complete.
 */
function xzBlocksOf(
  content: RandomAccess,
  what: string,
): { readonly offset: number; readonly blocks: readonly XzBlock[] } | undefined {
  try {
    const { data } = readDebLayout(content, what);
    if (data.compression !== "xz") return undefined;
    const blocks = readXzIndex({
      size: data.size,
      read: (offset, length) => content.read(data.offset + offset, length),
    });
    if (blocks === undefined || blocks.length < 2) return undefined;
    return { offset: data.offset, blocks };
  } catch (error) {
    if (error instanceof AssembleError) return undefined;
    throw error;
  }
}
