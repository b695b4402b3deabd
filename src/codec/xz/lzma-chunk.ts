/** One LZMA2 chunk of compressed data: where it is, and the start and the end of its range coder. */

import { corrupt } from "./errors.js";
import type { LzmaState } from "./lzma-state.js";

/** Bytes that a decoder may read past a damaged chunk: more than a symbol takes. */
export const SLACK = 64;

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
export function startRangeCoder(lzma: LzmaState, input: Uint8Array): void {
  if (input[0] !== 0) throw corrupt("a range coder that does not start with 0");
  lzma.range = -1;
  lzma.code = (input[1]! << 24) | (input[2]! << 16) | (input[3]! << 8) | input[4]!;
  lzma.next = 5;
}

/** Checks that the chunk's bytes were used up, no more and no less. */
export function finishRangeCoder(lzma: LzmaState, input: { readonly bytes: Uint8Array; readonly size: number }): void {
  if (lzma.range >>> 24 === 0) lzma.code = (lzma.code << 8) | input.bytes[lzma.next++]!;
  if (lzma.code !== 0 || lzma.next !== input.size)
    throw corrupt("a chunk whose compressed and uncompressed sizes disagree");
}
