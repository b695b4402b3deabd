/**
 * Content that lies in an immutable file: a package's file inside its unpacked tar, a download, the result of a step.
 *
 * What is read as a whole is hashed again where its sha256 is known, so that a damaged cache cannot damage an image.
 */

import { createHash } from "node:crypto";
import type { ContentLocation, ContentReader, FileContent } from "../bytes/content.js";
import { releaseScratch, takeScratch } from "../bytes/scratch.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { OpenFiles } from "./open-files.js";

/** A range of a file, and what is known of it. */
export interface KnownRange {
  readonly path: string;
  /** Default 0. */
  readonly offset?: number | undefined;
  readonly size: number;
  /** Lower-case hex sha256 of the bytes of the range, if known. */
  readonly digest?: string | undefined;
  /** Whether the bytes have just been hashed: they are not hashed once more. */
  readonly verified?: boolean | undefined;
}

const CHUNK = 1 << 20;

/**
 * The content of a range of a file, read through `files`. Throws `io/cache-damaged` when any of it is read if the bytes are not those of `digest`;
 * the file is then dropped from the cache.
 */
export function contentOfFile(files: OpenFiles, range: KnownRange): FileContent {
  return new RangeContent(files, range);
}

class RangeContent implements FileContent {
  readonly size: number;
  readonly digest: string | undefined;
  private readonly files: OpenFiles;
  private readonly range: KnownRange;
  private verified: boolean;

  constructor(files: OpenFiles, range: KnownRange) {
    this.files = files;
    this.range = range;
    this.size = range.size;
    this.digest = range.digest;
    this.verified = range.verified ?? range.digest === undefined;
  }

  get location(): ContentLocation {
    return { path: this.range.path, offset: this.range.offset ?? 0 };
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const count = Math.max(0, Math.min(length, this.size - offset));
    // A part says nothing of itself: all is hashed before it, once.
    if (count < this.size && !this.verified) this.verifyWhole();
    const bytes = new Uint8Array(count);
    this.fill(bytes, offset);
    if (count === this.size && !this.verified) this.verify(createHash("sha256").update(bytes).digest("hex"));
    return bytes;
  }

  async *chunks(passing = false): AsyncIterable<Uint8Array> {
    if (this.size === 0) return;
    const reader = this.reader();
    const scratch = passing ? takeScratch() : undefined;
    const step = scratch?.length ?? CHUNK;
    try {
      for (let at = 0; at < this.size; at += step) {
        const count = Math.min(step, this.size - at);
        const chunk = scratch?.subarray(0, count) ?? new Uint8Array(count);
        reader.read(chunk);
        yield chunk;
      }
    } finally {
      if (scratch !== undefined) releaseScratch(scratch);
    }
  }

  reader(offset = 0, length = this.size - offset): ContentReader {
    const end = offset + length;
    const hash = length < this.size || this.verified ? undefined : createHash("sha256");
    let at = offset;
    return {
      read: (target) => {
        const chunk = target.subarray(0, end - at);
        if (chunk.length === 0) return 0;
        if (hash === undefined && !this.verified) this.verifyWhole();
        this.fill(chunk, at);
        at += chunk.length;
        hash?.update(chunk);
        // The last chunk is only handed on when all are known to be good.
        if (hash !== undefined && at === end) this.verify(hash.digest("hex"));
        return chunk.length;
      },
    };
  }

  /** Bytes that are not verified here. */
  private fill(target: Uint8Array, at: number): void {
    const { path, offset = 0 } = this.range;
    if (this.files.readInto(path, { offset: offset + at, target }) < target.length) throw this.damaged();
  }

  private verifyWhole(): void {
    const digest = this.files.sha256(this.range.path, { offset: this.range.offset ?? 0, size: this.size });
    if (digest === undefined) throw this.damaged();
    this.verify(digest);
  }

  private verify(found: string): void {
    if (found !== this.digest) throw this.damaged();
    this.verified = true;
  }

  private damaged(): AssembleError {
    this.files.damaged(this.range.path);
    return cacheDamaged(this.range.path);
  }
}

/** The error for a file of the cache that is not what it was when it was written. */
export function cacheDamaged(path: string): AssembleError {
  return new AssembleError(
    "io/cache-damaged",
    `Cannot read ${path} of the cache: its bytes have changed since it was written, an intact file was wanted`,
    { hint: "the damaged entry has been removed: run the same command again" },
  );
}
