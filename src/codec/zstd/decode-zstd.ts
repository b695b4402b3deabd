/**
 * Decodes zstd (RFC 8878) as a stream: any number of frames, with or without a content size, skippable frames; checksums and sizes verified.
 * Memory is the frame's window and a little more. Dictionaries are not read. `zstd -dc` is the judge.
 *
 * Of its own since no package streams correctly on Node 20: one fails without a content size, one returns truncated data, one ignores checksums.
 */

import type { ByteQueue } from "../byte-queue.js";
import { type Decoder, decodeStream, decodeWhole, waitFor } from "../decoder.js";
import { BLOCK_MAX, decodeBlock, newFrameState } from "./block.js";
import { corrupt, truncated, unsupported } from "./errors.js";
import { Xxh64 } from "./xxh64.js";

/** Bounds of a decoder. */
export interface ZstdLimits {
  /** Largest window, in bytes; 128 MiB unless told, as for the `zstd` program. */
  readonly maxWindowBytes?: number;
}

const DEFAULT_WINDOW = 128 << 20;
const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Output is handed on in pieces of about this size. */
const PIECE = 1 << 20;

/** Decodes a zstd file piece by piece. Throws `codec/zstd-truncated`, `codec/zstd-corrupt` or `codec/zstd-unsupported`. */
export function decodeZstd(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ZstdLimits & { readonly copy?: boolean } = {},
): AsyncGenerator<Uint8Array, void, void> {
  return decodeStream((queue) => zstdDecoder(queue, options), input, options);
}

/** Decodes a zstd file that is in memory, into at most `maxBytes`. */
export function decodeZstdBytes(input: Uint8Array, options: ZstdLimits & { readonly maxBytes: number }): Uint8Array {
  return decodeWhole((queue) => zstdDecoder(queue, options), input, { maxBytes: options.maxBytes, format: "zstd" });
}

/** The decoder itself; see `Decoder`. */
export function* zstdDecoder(input: ByteQueue, limits: ZstdLimits = {}): Decoder {
  for (let frames = 0; ; frames++) {
    while (input.available === 0 && !input.ended) yield undefined;
    if (input.available === 0 && frames > 0) return;
    const magic = yield* readNumber(input, 4);
    if (magic === MAGIC) yield* decodeFrame(input, limits.maxWindowBytes ?? DEFAULT_WINDOW);
    else if ((magic & ~15) >>> 0 === SKIPPABLE_MAGIC) yield* skip(input, yield* readNumber(input, 4));
    else throw corrupt("no zstd signature");
  }
}

function* readNumber(input: ByteQueue, size: number): Generator<undefined, number, void> {
  yield* waitFor(input, size, truncated);
  return input.take(size).reduceRight((value, byte) => value * 256 + byte, 0);
}

function* skip(input: ByteQueue, size: number): Generator<undefined, void, void> {
  for (let left = size; left > 0; ) {
    yield* waitFor(input, 1, truncated);
    left -= input.take(Math.min(left, input.available)).length;
  }
}

interface FrameHeader {
  readonly windowSize: number;
  readonly contentSize: number | undefined;
  readonly checksum: boolean;
}

function* readFrameHeader(input: ByteQueue, maxWindow: number): Generator<undefined, FrameHeader, void> {
  const descriptor = yield* readNumber(input, 1);
  if ((descriptor & 8) !== 0) throw unsupported("a reserved bit of the frame header");
  const single = (descriptor & 32) !== 0;
  let windowSize = 0;
  if (!single) {
    const byte = yield* readNumber(input, 1);
    const base = 2 ** (10 + (byte >> 3));
    windowSize = base + (base / 8) * (byte & 7);
  }
  const dictionary = yield* readNumber(input, [0, 1, 2, 4][descriptor & 3]!);
  if (dictionary !== 0) throw unsupported(`the dictionary ${dictionary}`);
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const stated = yield* readNumber(input, sizeBytes);
  const contentSize = sizeBytes === 0 ? undefined : sizeBytes === 2 ? stated + 256 : stated;
  if (single) windowSize = contentSize!;
  if (windowSize > maxWindow)
    throw unsupported(`a window of ${windowSize} bytes where at most ${maxWindow} are allowed`);
  return { windowSize, contentSize, checksum: (descriptor & 4) !== 0 };
}

function* decodeFrame(input: ByteQueue, maxWindow: number): Decoder {
  const { windowSize, contentSize, checksum } = yield* readFrameHeader(input, maxWindow);
  const blockMax = Math.min(windowSize, BLOCK_MAX);
  const room = Math.max(windowSize >> 1, 4 * BLOCK_MAX);
  const windowMax = Math.min(windowSize + room, contentSize ?? Number.POSITIVE_INFINITY);
  let window: Uint8Array = new Uint8Array(Math.min(windowMax, 2 * BLOCK_MAX));
  const state = newFrameState();
  const hash = checksum ? new Xxh64() : undefined;
  let at = 0;
  let emitted = 0;
  let produced = 0;
  for (let last = false; !last; ) {
    const header = yield* readNumber(input, 3);
    last = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || size > blockMax) throw corrupt("a block header that is not allowed");
    const compressedSize = type === 1 ? 1 : size;
    yield* waitFor(input, compressedSize, truncated);
    const content = input.take(compressedSize);

    if (at + blockMax > window.length && window.length < windowMax) {
      const wider = new Uint8Array(Math.min(windowMax, Math.max(4 * window.length, at + blockMax)));
      wider.set(window.subarray(0, at));
      window = wider;
    }
    if (at + blockMax > window.length && at > windowSize) {
      if (emitted < at) {
        const piece = window.subarray(emitted, at);
        hash?.update(piece);
        yield piece;
      }
      window.copyWithin(0, at - windowSize, at);
      at = windowSize;
      emitted = at;
    }
    const limit = Math.min(window.length, at + blockMax);
    const start = at;
    if (type === 2) at = decodeBlock(state, content, { window, at, limit, history: Math.min(at, windowSize) });
    else {
      if (size > limit - at) throw corrupt("more data than its frame states");
      if (type === 0) window.set(content, at);
      else window.fill(content[0]!, at, at + size);
      at += size;
    }
    produced += at - start;
    if (contentSize !== undefined && produced > contentSize) throw corrupt("more data than its frame states");
    if (at - emitted >= PIECE || (last && at > emitted)) {
      const piece = window.subarray(emitted, at);
      hash?.update(piece);
      yield piece;
      emitted = at;
    }
  }
  if (contentSize !== undefined && produced !== contentSize) throw corrupt("less data than its frame states");
  if (hash !== undefined && (yield* readNumber(input, 4)) !== hash.lowHalf())
    throw corrupt("a frame whose checksum does not match its data");
}
