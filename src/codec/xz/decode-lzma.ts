/**
 * The LZMA main loop: one LZMA2 chunk's compressed bytes into the window (LZMA specification, Igor Pavlov, 2015).
 *
 * One long function on purpose: V8 keeps the range decoder's local variables in registers. A bit whose value is well predicted (flags,
 * lengths, slots) is decoded with a branch; one close to random (literals, low bits of distances) without: `m` is all ones for a 0, and
 * zero for a 1. Measured on trixie packages with Node 20: 10 % faster for literals, slower for the rest; unrolling the trees gained nothing.
 */

import { corrupt } from "./errors.js";
import { type LzmaChunk, TOP } from "./lzma-chunk.js";
import {
  DISTANCE_ALIGN,
  DISTANCE_SLOT,
  DISTANCE_SPECIAL,
  IS_MATCH,
  IS_REP,
  IS_REP0,
  IS_REP0_LONG,
  IS_REP1,
  LENGTH_HIGH,
  LENGTH_LOW,
  LITERAL,
  type LzmaState,
  MATCH_LENGTH,
  REP_LENGTH,
} from "./lzma-model.js";

/** Bytes of output in a step. */
const STEP = 8192;

/**
 * Decodes some kilobytes of a chunk into `window[start …`; returns where to go on, the chunk's `end` at last.
 *
 * In steps, since V8 optimises a function that is called often much better than a loop that it is stuck in: a call a chunk was half as
 * fast for the first 50 MB (code after the loop had no type feedback, and each call fell back to the interpreter).
 */
export function decodeStep(lzma: LzmaState, chunk: LzmaChunk, start: number): number {
  const probabilities = lzma.probabilities;
  const { input, window: out, end, dictionaryStart, dictionarySize, positionBias } = chunk;
  const inputEnd = input.length;
  const lc = lzma.lc;
  const literalShift = 8 - lc;
  const literalMask = (1 << lzma.lp) - 1;
  const positionMask = (1 << lzma.pb) - 1;
  const stepEnd = Math.min(end, start + STEP);
  let { state, rep0, rep1, rep2, rep3, range, code, next } = lzma;
  let at = start;
  let previous = at > dictionaryStart ? out[at - 1]! : 0;
  let symbol = 0;
  let length = 0;
  while (at < stepEnd) {
    // A symbol takes at most some 20 bytes; reading past the array gives zeros, and the chunk is refused here.
    if (next > inputEnd) throw corrupt("compressed data that goes on after the end of its chunk");
    const position = at + positionBias;
    const positionState = position & positionMask;

    const iMatch = IS_MATCH + (state << 4) + positionState;
    const pMatch = probabilities[iMatch]!;
    if (range >>> 0 < TOP) {
      range <<= 8;
      code = (code << 8) | input[next++]!;
    }
    const bMatch = Math.imul(range >>> 11, pMatch);
    if (code >>> 0 < bMatch >>> 0) {
      range = bMatch;
      probabilities[iMatch] = pMatch + ((2048 - pMatch) >>> 5);
      // A literal.
      const tree = LITERAL + Math.imul(0x300, ((position & literalMask) << lc) + (previous >>> literalShift));
      // After a match, the byte at the last distance chooses the subtree for as long as the bits agree with it.
      let agree = state < 7 ? 0 : 256;
      let matched = state < 7 ? 0 : out[at - rep0 - 1]!;
      symbol = 1;
      do {
        matched <<= 1;
        const bit = matched & agree;
        const i = tree + agree + bit + symbol;
        const p = probabilities[i]!;
        if (range >>> 0 < TOP) {
          range <<= 8;
          code = (code << 8) | input[next++]!;
        }
        const b = Math.imul(range >>> 11, p);
        const c = (code - b) | 0;
        const r = (range - b) | 0;
        const m = ((~code & b) | ((~code | b) & c)) >> 31;
        range = (r + ((b - r) & m)) | 0;
        code = (c + (b & m)) | 0;
        probabilities[i] = p - ((p + (m & -2017)) >> 5);
        symbol = (symbol << 1) + 1 + m;
        agree &= bit ^ m;
      } while (symbol < 256);
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      previous = symbol & 255;
      out[at++] = previous;
      continue;
    }
    range = (range - bMatch) | 0;
    code = (code - bMatch) | 0;
    probabilities[iMatch] = pMatch - (pMatch >>> 5);

    let lengthBase = MATCH_LENGTH;
    let newDistance = false;
    const iRep = IS_REP + state;
    const pRep = probabilities[iRep]!;
    if (range >>> 0 < TOP) {
      range <<= 8;
      code = (code << 8) | input[next++]!;
    }
    const bRep = Math.imul(range >>> 11, pRep);
    if (code >>> 0 < bRep >>> 0) {
      range = bRep;
      probabilities[iRep] = pRep + ((2048 - pRep) >>> 5);
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      newDistance = true;
      state = state < 7 ? 7 : 10;
    } else {
      range = (range - bRep) | 0;
      code = (code - bRep) | 0;
      probabilities[iRep] = pRep - (pRep >>> 5);
      if (at === dictionaryStart) throw corrupt("a match before any data");
      lengthBase = REP_LENGTH;
      // Which of the last four distances: a bit each says "an older one".
      let which = 0;
      for (let i = IS_REP0 + state; which < 3; which++, i += IS_REP1 - IS_REP0) {
        const p = probabilities[i]!;
        if (range >>> 0 < TOP) {
          range <<= 8;
          code = (code << 8) | input[next++]!;
        }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) {
          range = b;
          probabilities[i] = p + ((2048 - p) >>> 5);
          break;
        }
        range = (range - b) | 0;
        code = (code - b) | 0;
        probabilities[i] = p - (p >>> 5);
      }
      if (which === 0) {
        const i = IS_REP0_LONG + (state << 4) + positionState;
        const p = probabilities[i]!;
        if (range >>> 0 < TOP) {
          range <<= 8;
          code = (code << 8) | input[next++]!;
        }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) {
          range = b;
          probabilities[i] = p + ((2048 - p) >>> 5);
          state = state < 7 ? 9 : 11;
          previous = out[at - rep0 - 1]!;
          out[at++] = previous;
          continue;
        }
        range = (range - b) | 0;
        code = (code - b) | 0;
        probabilities[i] = p - (p >>> 5);
      } else {
        const distance = which === 1 ? rep1 : which === 2 ? rep2 : rep3;
        if (which === 3) rep3 = rep2;
        if (which >= 2) rep2 = rep1;
        rep1 = rep0;
        rep0 = distance;
      }
      state = state < 7 ? 8 : 11;
    }

    // The length: a bit each says "longer than the short ones", "longer than the middle ones".
    let choice = 0;
    for (let i = lengthBase; choice < 2; choice++, i++) {
      const p = probabilities[i]!;
      if (range >>> 0 < TOP) {
        range <<= 8;
        code = (code << 8) | input[next++]!;
      }
      const b = Math.imul(range >>> 11, p);
      if (code >>> 0 < b >>> 0) {
        range = b;
        probabilities[i] = p + ((2048 - p) >>> 5);
        break;
      }
      range = (range - b) | 0;
      code = (code - b) | 0;
      probabilities[i] = p - (p >>> 5);
    }
    const leaves = choice < 2 ? 8 : 256;
    length = choice < 2 ? 2 - 8 + (choice << 3) : 18 - 256;
    let tree = lengthBase + (choice < 2 ? LENGTH_LOW + (choice << 7) + (positionState << 3) : LENGTH_HIGH);
    symbol = 1;
    do {
      const i = tree + symbol;
      const p = probabilities[i]!;
      if (range >>> 0 < TOP) {
        range <<= 8;
        code = (code << 8) | input[next++]!;
      }
      const b = Math.imul(range >>> 11, p);
      if (code >>> 0 < b >>> 0) {
        range = b;
        probabilities[i] = p + ((2048 - p) >>> 5);
        symbol <<= 1;
      } else {
        range = (range - b) | 0;
        code = (code - b) | 0;
        probabilities[i] = p - (p >>> 5);
        symbol = (symbol << 1) | 1;
      }
    } while (symbol < leaves);
    length += symbol;

    if (newDistance) {
      tree = DISTANCE_SLOT + ((length < 6 ? length - 2 : 3) << 6);
      symbol = 1;
      do {
        const i = tree + symbol;
        const p = probabilities[i]!;
        if (range >>> 0 < TOP) {
          range <<= 8;
          code = (code << 8) | input[next++]!;
        }
        const b = Math.imul(range >>> 11, p);
        if (code >>> 0 < b >>> 0) {
          range = b;
          probabilities[i] = p + ((2048 - p) >>> 5);
          symbol <<= 1;
        } else {
          range = (range - b) | 0;
          code = (code - b) | 0;
          probabilities[i] = p - (p >>> 5);
          symbol = (symbol << 1) | 1;
        }
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
            if (range >>> 0 < TOP) {
              range <<= 8;
              code = (code << 8) | input[next++]!;
            }
            range = (range >>> 1) | 0;
            code = (code - range) | 0;
            const m = code >> 31;
            code = (code + (range & m)) | 0;
            rep0 = (rep0 << 1) + 1 + m;
          }
          rep0 <<= 4;
          tree = DISTANCE_ALIGN;
          bits = 4;
        }
        symbol = 1;
        for (let k = 0; k < bits; k++) {
          const i = tree + symbol;
          const p = probabilities[i]!;
          if (range >>> 0 < TOP) {
            range <<= 8;
            code = (code << 8) | input[next++]!;
          }
          const b = Math.imul(range >>> 11, p);
          const c = (code - b) | 0;
          const r = (range - b) | 0;
          const m = ((~code & b) | ((~code | b) & c)) >> 31;
          range = (r + ((b - r) & m)) | 0;
          code = (c + (b & m)) | 0;
          probabilities[i] = p - ((p + (m & -2017)) >> 5);
          symbol = (symbol << 1) + 1 + m;
          rep0 += (1 + m) << k;
        }
      }
      // Signed: a distance of 2^31 or more is negative here, and no dictionary is that large.
      if (rep0 < 0 || rep0 >= at - dictionaryStart || rep0 >= dictionarySize)
        throw corrupt("a match that reaches before the data");
    }
    if (length > end - at) throw corrupt("a match longer than its chunk");
    let from = at - rep0 - 1;
    const stop = at + length;
    do {
      out[at] = out[from++]!;
    } while (++at < stop);
    previous = out[at - 1]!;
  }
  lzma.state = state;
  lzma.rep0 = rep0;
  lzma.rep1 = rep1;
  lzma.rep2 = rep2;
  lzma.rep3 = rep3;
  lzma.range = range;
  lzma.code = code;
  lzma.next = next;
  return at;
}
