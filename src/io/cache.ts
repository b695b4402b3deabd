/**
 * The content-addressed cache: `v1/blob/<sha256>` (downloads), `v1/deb/<sha256>-<decoder>` (unpacked packages),
 * `v1/step/<name>-<version>/<key>` (results of pure steps).
 *
 * Files are written aside and renamed, then never changed, so any number of builds can share a cache without locks. What is used
 * is touched: that is the order in which pruning removes, and never anything used since the oldest running build began.
 */
import { createHash } from "node:crypto";
import { existsSync, rmSync, statSync, utimesSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { FileContent } from "../bytes/content.js";
import { type AtomicFileOptions, type WrittenFile, writeAtomically } from "./atomic-file.js";
import { FilePool } from "./file-pool.js";

/** Where the cache is: the option, `TDX_ASSEMBLE_CACHE`, else the platform's cache directory. */
export function cacheDirectory(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const stated = option ?? (environment["TDX_ASSEMBLE_CACHE"] || undefined);
  if (stated !== undefined) return stated;
  const home = environment["HOME"] || homedir();
  if (process.platform === "darwin") return join(home, "Library", "Caches", "tdx-assemble");
  if (process.platform === "win32")
    return join(environment["LOCALAPPDATA"] || join(home, "AppData", "Local"), "tdx-assemble");
  return join(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "tdx-assemble");
}

const STEP_TRAILER_BYTES = 32;
const HASH_CHUNK_BYTES = 4 << 20;

/** An open cache. */
export class Cache {
  /** Its `v1` directory. */
  readonly root: string;
  /** The pool that all contents of this cache read through. */
  readonly pool = new FilePool();

  constructor(directory: string) {
    this.root = join(directory, "v1");
  }

  /** Path of a file of the cache. */
  path(kind: "blob" | "deb" | "step", name: string): string {
    return join(this.root, kind, name);
  }

  /** The bytes with this sha256, hashed again; undefined if there are none. A damaged file is dropped. */
  async readBlob(sha256: string): Promise<FileContent | undefined> {
    const path = this.path("blob", sha256);
    const size = sizeOf(path);
    if (size === undefined) return undefined;
    const content = this.pool.content({ path, offset: 0, size, digest: sha256 });
    if (hashOf(content) !== sha256) {
      rmSync(path, { force: true });
      return undefined;
    }
    touch(path);
    return content;
  }

  /** Keeps bytes under their sha256. @throws RangeError if they have another; AssembleError `io/disk-full` */
  async writeBlob(
    sha256: string,
    chunks: AsyncIterable<Uint8Array>,
    options: Pick<AtomicFileOptions, "signal" | "onProgress"> = {},
  ): Promise<FileContent> {
    const path = this.path("blob", sha256);
    const check = (file: WrittenFile): void => {
      if (file.sha256 !== sha256)
        throw new RangeError(`the bytes have the sha256 ${file.sha256}, ${sha256} was wanted`);
    };
    const { size } = await writeAtomically(path, chunks, { ...options, check });
    return this.pool.content({ path, offset: 0, size, digest: sha256 });
  }

  /** The result of a step, checked against the hash stored with it; undefined if there is none. A damaged one is dropped. */
  readStep(step: StepKey): FileContent | undefined {
    const path = this.#stepPath(step);
    const size = sizeOf(path);
    if (size === undefined) return undefined;
    const bytes = size - STEP_TRAILER_BYTES;
    if (bytes >= 0) {
      const stored = this.pool.content({ path, offset: bytes, size: STEP_TRAILER_BYTES }).read();
      const digest = Buffer.from(stored).toString("hex");
      const content = this.pool.content({ path, offset: 0, size: bytes, digest });
      if (hashOf(content) === digest) {
        touch(path);
        return content;
      }
    }
    rmSync(path, { force: true });
    return undefined;
  }

  /** Keeps the result of a step. @throws AssembleError `io/disk-full` */
  async writeStep(step: StepKey, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<FileContent> {
    const hash = createHash("sha256");
    let digest = "";
    const withTrailer = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
      digest = hash.digest("hex");
      yield Buffer.from(digest, "hex");
    };
    const path = this.#stepPath(step);
    const { size } = await writeAtomically(path, withTrailer());
    return this.pool.content({ path, offset: 0, size: size - STEP_TRAILER_BYTES, digest });
  }

  /** Marks a file as used now. */
  touch(kind: "blob" | "deb" | "step", name: string): void {
    touch(this.path(kind, name));
  }

  #stepPath(step: StepKey): string {
    return this.path("step", join(`${step.name}-${step.version}`, step.key));
  }
}

/** Names the result of a pure step: the key is a hash of everything that goes in. */
export interface StepKey {
  readonly name: string;
  /** Raised when the step makes other bytes of the same input. */
  readonly version: number;
  /** Lower-case hex. */
  readonly key: string;
}

/** The result of a step: out of the cache, or computed and kept. */
export async function cachedStep(
  cache: Cache,
  step: StepKey,
  compute: () => Promise<Uint8Array> | Uint8Array,
): Promise<{ readonly content: FileContent; readonly cached: boolean }> {
  const kept = cache.readStep(step);
  if (kept !== undefined) return { content: kept, cached: true };
  return { content: await cache.writeStep(step, [await compute()]), cached: false };
}

/** Lower-case hex sha256 of a content, read in pieces. */
export function hashOf(content: FileContent): string {
  const hash = createHash("sha256");
  for (let at = 0; at < content.size; at += HASH_CHUNK_BYTES) hash.update(content.read(at, HASH_CHUNK_BYTES));
  return hash.digest("hex");
}

function sizeOf(path: string): number | undefined {
  return existsSync(path) ? statSync(path).size : undefined;
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // A cache on a read-only file system still serves; it is just not pruned from here.
  }
}
