/**
 * The worker's task: gathers the parts of a segment and compresses them.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { compressGzip } from "../codec/compress-gzip.js";
import { ZstdCompressor } from "../codec/zstd/compress-zstd.js";
import { cacheDamaged } from "../io/file-content.js";
import { writeStepFile } from "../io/step.js";
import { defineTask } from "../io/workers.js";

/** Bytes of a segment: in memory, or a range of a file of the cache with its sha256. */
export type SegmentPart =
  | Uint8Array
  | { readonly path: string; readonly offset: number; readonly size: number; readonly sha256: string | undefined };

/** A segment to compress. */
export interface CompressInput {
  readonly parts: readonly SegmentPart[];
  /** Bytes of all parts. */
  readonly size: number;
  readonly type: "zstd" | "gzip";
  readonly level: number;
  /** The step's file to write; without it the frame comes back. */
  readonly output: string | undefined;
}

/** The task. */
export const compressSegmentTask = defineTask<CompressInput, Uint8Array | undefined>(
  import.meta.url,
  "compressSegment",
);

/** One a thread: at level 19 its memory is some 120 MiB, which a new one for each segment would hold until it is collected. */
const zstd = new ZstdCompressor();

/** Compresses a segment in one frame. @throws AssembleError `io/cache-damaged`, `codec/zstd-memory` */
export function compressSegment(input: CompressInput): Uint8Array | undefined {
  const frame = compressed(input);
  if (input.output === undefined) return frame;
  writeStepFile(input.output, [frame]);
  return undefined;
}

function compressed(input: CompressInput): Uint8Array {
  if (input.type === "gzip") {
    const bytes = new Uint8Array(input.size);
    fillParts(input.parts, bytes);
    return compressGzip(bytes, input.level);
  }
  return zstd.compress(input.size, {
    level: input.level,
    fill: (target) => fillParts(input.parts, target),
  });
}

function fillParts(parts: readonly SegmentPart[], target: Uint8Array): void {
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
