/**
 * LZMA streams with their own header of 13 bytes ("LZMA alone", .lzma), as firmware volumes are packed: decoded whole into memory.
 *
 * LZMA specification (public domain) of 2015, §§ "LZMA file format", "decoding". Read: streams that state their size. Faster loops for packages
 * are in decode-lzma.ts, which takes LZMA2's chunks. Checked by: `xz --format=lzma`.
 */

import { corrupt, truncated, unsupported } from "./errors.js";

const HEADER_BYTES = 13;
const PROBABILITY_START = 1 << 10;
const STATES = 12;
const POSITION_STATES = 16;
const LENGTH_STATES = 4;
const DISTANCE_BITS = 6;
const ALIGN_BITS = 4;
const DISTANCE_MODELS_END = 14;
const FULL_DISTANCES = 1 << (DISTANCE_MODELS_END >> 1);
const MATCH_BYTES_MIN = 2;
const RANGE_LEAST = 0x1000000;

/** How much may come out. */
export interface LzmaAloneLimits {
  readonly maxBytes: number;
}

const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(PROBABILITY_START);

/** Bits out of the range coder. */
interface RangeDecoder {
  bit(models: Uint16Array, index: number): number;
  direct(count: number): number;
}

/**
 * Decodes a stream; what follows it is not looked at.
 *
 * @throws AssembleError `codec/…` where it is cut off, damaged, too large or does not state its size
 */
export function decodeLzmaAlone(input: Uint8Array, { maxBytes }: LzmaAloneLimits): Uint8Array {
  if (input.length < HEADER_BYTES + 5) throw truncated();
  const properties = input[0]!;
  if (properties >= 9 * 5 * 5) throw corrupt("LZMA properties that are none");
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const size = view.getBigUint64(5, true);
  if (size > BigInt(maxBytes)) throw unsupported("an LZMA stream that is too large, or does not state its size");
  const output = new Uint8Array(Number(size));
  const context = { lc: properties % 9, lp: Math.trunc(properties / 9) % 5, pb: Math.trunc(properties / 45) };
  decodeInto(output, rangeDecoder(input), context);
  return output;
}

function rangeDecoder(input: Uint8Array): RangeDecoder {
  let place = HEADER_BYTES + 1;
  const next = () => {
    if (place >= input.length) throw truncated();
    return input[place++]!;
  };
  if (input[HEADER_BYTES] !== 0) throw corrupt("an LZMA stream that does not begin with zero");
  let range = 0xffffffff;
  let code = 0;
  for (let i = 0; i < 4; i++) code = ((code << 8) | next()) >>> 0;
  const normalize = () => {
    if (range >= RANGE_LEAST) return;
    range = (range << 8) >>> 0;
    code = ((code << 8) | next()) >>> 0;
  };
  return {
    bit(models, index) {
      const probability = models[index]!;
      const bound = (range >>> 11) * probability;
      if (code < bound) {
        range = bound;
        models[index] = probability + (((1 << 11) - probability) >> 5);
        normalize();
        return 0;
      }
      range -= bound;
      code -= bound;
      models[index] = probability - (probability >> 5);
      normalize();
      return 1;
    },
    direct(count) {
      let value = 0;
      for (let i = 0; i < count; i++) {
        range >>>= 1;
        const one = code >= range ? 1 : 0;
        if (one === 1) code -= range;
        value = ((value << 1) | one) >>> 0;
        normalize();
      }
      return value;
    },
  };
}

/** A number of `bits` bits, the highest first. */
function tree(decoder: RangeDecoder, models: Uint16Array, { bits, at = 0 }: { bits: number; at?: number }): number {
  let symbol = 1;
  for (let i = 0; i < bits; i++) symbol = (symbol << 1) | decoder.bit(models, at + symbol);
  return symbol - (1 << bits);
}

/** The lowest first. */
function reverseTree(decoder: RangeDecoder, models: Uint16Array, { bits, at }: { bits: number; at: number }): number {
  let symbol = 1;
  let value = 0;
  for (let i = 0; i < bits; i++) {
    const bit = decoder.bit(models, at + symbol);
    symbol = (symbol << 1) | bit;
    value |= bit << i;
  }
  return value;
}

/** Lengths of matches: models by the state of the position. */
function lengthDecoder(decoder: RangeDecoder): (positionState: number) => number {
  const choice = probabilities(2);
  const low = probabilities(POSITION_STATES << 3);
  const middle = probabilities(POSITION_STATES << 3);
  const high = probabilities(1 << 8);
  return (positionState) => {
    if (decoder.bit(choice, 0) === 0) return tree(decoder, low, { bits: 3, at: positionState << 3 });
    if (decoder.bit(choice, 1) === 0) return 8 + tree(decoder, middle, { bits: 3, at: positionState << 3 });
    return 16 + tree(decoder, high, { bits: 8 });
  };
}

/** Distances of matches. */
function distanceDecoder(decoder: RangeDecoder): (length: number) => number {
  const slots = probabilities(LENGTH_STATES << DISTANCE_BITS);
  const special = probabilities(1 + FULL_DISTANCES - DISTANCE_MODELS_END);
  const align = probabilities(1 << ALIGN_BITS);
  return (length) => {
    const at = Math.min(length, LENGTH_STATES - 1) << DISTANCE_BITS;
    const slot = tree(decoder, slots, { bits: DISTANCE_BITS, at });
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < DISTANCE_MODELS_END) return base + reverseTree(decoder, special, { bits, at: base - slot });
    const high = decoder.direct(bits - ALIGN_BITS) * 2 ** ALIGN_BITS;
    return base + high + reverseTree(decoder, align, { bits: ALIGN_BITS, at: 0 });
  };
}

function decodeInto(
  output: Uint8Array,
  decoder: RangeDecoder,
  { lc, lp, pb }: { readonly lc: number; readonly lp: number; readonly pb: number },
): void {
  const literals = probabilities(0x300 << (lc + lp));
  const isMatch = probabilities(STATES << 4);
  const isRep = probabilities(STATES);
  const isRep0 = probabilities(STATES);
  const isRep1 = probabilities(STATES);
  const isRep2 = probabilities(STATES);
  const isRep0Long = probabilities(STATES << 4);
  const matchLength = lengthDecoder(decoder);
  const repLength = lengthDecoder(decoder);
  const matchDistance = distanceDecoder(decoder);
  let [state, rep0, rep1, rep2, rep3] = [0, 0, 0, 0, 0];
  for (let place = 0; place < output.length; ) {
    const positionState = place & ((1 << pb) - 1);
    const indexed = (state << 4) + positionState;
    if (decoder.bit(isMatch, indexed) === 0) {
      const previous = place === 0 ? 0 : output[place - 1]!;
      const at = 0x300 * (((place & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc)));
      const matched = state >= 7 ? output[place - rep0 - 1]! : undefined;
      output[place++] = literal(decoder, literals, { at, matched });
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length: number;
    if (decoder.bit(isRep, state) === 0) {
      [rep3, rep2, rep1] = [rep2, rep1, rep0];
      length = matchLength(positionState);
      rep0 = matchDistance(length);
      state = state < 7 ? 7 : 10;
    } else {
      if (decoder.bit(isRep0, state) === 0) {
        if (decoder.bit(isRep0Long, indexed) === 0) {
          state = state < 7 ? 9 : 11;
          if (rep0 >= place) throw corrupt("an LZMA match before the beginning");
          output[place] = output[place - rep0 - 1]!;
          place++;
          continue;
        }
      } else if (decoder.bit(isRep1, state) === 0) {
        [rep0, rep1] = [rep1, rep0];
      } else if (decoder.bit(isRep2, state) === 0) {
        [rep0, rep1, rep2] = [rep2, rep0, rep1];
      } else {
        [rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
      }
      length = repLength(positionState);
      state = state < 7 ? 8 : 11;
    }
    if (rep0 >= place) throw corrupt("an LZMA match before the beginning");
    const end = Math.min(place + length + MATCH_BYTES_MIN, output.length);
    while (place < end) {
      output[place] = output[place - rep0 - 1]!;
      place++;
    }
  }
}

function literal(
  decoder: RangeDecoder,
  models: Uint16Array,
  { at, matched }: { readonly at: number; readonly matched: number | undefined },
): number {
  let symbol = 1;
  let match = matched ?? 0;
  let follows = matched !== undefined;
  while (symbol < 0x100) {
    if (!follows) {
      symbol = (symbol << 1) | decoder.bit(models, at + symbol);
      continue;
    }
    const matchBit = (match >> 7) & 1;
    match <<= 1;
    const bit = decoder.bit(models, at + ((1 + matchBit) << 8) + symbol);
    symbol = (symbol << 1) | bit;
    follows = bit === matchBit;
  }
  return symbol & 0xff;
}
