/**
 * Bits of a zstd block. FSE and Huffman streams are read from their last bit to their first (RFC 8878, §4.1, §4.2.2), table
 * descriptions from the first on (§4.1.1).
 */

import { corrupt } from "./errors.js";

/** Zero bytes that must lie before and after the data, so that no read leaves the array. */
export const SLACK = 8;

/** A place in a stream that is read backward: `bit` is the number of bits that are left, counted from byte `start`. */
export interface BackwardBits {
  readonly bytes: Uint8Array;
  readonly start: number;
  bit: number;
}

/** Opens the stream `bytes[start … end)`, whose last byte holds a final 1 bit as its end mark. */
export function openBackward(bytes: Uint8Array, start: number, end: number): BackwardBits {
  const last = end > start ? bytes[end - 1]! : 0;
  if (last === 0) throw corrupt("a bit stream without an end mark");
  return { bytes, start, bit: (end - start - 1) * 8 + 31 - Math.clz32(last) };
}

/** The next `count` (at most 24) bits; zeros beyond the beginning, where `bit` becomes negative. */
export function readBackward(bits: BackwardBits, count: number): number {
  bits.bit -= count;
  const bit = bits.bit;
  if (bit < 0) {
    // Some of the bits are still there, the low ones are not.
    const there = bit + count;
    return there <= 0 ? 0 : (load(bits.bytes, bits.start) & ((1 << there) - 1)) << -bit;
  }
  return (load(bits.bytes, bits.start + (bit >> 3)) >>> (bit & 7)) & ((1 << count) - 1);
}

function load(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** A place in a stream that is read forward. */
export interface ForwardBits {
  readonly bytes: Uint8Array;
  /** In bits from the start of the array. */
  bit: number;
}

/** The next `count` (at most 16) bits, which stay. */
export function peekForward(bits: ForwardBits, count: number): number {
  return (load(bits.bytes, bits.bit >> 3) >>> (bits.bit & 7)) & ((1 << count) - 1);
}
