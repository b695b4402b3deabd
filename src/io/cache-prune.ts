/**
 * The cache's size, and cleaning it. A running build holds a lease (a file with its process id); nothing used since the oldest
 * running build began is removed.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cache } from "./cache.js";

/** Kinds of files in the cache. */
const KINDS = ["blob", "deb", "step"] as const;

/** One file of the cache. */
interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** How large a cache is. */
export interface CacheInfo {
  readonly directory: string;
  readonly kinds: Readonly<Record<(typeof KINDS)[number], { readonly files: number; readonly bytes: number }>>;
  readonly bytes: number;
  /** Builds that are running on it. */
  readonly leases: number;
}

/** What to keep. */
export interface PruneOptions {
  /** Remove what was not used for this long. */
  readonly olderThanMs?: number | undefined;
  /** Then remove what was used longest ago until this size is reached. */
  readonly maxBytes?: number | undefined;
  /** The time, in milliseconds. */
  readonly nowMs: number;
}

/** Takes a lease; call the result when the build has ended. */
export function takeLease(cache: Cache): () => void {
  const directory = join(cache.root, "lease");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${process.pid}-${randomBytes(4).toString("hex")}`);
  writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
  return () => rmSync(path, { force: true });
}

/** Measures a cache. */
export function cacheInfo(cache: Cache): CacheInfo {
  const kinds = Object.fromEntries(
    KINDS.map((kind) => {
      const files = filesBelow(join(cache.root, kind));
      return [kind, { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) }];
    }),
  ) as CacheInfo["kinds"];
  const bytes = KINDS.reduce((sum, kind) => sum + kinds[kind].bytes, 0);
  return { directory: cache.root, kinds, bytes, leases: liveLeases(cache).length };
}

/** Removes what `options` do not keep; returns what went. */
export function pruneCache(cache: Cache, options: PruneOptions): { readonly files: number; readonly bytes: number } {
  const leases = liveLeases(cache);
  const protectedSince = Math.min(options.nowMs, ...leases.map((lease) => lease.usedMs));
  const files = KINDS.flatMap((kind) => filesBelow(join(cache.root, kind))).sort(
    (a, b) => a.usedMs - b.usedMs || (a.path < b.path ? -1 : 1),
  );
  let left = files.reduce((sum, file) => sum + file.bytes, 0);
  let removed = 0;
  let bytes = 0;
  for (const file of files) {
    const old = options.olderThanMs !== undefined && file.usedMs < options.nowMs - options.olderThanMs;
    const excess = options.maxBytes !== undefined && left > options.maxBytes;
    if ((!old && !excess) || (leases.length > 0 && file.usedMs >= protectedSince)) continue;
    rmSync(file.path, { recursive: true, force: true });
    left -= file.bytes;
    bytes += file.bytes;
    removed++;
  }
  return { files: removed, bytes };
}

function liveLeases(cache: Cache): CachedFile[] {
  return filesBelow(join(cache.root, "lease")).filter((lease) => {
    try {
      process.kill(Number(readFileSync(lease.path, "utf8")), 0);
      return true;
    } catch (error) {
      // Another user's process cannot be signalled, but it is there.
      if ((error as NodeJS.ErrnoException).code === "EPERM") return true;
      rmSync(lease.path, { force: true });
      return false;
    }
  });
}

function filesBelow(directory: string): CachedFile[] {
  const files: CachedFile[] = [];
  for (const entry of listing(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) files.push(...filesBelow(path));
    else {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat !== undefined) files.push({ path, bytes: stat.size, usedMs: stat.mtimeMs });
    }
  }
  return files;
}

function listing(directory: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readEntries(directory: string) {
  return readdirSync(directory, { withFileTypes: true });
}
