/**
 * LZMA2: LZMA and stored chunks into a sliding window (.xz file format 1.2.0, §5.3.1; chunk headers as xz writes them).
 *
 * Every match in a chunk must end inside it. `xz` is the judge.
 */

import type { ByteQueue } from "../byte-queue.js";
import { waitFor } from "../decoder.js";
import { decodeChunk } from "./decode-lzma.js";
import { corrupt, truncated } from "./errors.js";
import { newLzmaState, resetLzmaState, setLzmaProperties } from "./lzma-state.js";

/** The largest chunk, uncompressed. */
const CHUNK_MAX = 1 << 21;
/** Output is handed on in pieces of about this size: small enough for the cache, large enough to be cheap. */
const PIECE = 1 << 20;
/**
 * The window is the dictionary and some room, so that it need not be slid often: a block of dpkg-deb (24 MiB, dictionary 8 MiB) fits
 * whole. It grows up to that, so that little data takes little memory.
 */
const WINDOW_START = 1 << 16;

/** What the block says about its data. */
export interface Lzma2Options {
  /** From the filter's properties. */
  readonly dictionarySize: number;
  /** Size of the uncompressed data where the block header or the index states it: the window need not be larger. */
  readonly uncompressedSize: number | undefined;
}

/** Decodes one LZMA2 stream up to and including its end marker. Yields views of the window, or undefined for more input. */
export function* decodeLzma2(input: ByteQueue, options: Lzma2Options): Generator<Uint8Array | undefined, void, void> {
  const { dictionarySize, uncompressedSize = Number.POSITIVE_INFINITY } = options;
  const room = Math.min(Math.max(2 * dictionarySize, 2 * CHUNK_MAX), 8 * CHUNK_MAX);
  const windowMax = Math.min(dictionarySize + room, uncompressedSize);
  let window: Uint8Array = new Uint8Array(Math.min(windowMax, WINDOW_START));
  const lzma = newLzmaState();
  let at = 0;
  let emitted = 0;
  let produced = 0;
  let dictionaryStart = 0;
  let positionBias = 0;
  let wantsDictionary = true;
  let wantsProperties = true;

  for (;;) {
    yield* waitFor(input, 1, truncated);
    const control = input.take(1)[0]!;
    if (control === 0) break;
    const stored = control < 0x80;
    if (stored && control > 2) throw corrupt(`LZMA2 control byte ${control}`);
    const resetsDictionary = control === 1 || control >= 0xe0;
    if (resetsDictionary) {
      wantsDictionary = false;
      wantsProperties = true;
    } else if (wantsDictionary) throw corrupt("a first chunk that does not reset the dictionary");
    const headerSize = stored ? 2 : control >= 0xc0 ? 5 : 4;
    yield* waitFor(input, headerSize, truncated);
    const header = input.take(headerSize);
    const size = (((stored ? 0 : control & 0x1f) << 16) | (header[0]! << 8) | header[1]!) + 1;
    produced += size;
    if (produced > uncompressedSize) throw corrupt("more data than its block states");

    if (at + size > window.length && window.length < windowMax) {
      const wider = new Uint8Array(Math.min(windowMax, Math.max(4 * window.length, at + size)));
      wider.set(window.subarray(0, at));
      window = wider;
    }
    if (at + size > window.length) {
      // Slide: keep the dictionary. Moved by a multiple of 16, so that position bits stay as they are.
      if (emitted < at) yield window.subarray(emitted, at);
      const shift = (at - Math.min(dictionarySize, at)) & ~15;
      window.copyWithin(0, shift, at);
      at -= shift;
      emitted = at;
      dictionaryStart = Math.max(0, dictionaryStart - shift);
    }
    if (resetsDictionary) {
      dictionaryStart = at;
      positionBias = -at & 15;
    }
    if (stored) {
      yield* waitFor(input, size, truncated);
      window.set(input.take(size), at);
    } else {
      if (control >= 0xc0) {
        if (!setLzmaProperties(lzma, header[4]!)) throw corrupt(`LZMA properties ${header[4]}`);
        wantsProperties = false;
      } else if (wantsProperties) throw corrupt("a chunk without properties after a dictionary reset");
      if (control >= 0xa0) resetLzmaState(lzma);
      const compressedSize = ((header[2]! << 8) | header[3]!) + 1;
      yield* waitFor(input, compressedSize, truncated);
      const chunk = input.take(compressedSize);
      const place = { window, end: at + size, dictionaryStart, dictionarySize, positionBias };
      decodeChunk(lzma, { input: chunk, ...place }, at);
    }
    at += size;
    if (at - emitted >= PIECE) {
      yield window.subarray(emitted, at);
      emitted = at;
    }
  }
  if (emitted < at) yield window.subarray(emitted, at);
}
