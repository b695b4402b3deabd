/**
 * Leases: a file per running build, kept young by a heartbeat. Pruning keeps whatever a running build may have used, and the directory
 * where it writes aside. There are no locks: what is in the cache never changes.
 */

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

/** A running build's claim. */
export interface Lease {
  /** When it began, in milliseconds: what was used since then stays. */
  readonly startMs: number;
  /** For the run's own threads. */
  readonly shared: SharedLease;
  /** A directory of its own, to write aside in; made when first asked for. */
  temporaryDirectory(): string;
  /** Ends it, and removes the directory. */
  release(): void;
}

const HEARTBEAT_MS = 60_000;
/** A lease this old belongs to a build that died: fifteen heartbeats were missed. */
const DEAD_MS = 15 * HEARTBEAT_MS;

/** Takes a lease in a cache directory. */
export function takeLease(root: string): Lease {
  const startMs = Date.now();
  const name = `${startMs}-${process.pid}-${randomBytes(4).toString("hex")}`;
  const directory = join(root, "lease");
  const path = join(directory, name);
  const temporary = join(root, "tmp", name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, "");
  const heartbeat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      // Someone removed the cache under a running build. What it writes next will say so.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  let made = false;
  return {
    startMs,
    shared: { startMs, temporary },
    temporaryDirectory() {
      if (!made) mkdirSync(temporary, { recursive: true });
      made = true;
      return temporary;
    },
    release() {
      clearInterval(heartbeat);
      rmSync(temporary, { recursive: true, force: true });
      rmSync(path, { force: true });
    },
  };
}

/** What a thread of the run has to know of its lease. Plain data. */
export interface SharedLease {
  readonly startMs: number;
  /** The run's directory to write aside in, whether it is there already or not. */
  readonly temporary: string;
}

/** The claim of a thread of a run: the run's own lease, with a directory inside its directory. It ends with the run's. */
export function borrowedLease({ startMs, temporary }: SharedLease): Lease {
  const directory = join(temporary, `thread-${threadId}`);
  return {
    startMs,
    shared: { startMs, temporary },
    temporaryDirectory() {
      mkdirSync(directory, { recursive: true });
      return directory;
    },
    release: () => {},
  };
}

/** The leases of running builds. */
export function liveLeases(root: string): { readonly name: string; readonly startMs: number }[] {
  const now = Date.now();
  return list(join(root, "lease"))
    .filter((name) => now - (statSync(join(root, "lease", name), { throwIfNoEntry: false })?.mtimeMs ?? 0) < DEAD_MS)
    .map((name) => ({ name, startMs: Number.parseInt(name, 10) }));
}

/** Removes the leases of builds that died, and what they left aside. */
export function removeDeadLeases(root: string): void {
  const live = new Set(liveLeases(root).map((lease) => lease.name));
  for (const folder of ["lease", "tmp"]) {
    for (const name of list(join(root, folder))) {
      if (!live.has(name)) rmSync(join(root, folder, name), { recursive: true, force: true });
    }
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
