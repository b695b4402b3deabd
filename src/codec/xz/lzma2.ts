/**
 * LZMA2: LZMA and stored chunks into a sliding window (.xz file format 1.2.0, §5.3.1; chunk headers as xz writes them).
 *
 * Every match in a chunk must end inside it. `xz` is the judge.
 */

import type { ByteQueue } from "../byte-queue.js";
import { waitFor } from "../decoder.js";
import { lzmaFaults } from "./decode-lzma.js";
import { corrupt, truncated } from "./errors.js";
import {
  finishLzmaChunk,
  growLzmaMemory,
  type LzmaMemory,
  lzmaMemorySize,
  releaseLzmaMemory,
  resetLzmaState,
  setLzmaProperties,
  startLzmaChunk,
  takeLzmaMemory,
  WINDOW,
  word,
} from "./lzma-memory.js";

/** The largest chunk, uncompressed. */
const CHUNK_MAX = 1 << 21;
/** Output is handed on in pieces of about this size: small enough for the processor's cache, large enough to be cheap. */
const PIECE = 1 << 18;
/** With a dictionary of up to this size 16 MiB of the memory are used: that of `xz -6` and dpkg-deb. */
const ORDINARY_DICTIONARY = 1 << 23;
const LIMIT_STEP = 1 << 24;

/** What the block says about its data. */
export interface Lzma2Options {
  /** From the filter's properties. */
  readonly dictionarySize: number;
  /** Size of the uncompressed data where the block header or the index states it: the window need not be larger. */
  readonly uncompressedSize: number | undefined;
}

/** A run of the decoder: its memory grows with the data, up to what the dictionary needs. */
interface Run {
  memory: LzmaMemory;
  /** How much of the memory is used before the window slides: of a larger one the rest costs nothing. */
  readonly limit: number;
  readonly dictionarySize: number;
  /** Places in the memory: of the next byte, of the first one that was not handed on, of the dictionary's first. */
  at: number;
  emitted: number;
  dictionaryStart: number;
  /** What to add to a place for its position since the dictionary's reset, modulo 16. */
  positionBias: number;
}

/** Decodes one LZMA2 stream up to and including its end marker. Yields views of the window, or undefined for more input. */
export function* decodeLzma2(input: ByteQueue, options: Lzma2Options): Generator<Uint8Array | undefined, void, void> {
  const { dictionarySize, uncompressedSize = Number.POSITIVE_INFINITY } = options;
  // Room beside the dictionary, so that it need not be slid often.
  const room = dictionarySize > ORDINARY_DICTIONARY ? 8 * CHUNK_MAX : 2 * CHUNK_MAX;
  const run: Run = {
    memory: takeLzmaMemory(),
    limit: Math.ceil((WINDOW + Math.min(dictionarySize + room, uncompressedSize)) / LIMIT_STEP) * LIMIT_STEP,
    dictionarySize,
    at: WINDOW,
    emitted: WINDOW,
    dictionaryStart: WINDOW,
    positionBias: 0,
  };
  try {
    yield* decodeChunks(run, { input, uncompressedSize });
  } finally {
    releaseLzmaMemory(run.memory);
  }
}

function* decodeChunks(
  run: Run,
  source: { readonly input: ByteQueue; readonly uncompressedSize: number },
): Generator<Uint8Array | undefined, void, void> {
  const { input, uncompressedSize } = source;
  let produced = 0;
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
    yield* makeRoom(run, size);
    if (resetsDictionary) {
      run.dictionaryStart = run.at;
      run.positionBias = -run.at & 15;
    }

    if (stored) {
      yield* waitFor(input, size, truncated);
      run.memory.bytes.set(input.take(size), run.at);
      run.at += size;
      if (run.at - run.emitted >= PIECE) yield emit(run);
      continue;
    }
    if (control >= 0xc0) {
      if (!setLzmaProperties(run.memory, header[4]!)) throw corrupt(`LZMA properties ${header[4]}`);
      wantsProperties = false;
    } else if (wantsProperties) throw corrupt("a chunk without properties after a dictionary reset");
    if (control >= 0xa0) resetLzmaState(run.memory);
    const compressedSize = ((header[2]! << 8) | header[3]!) + 1;
    yield* waitFor(input, compressedSize, truncated);
    startLzmaChunk(run.memory, input.take(compressedSize));
    yield* decodeChunk(run, size);
    finishLzmaChunk(run.memory);
  }
  if (run.emitted < run.at) yield emit(run);
}

/** Runs the main loop over one chunk. */
function* decodeChunk(run: Run, size: number): Generator<Uint8Array, void, void> {
  const { words } = run.memory;
  const end = run.at + size;
  words[word.end] = end;
  words[word.dictionaryStart] = run.dictionaryStart;
  words[word.dictionarySize] = Math.min(run.dictionarySize, 0x7fffffff);
  words[word.positionBias] = run.positionBias;
  while (run.at < end) {
    const place = run.memory.decode(run.at, Math.min(end, run.emitted + PIECE));
    if (place < 0) throw corrupt(lzmaFaults[place]!);
    run.at = place;
    if (run.at - run.emitted >= PIECE) yield emit(run);
  }
}

/** Grows the memory or slides the window, so that `size` more bytes fit. */
function* makeRoom(run: Run, size: number): Generator<Uint8Array, void, void> {
  const { length } = run.memory.bytes;
  if (run.at + size <= Math.min(length, run.limit)) return;
  if (length < run.limit) {
    run.memory = growLzmaMemory(run.memory, { size: lzmaMemorySize(run.limit), used: run.at });
    if (run.at + size <= run.limit) return;
  }
  if (run.emitted < run.at) yield emit(run);
  // Keep the dictionary. Moved by a multiple of 16, so that position bits stay as they are.
  const shift = (run.at - WINDOW - Math.min(run.dictionarySize, run.at - WINDOW)) & ~15;
  run.memory.bytes.copyWithin(WINDOW, WINDOW + shift, run.at);
  run.at -= shift;
  run.emitted = run.at;
  run.dictionaryStart = Math.max(WINDOW, run.dictionaryStart - shift);
}

function emit(run: Run): Uint8Array {
  const piece = run.memory.bytes.subarray(run.emitted, run.at);
  run.emitted = run.at;
  return piece;
}
