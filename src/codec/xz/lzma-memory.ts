/**
 * The memory of an LZMA decoder: its state, the probabilities, the compressed bytes of one LZMA2 chunk, and the window, all in one array buffer, since
 * the main loop is asm.js.
 */

import { type LzmaLoop, lzmaModule } from "./decode-lzma.js";
import { corrupt } from "./errors.js";

/** The 32-bit words at the start of the memory, by their places in it. */
export const word = {
  state: 0,
  rep0: 1,
  rep1: 2,
  rep2: 3,
  rep3: 4,
  /** The range coder, and the place of its next byte. */
  range: 5,
  code: 6,
  next: 7,
  /** Literal context bits; 8 less them; a mask of the literal position bits; a mask of the position bits. */
  lc: 8,
  literalShift: 9,
  literalMask: 10,
  positionMask: 11,
  /** Where the chunk's output ends. */
  end: 12,
  /** Where the dictionary begins, and the farthest distance allowed. */
  dictionaryStart: 13,
  dictionarySize: 14,
  /** What to add to a place for its position since the dictionary's reset, modulo 16. */
  positionBias: 15,
  /** Where the chunk's input ends. */
  inputEnd: 16,
} as const;

/** The first probability, in the memory as 16-bit numbers. */
const PROBABILITIES = 512;
/** How many there are: 1848, and 0x300 for each of the contexts of literals, of which LZMA2 allows 16. */
const PROBABILITY_COUNT = 1848 + 0x300 * 16;
const EVEN = 1024;
/** Where the compressed bytes of a chunk are. */
const INPUT = 1 << 15;
/** Zeros after them, for a decoder that reads past a damaged chunk: more than a symbol takes. */
const SLACK = 64;
/** Where the window begins. */
export const WINDOW = INPUT + (1 << 16) + 1024;

/** What is allocated first. */
const START = 1 << 18;
/**
 * The least that is allocated beyond it; pages that are never written cost nothing. glibc's allocator, once a block of up to
 * 32 MiB was given back, keeps blocks of that size for itself (mallopt(3), M_MMAP_THRESHOLD): a build then held 75 MiB of what
 * its threads had freed. Larger blocks go back to the system and leave the rule alone.
 */
const LARGE_MIN = 1 << 25;
/** One memory of up to this size is kept for the next decoder. */
const KEPT_MAX = LARGE_MIN;

/** A decoder's memory. */
export interface LzmaMemory extends LzmaLoop {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly probabilities: Uint16Array;
}

/**
 * The memory that the last decoder of this thread left: clearing 16 MiB anew takes 12 ms. What is in it means nothing to the next
 * one, which cannot reach what it has not written.
 */
const spare: LzmaMemory[] = [];

/** Takes a memory, which is the caller's until `releaseLzmaMemory`. It has no properties and has yet to be reset. */
export function takeLzmaMemory(): LzmaMemory {
  return spare.pop() ?? newLzmaMemory(START);
}

/** Gives a memory back. */
export function releaseLzmaMemory(memory: LzmaMemory): void {
  if (memory.bytes.length > KEPT_MAX) return;
  const kept = spare.pop();
  spare.push(kept !== undefined && kept.bytes.length > memory.bytes.length ? kept : memory);
}

/** A larger memory with the same in it up to `used`. */
export function growLzmaMemory(
  memory: LzmaMemory,
  options: { readonly size: number; readonly used: number },
): LzmaMemory {
  const wider = newLzmaMemory(options.size);
  wider.bytes.set(memory.bytes.subarray(0, options.used));
  return wider;
}

/**
 * A size of at least `bytes` that asm.js allows: the first, else a multiple of 16 MiB that is no less than `LARGE_MIN`.
 */
export function lzmaMemorySize(bytes: number): number {
  const step = 1 << 24;
  return bytes <= START ? START : Math.max(Math.ceil(bytes / step) * step, LARGE_MIN);
}

function newLzmaMemory(size: number): LzmaMemory {
  const heap = new ArrayBuffer(size);
  return {
    bytes: new Uint8Array(heap),
    words: new Int32Array(heap, 0, (2 * PROBABILITIES) / 4),
    probabilities: new Uint16Array(heap, 2 * PROBABILITIES, PROBABILITY_COUNT),
    decode: lzmaModule(globalThis, null, heap).decode,
  };
}

/** Resets everything but the properties. */
export function resetLzmaState({ words, probabilities }: LzmaMemory): void {
  probabilities.fill(EVEN);
  words.fill(0, word.state, word.rep3 + 1);
}

/** Sets the properties from LZMA2's properties byte; false when they are not allowed. */
export function setLzmaProperties({ words }: LzmaMemory, byte: number): boolean {
  const lc = byte % 9;
  const rest = (byte - lc) / 9;
  const lp = rest % 5;
  const pb = (rest - lp) / 5;
  if (pb > 4 || lc + lp > 4) return false;
  words[word.lc] = lc;
  words[word.literalShift] = 8 - lc;
  words[word.literalMask] = (1 << lp) - 1;
  words[word.positionMask] = (1 << pb) - 1;
  return true;
}

/** Puts a chunk's compressed bytes in place, and starts the range coder with the first five of them. */
export function startLzmaChunk({ bytes, words }: LzmaMemory, chunk: Uint8Array): void {
  if (chunk[0] !== 0) throw corrupt("a range coder that does not start with 0");
  const inputEnd = INPUT + chunk.length;
  bytes.set(chunk, INPUT);
  bytes.fill(0, inputEnd, inputEnd + SLACK);
  words[word.inputEnd] = inputEnd;
  words[word.range] = -1;
  words[word.code] =
    (bytes[INPUT + 1]! << 24) | (bytes[INPUT + 2]! << 16) | (bytes[INPUT + 3]! << 8) | bytes[INPUT + 4]!;
  words[word.next] = INPUT + 5;
}

/** Checks that the chunk's bytes were used up, no more and no less. */
export function finishLzmaChunk({ bytes, words }: LzmaMemory): void {
  let code = words[word.code]!;
  let next = words[word.next]!;
  if (words[word.range]! >>> 24 === 0) code = (code << 8) | bytes[next++]!;
  if (code !== 0 || next !== words[word.inputEnd])
    throw corrupt("a chunk whose compressed and uncompressed sizes disagree");
}
