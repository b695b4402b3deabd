/**
 * Leases: a file per running build, kept young by a heartbeat. Pruning keeps whatever a running build may have used, and the directory
 * where it writes aside. There are no locks: what is in the cache never changes.
 */

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A running build's claim. */
export interface Lease {
  /** When it began, in milliseconds: what was used since then stays. */
  readonly startMs: number;
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

/** The claim of a thread that reads for a run which has a lease. */
export function borrowedLease(startMs: number): Lease {
  return {
    startMs,
    temporaryDirectory() {
      throw new TypeError("a cache that is only read was asked for a place to write");
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
