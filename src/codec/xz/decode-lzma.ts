/**
 * The LZMA main loop: one LZMA2 chunk's compressed bytes into the window (LZMA specification, Igor Pavlov, 2015).
 *
 * One long function on purpose: V8 keeps the range decoder's local variables in registers. A bit whose value is well predicted (flags,
 * lengths, slots) is decoded with a branch; one close to random (literals, low bits of distances) without: `m` is all ones for a 0, and
 * zero for a 1. Measured on trixie packages with Node 20: 10 % faster for literals, slower for the rest; unrolling the trees gained nothing.
 */

import { corrupt } from "./errors.js";
import { finishRangeCoder, type LzmaChunk, SLACK, startRangeCoder } from "./lzma-chunk.js";
import { type LzmaState, PROBABILITY_COUNT } from "./lzma-state.js";

// Where each kind of probability begins, under its name in the specification.
const LENGTH_SIZE = 2 + (16 << 3) + (16 << 3) + 256;

/** `isMatch[state][posState]`. */
const IS_MATCH = 0;
/** `isRep[state]`: a match repeats one of the last four distances. */
const IS_REP = IS_MATCH + (12 << 4);
/** `isRepG0`, `isRepG1`, `isRepG2`, each `[state]`: … not the last of them, not the one before, … */
const IS_REP0 = IS_REP + 12;
/** `isRep0Long[state][posState]`: more than one byte from the last distance. */
const IS_REP0_LONG = IS_REP0 + 3 * 12;
/** `posSlotDecoder[min(length - 2, 3)]`: four trees of 6 bits. */
const DISTANCE_SLOT = IS_REP0_LONG + (12 << 4);
/** `posDecoders`: reverse trees of the distances 4 to 127, each node at `base + distance - slot + node`. */
const DISTANCE_SPECIAL = DISTANCE_SLOT + (4 << 6);
/** `alignDecoder`: a reverse tree of the 4 low bits of larger distances. */
const DISTANCE_ALIGN = DISTANCE_SPECIAL + 116;
/** `lenDecoder`: two choices, `low[posState]` of 3 bits, `mid[posState]` of 3 bits, `high` of 8 bits. */
const MATCH_LENGTH = DISTANCE_ALIGN + 16;
/** `repLenDecoder`, with the same parts. */
const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
/** `litProbs[context]`: 0x300 each. */
const LITERAL = REP_LENGTH + LENGTH_SIZE;

/** Offset of the `low` trees in a length decoder. */
const LENGTH_LOW = 2;
/** Size of the `low` trees; the `mid` trees follow them. */
const LENGTH_MID = 16 << 3;
/** Offset of the `high` tree. */
const LENGTH_HIGH = LENGTH_LOW + 2 * LENGTH_MID;

/** The range decoder renormalises below this. */
const TOP = 0x1000000;
/** Bytes of output in a step. */
const STEP = 8192;

/**
 * The probabilities and the compressed bytes of the chunk that is being decoded: V8 knows where an array that is a constant lies, and how
 * long it is, which makes the loop 8 % faster. Nothing is kept here: a chunk brings both along and takes the probabilities with it.
 */
const PROBABILITIES = new Uint16Array(PROBABILITY_COUNT);
const INPUT = new Uint8Array((1 << 16) + SLACK);

/** Decodes a chunk of at most 64 KiB into the window, from `start` to the chunk's end. */
export function decodeChunk(lzma: LzmaState, chunk: LzmaChunk, start: number): void {
  const size = chunk.input.length;
  PROBABILITIES.set(lzma.probabilities);
  INPUT.set(chunk.input);
  INPUT.fill(0, size, size + SLACK);
  startRangeCoder(lzma, INPUT);
  for (let at = start; at < chunk.end; ) at = decodeStep(lzma, chunk, at);
  finishRangeCoder(lzma, { bytes: INPUT, size });
  lzma.probabilities.set(PROBABILITIES);
}

/**
 * Decodes some kilobytes; returns where to go on. In steps, since V8 optimises a function that is called often much better than a loop that
 * it is stuck in: with one call a chunk the first 50 MB took twice the time.
 */
// biome-ignore format: one decoded bit is the same few lines everywhere, and better seen as such
function decodeStep(lzma: LzmaState, chunk: LzmaChunk, start: number): number {
  const { window: out, end, dictionaryStart, dictionarySize, positionBias } = chunk;
  const inputEnd = chunk.input.length;
  const { lc } = lzma;
  const literalShift = 8 - lc;
  const literalMask = (1 << lzma.lp) - 1;
  const positionMask = (1 << lzma.pb) - 1;
  const stepEnd = Math.min(end, start + STEP);
  let { state, rep0, rep1, rep2, rep3, range, code, next } = lzma;
  let at = start;
  let previous = at > dictionaryStart ? out[at - 1]! : 0;
  let symbol = 0;
  while (at < stepEnd) {
    // A symbol takes less than the slack.
    if (next > inputEnd) throw corrupt("compressed data that goes on after the end of its chunk");
    const position = at + positionBias;
    const positionState = position & positionMask;

    {
      const i = IS_MATCH + (state << 4) + positionState, p = PROBABILITIES[i]!;
      if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
      const b = Math.imul(range >>> 11, p);
      if (code >>> 0 < b >>> 0) {
        range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5);
        // A literal.
        const tree = LITERAL + Math.imul(0x300, ((position & literalMask) << lc) + (previous >>> literalShift));
        symbol = 1;
        if (state < 7) {
          do {
            const i = tree + symbol, p = PROBABILITIES[i]!;
            if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
            const b = Math.imul(range >>> 11, p), c = (code - b) | 0, r = (range - b) | 0;
            const m = ((~code & b) | ((~code | b) & c)) >> 31;
            range = (r + ((b - r) & m)) | 0; code = (c + (b & m)) | 0;
            PROBABILITIES[i] = p - ((p + (m & -2017)) >> 5);
            symbol = (symbol << 1) + 1 + m;
          } while (symbol < 256);
          state = state < 4 ? 0 : state - 3;
        } else {
          // After a match: the byte at the last distance chooses the subtree for as long as the bits agree with it.
          let matched = out[at - rep0 - 1]!, agree = 256;
          do {
            matched <<= 1;
            const bit = matched & agree;
            const i = tree + agree + bit + symbol, p = PROBABILITIES[i]!;
            if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
            const b = Math.imul(range >>> 11, p), c = (code - b) | 0, r = (range - b) | 0;
            const m = ((~code & b) | ((~code | b) & c)) >> 31;
            range = (r + ((b - r) & m)) | 0; code = (c + (b & m)) | 0;
            PROBABILITIES[i] = p - ((p + (m & -2017)) >> 5);
            symbol = (symbol << 1) + 1 + m; agree &= bit ^ m;
          } while (symbol < 256);
          state = state < 10 ? state - 3 : state - 6;
        }
        previous = symbol & 255;
        out[at++] = previous;
        continue;
      }
      range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5);
    }

    let lengths = MATCH_LENGTH;
    {
      const i = IS_REP + state, p = PROBABILITIES[i]!;
      if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
      const b = Math.imul(range >>> 11, p);
      if (code >>> 0 < b >>> 0) {
        range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5);
        rep3 = rep2; rep2 = rep1; rep1 = rep0;
      } else {
        range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5);
        lengths = REP_LENGTH;
      }
    }
    if (lengths === REP_LENGTH) {
      if (at === dictionaryStart) throw corrupt("a match before any data");
      // Which of the last four distances: a bit each says "an older one".
      let which = 0;
      {
        const i = IS_REP0 + state, p = PROBABILITIES[i]!;
        if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); }
        else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5); which = 1; }
      }
      if (which === 0) {
        const i = IS_REP0_LONG + (state << 4) + positionState, p = PROBABILITIES[i]!;
        if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) {
          range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5);
          state = state < 7 ? 9 : 11;
          previous = out[at - rep0 - 1]!;
          out[at++] = previous;
          continue;
        }
        range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5);
      } else {
        let distance = rep1;
        const i = IS_REP0 + 12 + state, p = PROBABILITIES[i]!;
        if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); }
        else {
          range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5);
          distance = rep2;
          {
            const i = IS_REP0 + 24 + state, p = PROBABILITIES[i]!;
            if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
            const b = Math.imul(range >>> 11, p);
            if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); }
            else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5); distance = rep3; rep3 = rep2; }
          }
          rep2 = rep1;
        }
        rep1 = rep0; rep0 = distance;
      }
    }

    // The length: a bit each says "longer than the short ones", "longer than the middle ones".
    let tree = lengths + LENGTH_LOW + (positionState << 3);
    let leaves = 8;
    let length = 2 - 8;
    {
      const i = lengths, p = PROBABILITIES[i]!;
      if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
      const b = Math.imul(range >>> 11, p);
      if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); }
      else {
        range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5);
        {
          const i = lengths + 1, p = PROBABILITIES[i]!;
          if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
          const b = Math.imul(range >>> 11, p);
          if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); tree += LENGTH_MID; length = 10 - 8; }
          else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5); tree = lengths + LENGTH_HIGH; leaves = 256; length = 18 - 256; }
        }
      }
    }
    symbol = 1;
    do {
      const i = tree + symbol, p = PROBABILITIES[i]!;
      if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
      const b = Math.imul(range >>> 11, p);
      if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); symbol <<= 1; }
      else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5); symbol = (symbol << 1) | 1; }
    } while (symbol < leaves);
    length += symbol;

    if (lengths === REP_LENGTH) state = state < 7 ? 8 : 11;
    else {
      state = state < 7 ? 7 : 10;
      tree = DISTANCE_SLOT + ((length < 6 ? length - 2 : 3) << 6);
      symbol = 1;
      do {
        const i = tree + symbol, p = PROBABILITIES[i]!;
        if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i] = p + ((2048 - p) >>> 5); symbol <<= 1; }
        else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i] = p - (p >>> 5); symbol = (symbol << 1) | 1; }
      } while (symbol < 64);
      const slot = symbol - 64;
      rep0 = slot;
      if (slot >= 4) {
        let bits = (slot >> 1) - 1;
        rep0 = 2 | (slot & 1);
        if (slot < 14) {
          rep0 <<= bits;
          tree = DISTANCE_SPECIAL + rep0 - slot;
        } else {
          // Bits of even odds, then the four lowest from a tree.
          for (bits -= 4; bits > 0; bits--) {
            if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
            range = (range >>> 1) | 0; code = (code - range) | 0;
            const m = code >> 31;
            code = (code + (range & m)) | 0; rep0 = (rep0 << 1) + 1 + m;
          }
          rep0 <<= 4;
          tree = DISTANCE_ALIGN; bits = 4;
        }
        symbol = 1;
        for (let k = 0; k < bits; k++) {
          const i = tree + symbol, p = PROBABILITIES[i]!;
          if (range >>> 0 < TOP) { range <<= 8; code = (code << 8) | INPUT[next++]!; }
          const b = Math.imul(range >>> 11, p), c = (code - b) | 0, r = (range - b) | 0;
          const m = ((~code & b) | ((~code | b) & c)) >> 31;
          range = (r + ((b - r) & m)) | 0; code = (c + (b & m)) | 0;
          PROBABILITIES[i] = p - ((p + (m & -2017)) >> 5);
          symbol = (symbol << 1) + 1 + m; rep0 += (1 + m) << k;
        }
      }
      // Signed: a distance of 2^31 or more is negative here, and no dictionary is that large.
      if (rep0 < 0 || rep0 >= at - dictionaryStart || rep0 >= dictionarySize)
        throw corrupt("a match that reaches before the data");
    }
    if (length > end - at) throw corrupt("a match longer than its chunk");
    let from = at - rep0 - 1;
    const stop = at + length;
    do out[at] = out[from++]!;
    while (++at < stop);
    previous = out[at - 1]!;
  }
  lzma.state = state;
  lzma.rep0 = rep0; lzma.rep1 = rep1; lzma.rep2 = rep2; lzma.rep3 = rep3;
  lzma.range = range; lzma.code = code; lzma.next = next;
  return at;
}
