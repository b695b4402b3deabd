/** One LZMA2 chunk of compressed data: where it is, and the start and the end of its range coder. */

import { corrupt } from "./errors.js";
import type { LzmaState } from "./lzma-model.js";

/** The range decoder renormalises below this. */
export const TOP = 0x1000000;

/** One chunk: where its bytes are, where its output goes. */
export interface LzmaChunk {
  readonly input: Uint8Array;
  readonly window: Uint8Array;
  /** Where its output ends in the window. */
  readonly end: number;
  /** Where the dictionary begins in the window. */
  readonly dictionaryStart: number;
  /** Farthest distance allowed. */
  readonly dictionarySize: number;
  /** The position of `window[0]` in the data since the dictionary's reset, modulo 16. */
  readonly positionBias: number;
}

/** Reads the five bytes that start the range coder of a chunk. */
export function startChunk(lzma: LzmaState, chunk: LzmaChunk): void {
  const { input } = chunk;
  if (input.length < 5 || input[0] !== 0) throw corrupt("a range coder that does not start with 0");
  lzma.range = -1;
  lzma.code = (input[1]! << 24) | (input[2]! << 16) | (input[3]! << 8) | input[4]!;
  lzma.next = 5;
}

/** Checks that the chunk's bytes were used up, no more and no less. */
export function finishChunk(lzma: LzmaState, chunk: LzmaChunk): void {
  if (lzma.range >>> 0 < TOP) lzma.code = (lzma.code << 8) | chunk.input[lzma.next++]!;
  if (lzma.code !== 0 || lzma.next !== chunk.input.length)
    throw corrupt("a chunk whose compressed and uncompressed sizes disagree");
}
