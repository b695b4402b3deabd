/**
 * A cache for one run that shares its downloads with another and has nothing else: what is rebuilt to be compared must not come out
 * of what was built before. Downloads are known by their sha256, and hashed again when they are read.
 */

import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { openCache } from "./cache.js";
import { ioError } from "./io-error.js";

/** Where a run with a fresh cache works; all of it is removed at the end. */
export interface FreshCache {
  /** The cache. */
  readonly cacheDir: string;
  /** A directory for files. */
  readonly directory: string;
}

/** Runs `body` with a fresh cache inside of that in `directory`. @throws AssembleError `io/not-permitted`, `io/disk-full` */
export async function withFreshCache<T>(
  directory: string | undefined,
  body: (fresh: FreshCache) => Promise<T>,
): Promise<T> {
  const shared = openCache({ directory });
  try {
    const base = join(shared.shared.temporary, "fresh");
    const fresh = { cacheDir: join(base, "cache"), directory: join(base, "files") };
    const blobs = join(fresh.cacheDir, "v1", "blob");
    try {
      mkdirSync(dirname(blobs), { recursive: true });
      mkdirSync(fresh.directory);
      symlinkSync(join(shared.root, "blob"), blobs, "junction");
    } catch (cause) {
      throw ioError(cause, `make a directory in the cache ${shared.root}`);
    }
    return await body(fresh);
  } finally {
    shared.close();
  }
}
