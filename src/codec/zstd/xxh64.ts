/**
 * XXH64 with seed 0, the checksum of zstd frames (xxHash fast digest algorithm 0.1.1, XXH64), in halves of 32 bits: BigInt is far too slow.
 */

// Primes 1 to 5, high and low half.
const P1H = 0x9e3779b1 | 0;
const P1L = 0x85ebca87 | 0;
const P2H = 0xc2b2ae3d | 0;
const P2L = 0x27d4eb4f | 0;
const P3H = 0x165667b1;
const P3L = 0x9e3779f9 | 0;
const P4H = 0x85ebca77 | 0;
const P4L = 0xc2b2ae63 | 0;
const P5H = 0x27d4eb2f;
const P5L = 0x165667c5;

/** The high half of a product of two unsigned halves. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = Math.imul(a0, b0);
  const middle = (Math.imul(a1, b0) + (low >>> 16)) | 0;
  const middle2 = (Math.imul(a0, b1) + (middle & 0xffff)) | 0;
  return (Math.imul(a1, b1) + (middle >>> 16) + (middle2 >>> 16)) | 0;
}

/** A 64-bit number in two halves that operations change in place. */
class Word {
  high: number;
  low: number;
  constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }
  add(high: number, low: number): this {
    const sum = (this.low + low) | 0;
    this.high = (this.high + high + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
    this.low = sum;
    return this;
  }
  multiply(high: number, low: number): this {
    this.high = (multiplyHigh(this.low, low) + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = Math.imul(this.low, low);
    return this;
  }
  rotate(count: number): this {
    const { high, low } = count < 32 ? this : { high: this.low, low: this.high };
    const by = count & 31;
    if (by !== 0) {
      this.high = (high << by) | (low >>> (32 - by));
      this.low = (low << by) | (high >>> (32 - by));
    } else {
      this.high = high;
      this.low = low;
    }
    return this;
  }
  xor(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }
  /** x ^= x >>> count, for counts of 29, 32 and 33. */
  xorShifted(count: number): this {
    if (count >= 32) return this.xor(0, count === 32 ? this.high : this.high >>> (count - 32));
    return this.xor(this.high >>> count, (this.low >>> count) | (this.high << (32 - count)));
  }
}

/** A running XXH64. */
export class Xxh64 {
  private readonly lanes = [
    new Word(P1H, P1L).add(P2H, P2L),
    new Word(P2H, P2L),
    new Word(0, 0),
    new Word(0, 0).add(~P1H, ~P1L).add(0, 1),
  ] as const;
  private readonly tail = new Uint8Array(32);
  private tailLength = 0;
  private total = 0;

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    this.total += bytes.length;
    let at = 0;
    if (this.tailLength > 0) {
      at = Math.min(32 - this.tailLength, bytes.length);
      this.tail.set(bytes.subarray(0, at), this.tailLength);
      this.tailLength += at;
      if (this.tailLength < 32) return;
      this.stripes(this.tail);
      this.tailLength = 0;
    }
    const whole = (bytes.length - at) & ~31;
    if (whole > 0) this.stripes(bytes.subarray(at, at + whole));
    const rest = bytes.subarray(at + whole);
    this.tail.set(rest);
    this.tailLength = rest.length;
  }

  /** The low half of the value, which is what zstd stores. */
  lowHalf(): number {
    const hash = new Word(0, 0);
    if (this.total >= 32) {
      const [a, b, c, d] = this.lanes;
      for (const [lane, count] of [
        [a, 1],
        [b, 7],
        [c, 12],
        [d, 18],
      ] as const) {
        const turned = new Word(lane.high, lane.low).rotate(count);
        hash.add(turned.high, turned.low);
      }
      for (const lane of this.lanes) {
        const mixed = round(new Word(0, 0), lane.high, lane.low);
        hash.xor(mixed.high, mixed.low).multiply(P1H, P1L).add(P4H, P4L);
      }
    } else hash.add(P5H, P5L);
    hash.add(Math.floor(this.total / 2 ** 32), this.total | 0);
    const view = new DataView(this.tail.buffer, 0, this.tailLength);
    let at = 0;
    for (; at + 8 <= this.tailLength; at += 8) {
      const mixed = round(new Word(0, 0), view.getInt32(at + 4, true), view.getInt32(at, true));
      hash.xor(mixed.high, mixed.low).rotate(27).multiply(P1H, P1L).add(P4H, P4L);
    }
    if (at + 4 <= this.tailLength) {
      const mixed = new Word(0, view.getInt32(at, true)).multiply(P1H, P1L);
      hash.xor(mixed.high, mixed.low).rotate(23).multiply(P2H, P2L).add(P3H, P3L);
      at += 4;
    }
    for (; at < this.tailLength; at++) {
      const mixed = new Word(0, this.tail[at]!).multiply(P5H, P5L);
      hash.xor(mixed.high, mixed.low).rotate(11).multiply(P1H, P1L);
    }
    hash.xorShifted(33).multiply(P2H, P2L).xorShifted(29).multiply(P3H, P3L).xorShifted(32);
    return hash.low >>> 0;
  }

  private stripes(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [a, b, c, d] = this.lanes;
    for (let at = 0; at < bytes.length; at += 32) {
      round(a, view.getInt32(at + 4, true), view.getInt32(at, true));
      round(b, view.getInt32(at + 12, true), view.getInt32(at + 8, true));
      round(c, view.getInt32(at + 20, true), view.getInt32(at + 16, true));
      round(d, view.getInt32(at + 28, true), view.getInt32(at + 24, true));
    }
  }
}

/** lane = rotate(lane + input × P2, 31) × P1. */
function round(lane: Word, high: number, low: number): Word {
  const inputHigh = (multiplyHigh(low, P2L) + Math.imul(high, P2L) + Math.imul(low, P2H)) | 0;
  return lane.add(inputHigh, Math.imul(low, P2L)).rotate(31).multiply(P1H, P1L);
}
