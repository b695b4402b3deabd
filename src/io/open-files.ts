/**
 * Reads from many immutable files through a few open descriptors: the contents of a tree lie in hundreds of files of the cache, and
 * opening one for every read would cost more than the reading.
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { releaseScratch, SCRATCH_BYTES, takeScratch } from "../bytes/scratch.js";
import { ioError } from "./io-error.js";

const LIMIT = 64;

/** A bounded pool of descriptors, the least recently used of which is closed first. */
export class OpenFiles {
  private readonly descriptors = new Map<string, number>();
  private readonly limit: number;
  private readonly borrowed: Uint8Array[] = [];
  private readonly onDamage: ((path: string) => void) | undefined;

  /** `onDamage` is told of a file whose bytes turned out to be others than they were: the cache drops it. */
  constructor(limit = LIMIT, onDamage?: (path: string) => void) {
    this.limit = limit;
    this.onDamage = onDamage;
  }

  /** `length` bytes at `offset` into a new array; fewer only at the end of the file. */
  read(path: string, offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const filled = this.readInto(path, { offset, target: bytes });
    return filled === length ? bytes : bytes.subarray(0, filled);
  }

  /** Fills `target` from `offset` on; returns how many bytes there were. */
  readInto(path: string, place: { readonly offset: number; readonly target: Uint8Array }): number {
    try {
      const descriptor = this.open(path);
      const { target } = place;
      let filled = 0;
      while (filled < target.length) {
        const count = readSync(descriptor, target, filled, target.length - filled, place.offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    } catch (cause) {
      throw ioError(cause, `read ${path}`);
    }
  }

  /** The sha256 of a range, in lower-case hex; undefined if the file ends before it does. */
  sha256(path: string, { offset, size }: { readonly offset: number; readonly size: number }): string | undefined {
    const scratch = takeScratch();
    try {
      const hash = createHash("sha256");
      for (let at = 0; at < size; at += SCRATCH_BYTES) {
        const target = scratch.subarray(0, Math.min(SCRATCH_BYTES, size - at));
        if (this.readInto(path, { offset: offset + at, target }) < target.length) return undefined;
        hash.update(target);
      }
      return hash.digest("hex");
    } finally {
      releaseScratch(scratch);
    }
  }

  /** A buffer of `SCRATCH_BYTES` that is the caller's until `close`. */
  borrowBuffer(): Uint8Array {
    const buffer = takeScratch();
    this.borrowed.push(buffer);
    return buffer;
  }

  /** A whole file that is not read again: it is not kept open. */
  readWhole(path: string): Uint8Array {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw ioError(cause, `read ${path}`);
    }
  }

  /** Closes one file, before it is removed or replaced. */
  forget(path: string): void {
    const descriptor = this.descriptors.get(path);
    if (descriptor === undefined) return;
    this.descriptors.delete(path);
    closeSync(descriptor);
  }

  /** Closes a file that is damaged, and has it dropped. */
  damaged(path: string): void {
    this.forget(path);
    this.onDamage?.(path);
  }

  /** Closes all files. They are opened again when they are needed. */
  close(): void {
    for (const descriptor of this.descriptors.values()) closeSync(descriptor);
    this.descriptors.clear();
    for (const buffer of this.borrowed.splice(0)) releaseScratch(buffer);
  }

  private open(path: string): number {
    const known = this.descriptors.get(path);
    if (known !== undefined) {
      // Put it last: a Map keeps the order of insertion.
      this.descriptors.delete(path);
      this.descriptors.set(path, known);
      return known;
    }
    if (this.descriptors.size >= this.limit) {
      const [oldest, descriptor] = this.descriptors.entries().next().value!;
      this.descriptors.delete(oldest);
      closeSync(descriptor);
    }
    const descriptor = openSync(path, "r");
    this.descriptors.set(path, descriptor);
    return descriptor;
  }
}
