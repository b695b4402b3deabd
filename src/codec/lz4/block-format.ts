/**
 * The form of an LZ4 block (LZ4 Block Format Description, 2022-07-31): its limits, and its sequences as bytes.
 */

export const DISTANCE_MAX = 65535;
export const MATCH_MIN = 4;
/** "The last match must start at least 12 bytes before the end of block"; "the last 5 bytes are always literals". */
export const LAST_MATCH = 12;
export const LAST_LITERALS = 5;

/** Further bytes of a length that has 4 bits in the token. */
export function extension(length: number): number {
  return length < 15 ? 0 : 1 + Math.floor((length - 15) / 255);
}

/** Writes the sequences of a block. */
export class BlockWriter {
  private readonly bytes: Uint8Array;
  private readonly output: Uint8Array;
  private to = 0;
  /** Input behind the last match: literals of the next sequence. */
  private anchor = 0;

  /** `capacity` is the most that the block takes. */
  constructor(bytes: Uint8Array, capacity: number) {
    this.bytes = bytes;
    this.output = new Uint8Array(capacity);
  }

  /** Literals up to `at`, and a match there. */
  match(at: number, { length, distance }: { readonly length: number; readonly distance: number }): void {
    this.literals(at, Math.min(15, length - MATCH_MIN));
    this.output[this.to++] = distance & 255;
    this.output[this.to++] = distance >> 8;
    this.furtherLength(length - MATCH_MIN);
    this.anchor = at + length;
  }

  /** Literals up to `end`, and the block. */
  finish(end: number): Uint8Array {
    this.literals(end, 0);
    return this.output.slice(0, this.to);
  }

  private literals(until: number, low: number): void {
    const count = until - this.anchor;
    this.output[this.to++] = (Math.min(15, count) << 4) | low;
    this.furtherLength(count);
    this.output.set(this.bytes.subarray(this.anchor, until), this.to);
    this.to += count;
  }

  private furtherLength(length: number): void {
    let rest = length - 15;
    if (rest < 0) return;
    for (; rest >= 255; rest -= 255) this.output[this.to++] = 255;
    this.output[this.to++] = rest;
  }
}
