/**
 * Compressing a segment in a worker: what it is given, and where the function is.
 */
import type { ContentPart } from "../io/content-parts.js";
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

/** By its URL: this thread never loads the compressors. */
export const compressSegmentTask = defineTask<CompressInput, Uint8Array | undefined>(
  new URL("./compress-task.js", import.meta.url).href,
  "compressSegment",
);
