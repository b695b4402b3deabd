/** What the cache takes, and making it smaller: by age of the last use, then by size, the least recently used first. */

import { lstatSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type EntryKind, entryKinds } from "./cache.js";
import { ioError } from "./io-error.js";
import { liveLeases, removeDeadLeases } from "./lease.js";

/** The size of a cache. */
export interface CacheInfo {
  readonly directory: string;
  readonly bytes: number;
  readonly entries: number;
  readonly kinds: Readonly<Record<EntryKind, { readonly bytes: number; readonly entries: number }>>;
  /** Builds that use it now. */
  readonly running: number;
}

/** What to remove. Without either bound, only what dead builds left. */
export interface PruneOptions {
  /** Entries that no build used for this long. */
  readonly olderThanMs?: number | undefined;
  /** Then the least recently used, until the cache is no larger. */
  readonly maxBytes?: number | undefined;
}

/** What was removed, and what is left. */
export interface PruneResult {
  readonly removedEntries: number;
  readonly removedBytes: number;
  readonly leftBytes: number;
}

interface Found {
  readonly kind: EntryKind;
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Sizes and counts of a cache directory; zeros if it is not there. */
export function cacheInfo(directory: string): CacheInfo {
  const root = join(directory, "v1");
  const found = findEntries(root);
  const sum = (entries: readonly Found[]) => ({
    bytes: entries.reduce((total, entry) => total + entry.bytes, 0),
    entries: entries.length,
  });
  const of = (kind: EntryKind) => sum(found.filter((entry) => entry.kind === kind));
  return {
    directory,
    ...sum(found),
    kinds: { blob: of("blob"), deb: of("deb"), step: of("step") },
    running: liveLeases(root).length,
  };
}

/** Removes entries. What a running build has used since it began stays. @throws AssembleError `io/not-permitted`, `io/failed` */
export function pruneCache(directory: string, options: PruneOptions = {}): PruneResult {
  const root = join(directory, "v1");
  try {
    removeDeadLeases(root);
    const busySinceMs = Math.min(Number.POSITIVE_INFINITY, ...liveLeases(root).map((lease) => lease.startMs));
    const found = findEntries(root).sort((a, b) => a.usedMs - b.usedMs || (a.path < b.path ? -1 : 1));
    const oldestMs = options.olderThanMs === undefined ? Number.NEGATIVE_INFINITY : Date.now() - options.olderThanMs;
    let left = found.reduce((total, entry) => total + entry.bytes, 0);
    let removedEntries = 0;
    let removedBytes = 0;
    for (const entry of found) {
      const tooMuch = options.maxBytes !== undefined && left > options.maxBytes;
      if (entry.usedMs >= oldestMs && !tooMuch) continue;
      if (!removeUnused(entry, { root, busySinceMs })) continue;
      left -= entry.bytes;
      removedBytes += entry.bytes;
      removedEntries++;
    }
    return { removedEntries, removedBytes, leftBytes: left };
  } catch (cause) {
    throw ioError(cause, `prune the cache ${directory}`);
  }
}

/** Looks at the time of the last use once more: a build may have begun to use the entry since the list was made. */
function removeUnused(entry: Found, options: { readonly root: string; readonly busySinceMs: number }): boolean {
  const now = statSync(entry.path, { throwIfNoEntry: false });
  if (now === undefined || now.mtimeMs !== entry.usedMs || now.mtimeMs >= options.busySinceMs) return false;
  // Gone in one step: a directory must never be seen half removed.
  const aside = join(options.root, `removed-${process.pid}`);
  rmSync(aside, { recursive: true, force: true });
  renameSync(entry.path, aside);
  rmSync(aside, { recursive: true, force: true });
  return true;
}

function findEntries(root: string): Found[] {
  const found: Found[] = [];
  for (const kind of entryKinds) {
    for (const name of list(join(root, kind))) {
      const path = join(root, kind, name);
      // Steps have one folder more: `<name>-<version>/<key>`.
      const paths = kind === "step" ? list(path).map((key) => join(path, key)) : [path];
      for (const one of paths) {
        const stat = lstatSync(one, { throwIfNoEntry: false });
        if (stat === undefined) continue;
        const bytes = stat.isDirectory()
          ? list(one).reduce((sum, file) => sum + (lstatSync(join(one, file), { throwIfNoEntry: false })?.size ?? 0), 0)
          : stat.size;
        found.push({ kind, path: one, bytes, usedMs: stat.mtimeMs });
      }
    }
  }
  return found;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw cause;
  }
}
