/**
 * Bytes that a worker gathers on its own: pieces in memory, and ranges of files that it opens itself, so that contents are not copied
 * between threads.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { cacheDamaged } from "./file-content.js";

/** Bytes in memory, or a range of a file of the cache with its sha256. */
export type ContentPart =
  | Uint8Array
  | { readonly path: string; readonly offset: number; readonly size: number; readonly sha256: string | undefined };

/** Reads parts as one run of bytes. */
export interface PartsReader {
  /** Fills `target`, or what is left of the parts' bytes at its start; returns how many bytes these are. @throws AssembleError `io/cache-damaged` */
  read(target: Uint8Array): number;
  close(): void;
}

/** Opens parts for reading; ranges with a sha256 are held to it when their last byte was read. */
export function openParts(parts: readonly ContentPart[]): PartsReader {
  let index = 0;
  /** Bytes taken of the part at `index`. */
  let taken = 0;
  let hash: Hash | undefined;
  let open: { readonly path: string; readonly fd: number } | undefined;
  const close = (): void => {
    if (open !== undefined) closeSync(open.fd);
    open = undefined;
  };
  const readRange = (part: Exclude<ContentPart, Uint8Array>, target: Uint8Array): void => {
    if (open?.path !== part.path) {
      close();
      open = { path: part.path, fd: openSync(part.path, "r") };
    }
    for (let done = 0; done < target.length; ) {
      const count = readSync(open.fd, target, done, target.length - done, part.offset + taken + done);
      if (count === 0) throw cacheDamaged(part.path);
      done += count;
    }
    if (part.sha256 === undefined) return;
    hash ??= createHash("sha256");
    hash.update(target);
    if (taken + target.length < part.size) return;
    if (hash.digest("hex") !== part.sha256) throw cacheDamaged(part.path);
    hash = undefined;
  };
  return {
    read(target) {
      let at = 0;
      for (; index < parts.length; index++, taken = 0) {
        const part = parts[index]!;
        const size = part instanceof Uint8Array ? part.length : part.size;
        const piece = target.subarray(at, at + size - taken);
        if (part instanceof Uint8Array) piece.set(part.subarray(taken, taken + piece.length));
        else readRange(part, piece);
        taken += piece.length;
        at += piece.length;
        if (taken < size) break;
      }
      return at;
    },
    close,
  };
}

/** Writes the parts into `target`, one after the other; ranges with a sha256 are held to it. @throws AssembleError `io/cache-damaged` */
export function fillParts(parts: readonly ContentPart[], target: Uint8Array): void {
  const reader = openParts(parts);
  try {
    reader.read(target);
  } finally {
    reader.close();
  }
}
