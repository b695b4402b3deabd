/**
 * The LZMA main loop: compressed bytes to data inside one memory (LZMA specification, Igor Pavlov, 2015). `lzma-memory.ts` says what lies where.
 *
 * Written in asm.js, the subset of JavaScript in which every value is a 32-bit integer by its form (`| 0`, `>>> 0`): V8 compiles it at once as it
 * does WebAssembly, without watching types first and with no way back. Measured on five .debs with Node 20 to 26: 15 to 25 % less time
 * than the same loop over typed arrays, and the first 13 MB in 0.22 s of CPU instead of 0.53 s, in every thread anew. An engine that knows nothing
 * of asm.js runs it as the JavaScript it is. Inside, only its forms will do: `var`, literals, `x = x + 1 | 0`.
 *
 * A bit whose value is well predicted (flags, lengths, slots) is decoded with a branch; one close to random (literals, low bits of distances)
 * without: `m` is all ones for a 0, and zero for a 1. Unrolling the trees gained nothing.
 */

// biome-ignore-all lint/style/useConst: asm.js
// biome-ignore-all lint/suspicious/noVar: asm.js
// biome-ignore-all lint/suspicious/noDoubleEquals: asm.js
// biome-ignore-all format: one decoded bit is the same few lines everywhere, and better seen as such

/** What the loop takes from its surroundings. */
export type LzmaLibrary = Pick<typeof globalThis, "Math" | "Int32Array" | "Uint16Array" | "Uint8Array">;

/** The loop, bound to a memory. */
export interface LzmaLoop {
  /** Decodes from `at` to `stop` or a little farther, both places in the memory; returns where to go on, or a fault (below zero). */
  decode(at: number, stop: number): number;
}

/** Why decoding ended, by what `decode` returned. */
export const lzmaFaults: Readonly<Record<number, string>> = {
  [-1]: "compressed data that goes on after the end of its chunk",
  [-2]: "a match before any data",
  [-3]: "a match that reaches before the data",
  [-4]: "a match longer than its chunk",
};

/** Binds the loop to a memory, of a size that `lzmaMemorySize` gives. */
export function lzmaModule(stdlib: LzmaLibrary, _foreign: unknown, heap: ArrayBuffer): LzmaLoop {
  "use asm";
  var imul = stdlib.Math.imul;
  var WORDS = new stdlib.Int32Array(heap);
  var PROBABILITIES = new stdlib.Uint16Array(heap);
  var BYTES = new stdlib.Uint8Array(heap);

  // Where each kind of probability begins, in bytes, under its name in the specification. Two bytes each, from 1024 on.
  const IS_MATCH = 1024; // isMatch[state][posState]
  const IS_REP = 1408; // isRep[state]: a match repeats one of the last four distances
  const IS_REP0 = 1432; // isRepG0[state]: … not the last of them,
  const IS_REP1 = 1456; // isRepG1[state]: … not the one before,
  const IS_REP2 = 1480; // isRepG2[state]: … nor the one before that
  const IS_REP0_LONG = 1504; // isRep0Long[state][posState]: more than one byte from the last distance
  const DISTANCE_SLOT = 1888; // posSlotDecoder[min(length - 2, 3)]: four trees of 6 bits
  const DISTANCE_SPECIAL = 2400; // posDecoders: reverse trees of the distances 4 to 127, at `base + distance - slot`
  const DISTANCE_ALIGN = 2632; // alignDecoder: a reverse tree of the 4 low bits of larger distances
  const MATCH_LENGTH = 2664; // lenDecoder: two choices, low[posState] and mid[posState] of 3 bits, high of 8 bits
  const REP_LENGTH = 3692; // repLenDecoder, with the same parts
  const LITERAL = 4720; // litProbs[context]: 0x300 each

  function decode(at: number, stop: number): number {
    at = at | 0;
    stop = stop | 0;
    var state = 0, rep0 = 0, rep1 = 0, rep2 = 0, rep3 = 0, range = 0, code = 0, next = 0;
    var lc = 0, literalShift = 0, literalMask = 0, positionMask = 0;
    var end = 0, dictionaryStart = 0, dictionarySize = 0, positionBias = 0, inputEnd = 0;
    var i = 0, p = 0, b = 0, m = 0, symbol = 0, tree = 0, bits = 0, k = 0;
    var position = 0, positionState = 0, previous = 0, matched = 0, agree = 0, differs = 0;
    var lengths = 0, leaves = 0, length = 0, distance = 0, slot = 0, from = 0, last = 0;
    state = WORDS[0]! | 0; rep0 = WORDS[1]! | 0; rep1 = WORDS[2]! | 0; rep2 = WORDS[3]! | 0; rep3 = WORDS[4]! | 0;
    range = WORDS[5]! | 0; code = WORDS[6]! | 0; next = WORDS[7]! | 0;
    lc = WORDS[8]! | 0; literalShift = WORDS[9]! | 0; literalMask = WORDS[10]! | 0; positionMask = WORDS[11]! | 0;
    end = WORDS[12]! | 0; dictionaryStart = WORDS[13]! | 0; dictionarySize = WORDS[14]! | 0; positionBias = WORDS[15]! | 0;
    inputEnd = WORDS[16]! | 0;
    if ((at | 0) > (dictionaryStart | 0)) previous = BYTES[(at - 1) >> 0]! | 0;
    while ((at | 0) < (stop | 0)) {
      // A symbol takes less than the slack after the input.
      if ((next | 0) > (inputEnd | 0)) return -1;
      position = (at + positionBias) | 0;
      positionState = position & positionMask;

      i = (IS_MATCH + (((state << 4) + positionState) << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
      if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
      b = imul(range >>> 11, p) | 0;
      if (code >>> 0 < b >>> 0) {
        range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
        // A literal.
        tree = (LITERAL + imul(0x600, (((position & literalMask) << lc) + (previous >>> literalShift)) | 0)) | 0;
        symbol = 1;
        if ((state | 0) < 7) {
          do {
            i = (tree + (symbol << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
            if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
            b = imul(range >>> 11, p) | 0;
            m = (0 - (((code >>> 0) < (b >>> 0)) as unknown as number)) | 0;
            range = (range - b) | 0; code = (code - b + (b & m)) | 0; range = (range + ((b - range) & m)) | 0;
            PROBABILITIES[i >> 1] = (p - ((p + (m & -2017)) >> 5)) | 0;
            symbol = ((symbol << 1) + 1 + m) | 0;
          } while ((symbol | 0) < 256);
          if ((state | 0) < 4) state = 0; else state = (state - 3) | 0;
        } else {
          // After a match: the byte at the last distance chooses the subtree for as long as the bits agree with it.
          matched = BYTES[(at - rep0 - 1) >> 0]! | 0;
          agree = 256;
          do {
            matched = matched << 1;
            differs = matched & agree;
            i = (tree + ((agree + differs + symbol) << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
            if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
            b = imul(range >>> 11, p) | 0;
            m = (0 - (((code >>> 0) < (b >>> 0)) as unknown as number)) | 0;
            range = (range - b) | 0; code = (code - b + (b & m)) | 0; range = (range + ((b - range) & m)) | 0;
            PROBABILITIES[i >> 1] = (p - ((p + (m & -2017)) >> 5)) | 0;
            symbol = ((symbol << 1) + 1 + m) | 0;
            agree = agree & (differs ^ m);
          } while ((symbol | 0) < 256);
          if ((state | 0) < 10) state = (state - 3) | 0; else state = (state - 6) | 0;
        }
        previous = symbol & 255;
        BYTES[at >> 0] = previous;
        at = (at + 1) | 0;
        continue;
      }
      range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;

      i = (IS_REP + (state << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
      if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
      b = imul(range >>> 11, p) | 0;
      if (code >>> 0 < b >>> 0) {
        range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
        rep3 = rep2; rep2 = rep1; rep1 = rep0;
        lengths = MATCH_LENGTH;
      } else {
        range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
        lengths = REP_LENGTH;
        if ((at | 0) == (dictionaryStart | 0)) return -2;
        // Which of the last four distances: a bit each says "an older one".
        i = (IS_REP0 + (state << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
        if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
        b = imul(range >>> 11, p) | 0;
        if (code >>> 0 < b >>> 0) {
          range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
          i = (IS_REP0_LONG + (((state << 4) + positionState) << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
          if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
          b = imul(range >>> 11, p) | 0;
          if (code >>> 0 < b >>> 0) {
            range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
            if ((state | 0) < 7) state = 9; else state = 11;
            previous = BYTES[(at - rep0 - 1) >> 0]! | 0;
            BYTES[at >> 0] = previous;
            at = (at + 1) | 0;
            continue;
          }
          range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
        } else {
          range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
          i = (IS_REP1 + (state << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
          if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
          b = imul(range >>> 11, p) | 0;
          if (code >>> 0 < b >>> 0) {
            range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
            distance = rep1;
          } else {
            range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
            i = (IS_REP2 + (state << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
            if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
            b = imul(range >>> 11, p) | 0;
            if (code >>> 0 < b >>> 0) {
              range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
              distance = rep2;
            } else {
              range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
              distance = rep3; rep3 = rep2;
            }
            rep2 = rep1;
          }
          rep1 = rep0; rep0 = distance;
        }
      }

      // The length: a bit each says "longer than the short ones", "longer than the middle ones".
      i = (lengths) | 0; p = PROBABILITIES[i >> 1]! | 0;
      if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
      b = imul(range >>> 11, p) | 0;
      if (code >>> 0 < b >>> 0) {
        range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
        tree = (lengths + 4 + (positionState << 4)) | 0; leaves = 8; length = -6;
      } else {
        range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
        i = (lengths + 2) | 0; p = PROBABILITIES[i >> 1]! | 0;
        if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
        b = imul(range >>> 11, p) | 0;
        if (code >>> 0 < b >>> 0) {
          range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0;
          tree = (lengths + 260 + (positionState << 4)) | 0; leaves = 8; length = 2;
        } else {
          range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0;
          tree = (lengths + 516) | 0; leaves = 256; length = -238;
        }
      }
      symbol = 1;
      do {
        i = (tree + (symbol << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
        if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
        b = imul(range >>> 11, p) | 0;
        if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0; symbol = symbol << 1; }
        else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0; symbol = (symbol << 1) | 1; }
      } while ((symbol | 0) < (leaves | 0));
      length = (length + symbol) | 0;

      if ((lengths | 0) == REP_LENGTH) {
        if ((state | 0) < 7) state = 8; else state = 11;
      } else {
        if ((state | 0) < 7) state = 7; else state = 10;
        tree = (DISTANCE_SLOT + 384) | 0;
        if ((length | 0) < 6) tree = (DISTANCE_SLOT + ((length - 2) << 7)) | 0;
        symbol = 1;
        do {
          i = (tree + (symbol << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
          if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
          b = imul(range >>> 11, p) | 0;
          if (code >>> 0 < b >>> 0) { range = b; PROBABILITIES[i >> 1] = (p + ((2048 - p) >> 5)) | 0; symbol = symbol << 1; }
          else { range = (range - b) | 0; code = (code - b) | 0; PROBABILITIES[i >> 1] = (p - (p >> 5)) | 0; symbol = (symbol << 1) | 1; }
        } while ((symbol | 0) < 64);
        slot = (symbol - 64) | 0;
        rep0 = slot;
        if ((slot | 0) >= 4) {
          bits = ((slot >> 1) - 1) | 0;
          rep0 = 2 | (slot & 1);
          if ((slot | 0) < 14) {
            rep0 = rep0 << bits;
            tree = (DISTANCE_SPECIAL + ((rep0 - slot) << 1)) | 0;
          } else {
            // Bits of even odds, then the four lowest from a tree.
            for (bits = (bits - 4) | 0; (bits | 0) > 0; bits = (bits - 1) | 0) {
              if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
              range = range >>> 1; code = (code - range) | 0;
              m = code >> 31;
              code = (code + (range & m)) | 0; rep0 = ((rep0 << 1) + 1 + m) | 0;
            }
            rep0 = rep0 << 4;
            tree = DISTANCE_ALIGN; bits = 4;
          }
          symbol = 1;
          k = 0;
          do {
            i = (tree + (symbol << 1)) | 0; p = PROBABILITIES[i >> 1]! | 0;
            if (range >>> 0 < 0x1000000) { range = range << 8; code = (code << 8) | BYTES[next >> 0]!; next = (next + 1) | 0; }
            b = imul(range >>> 11, p) | 0;
            m = (0 - (((code >>> 0) < (b >>> 0)) as unknown as number)) | 0;
            range = (range - b) | 0; code = (code - b + (b & m)) | 0; range = (range + ((b - range) & m)) | 0;
            PROBABILITIES[i >> 1] = (p - ((p + (m & -2017)) >> 5)) | 0;
            symbol = ((symbol << 1) + 1 + m) | 0;
            rep0 = (rep0 + ((1 + m) << k)) | 0;
            k = (k + 1) | 0;
          } while ((k | 0) < (bits | 0));
        }
        // Signed: a distance of 2^31 or more is negative here, and no dictionary is that large.
        if ((rep0 | 0) < 0) return -3;
        if ((rep0 | 0) >= ((at - dictionaryStart) | 0)) return -3;
        if ((rep0 | 0) >= (dictionarySize | 0)) return -3;
      }
      if ((length | 0) > ((end - at) | 0)) return -4;
      from = (at - rep0 - 1) | 0;
      last = (at + length) | 0;
      do {
        previous = BYTES[from >> 0]! | 0;
        BYTES[at >> 0] = previous;
        from = (from + 1) | 0;
        at = (at + 1) | 0;
      } while ((at | 0) < (last | 0));
    }
    WORDS[0] = state; WORDS[1] = rep0; WORDS[2] = rep1; WORDS[3] = rep2; WORDS[4] = rep3;
    WORDS[5] = range; WORDS[6] = code; WORDS[7] = next;
    return at | 0;
  }
  return { decode: decode };
}
