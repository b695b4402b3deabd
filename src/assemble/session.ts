/**
 * What one run holds open: the cache, the workers, and how it is told to stop and to tell what it does.
 */
import { setMaxListeners } from "node:events";
import { type Cache, openCache } from "../io/cache.js";
import type { OnEvent, Stage } from "../io/event.js";
import type { SharedLease } from "../io/lease.js";
import { startWorkers, type Workers } from "../io/workers.js";

/** Options that every long-running call of the library takes. */
export interface Options {
  /** Default: `TDX_ASSEMBLE_CACHE`, else the platform's directory for caches. */
  readonly cacheDir?: string | undefined;
  /** A mirror's URL, `debian=URL`, `security=URL`, or several. */
  readonly mirror?: string | readonly string[] | undefined;
  /** Threads at most; default one a processor. The result does not depend on it. */
  readonly jobs?: number | undefined;
  /** Use only what the cache has. */
  readonly offline?: boolean | undefined;
  /** Stops the call; it rejects with the signal's reason and leaves nothing partial. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
  /** OpenPGP certificates that sign the main archive in place of Debian's: for an archive that was signed anew, and for tests. */
  readonly archiveKeys?: string | Uint8Array | undefined;
}

/** An open session. */
export interface Session extends Options {
  readonly cache: Cache;
  readonly workers: Workers;
  /** Packages that this run unpacks, by sha256: a later stage waits for what an earlier one began. */
  readonly unpacking: Map<string, Promise<void>>;
  /** Runs a stage between its two events. What it returns may say how much came out of the cache. */
  stage<T>(name: Stage, body: (count: StageCount) => Promise<T> | T): Promise<T>;
  close(): Promise<void>;
}

/** Counts a stage's steps. */
export interface StageCount {
  cached: number;
  total: number;
}

/** Opens cache and workers. Close the session at the end. A thread of a run opens one under the run's lease. */
export function openSession(options: Options, shared?: SharedLease): Session {
  const { signal } = options;
  // Every download and every worker's task listens: hundreds are no leak.
  if (signal !== undefined) setMaxListeners(0, signal);
  const cache = openCache({ directory: options.cacheDir, signal, shared });
  const workers = startWorkers({ jobs: options.jobs, signal });
  return {
    ...options,
    cache,
    workers,
    unpacking: new Map(),
    async stage(name, body) {
      signal?.throwIfAborted();
      const count: StageCount = { cached: 0, total: 0 };
      options.onEvent?.({ type: "stage", stage: name, state: "start" });
      const result = await body(count);
      const counted = count.total === 0 ? {} : { cached: count.cached, total: count.total };
      options.onEvent?.({ type: "stage", stage: name, state: "end", ...counted });
      return result;
    },
    async close() {
      await workers.close();
      cache.close();
    },
  };
}
