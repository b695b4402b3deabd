/**
 * The worker's task: gathers the parts of a segment and compresses them.
 */
import { compressGzip } from "../codec/compress-gzip.js";
import { ZstdCompressor } from "../codec/zstd/compress-zstd.js";
import { type ContentPart, fillParts } from "../io/content-parts.js";
import { writeStepFile } from "../io/step.js";
import { defineTask } from "../io/workers.js";

/** A segment to compress. */
export interface CompressInput {
  readonly parts: readonly ContentPart[];
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
