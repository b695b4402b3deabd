/**
 * Bytes that a worker gathers on its own: pieces in memory, and ranges of files that it opens itself, so that contents are not copied
 * between threads.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { cacheDamaged } from "./file-content.js";

/** Bytes in memory, or a range of a file of the cache with its sha256. */
export type ContentPart =
  | Uint8Array
  | { readonly path: string; readonly offset: number; readonly size: number; readonly sha256: string | undefined };

/** Writes the parts into `target`, one after the other; ranges with a sha256 are held to it. @throws AssembleError `io/cache-damaged` */
export function fillParts(parts: readonly ContentPart[], target: Uint8Array): void {
  let at = 0;
  let open: { readonly path: string; readonly fd: number } | undefined;
  try {
    for (const part of parts) {
      if (part instanceof Uint8Array) {
        target.set(part, at);
        at += part.length;
        continue;
      }
      if (open?.path !== part.path) {
        if (open !== undefined) closeSync(open.fd);
        open = { path: part.path, fd: openSync(part.path, "r") };
      }
      const range = target.subarray(at, at + part.size);
      for (let done = 0; done < part.size; ) {
        const count = readSync(open.fd, range, done, part.size - done, part.offset + done);
        if (count === 0) throw cacheDamaged(part.path);
        done += count;
      }
      if (part.sha256 !== undefined && createHash("sha256").update(range).digest("hex") !== part.sha256)
        throw cacheDamaged(part.path);
      at += part.size;
    }
  } finally {
    if (open !== undefined) closeSync(open.fd);
  }
}
