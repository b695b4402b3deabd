/** Huffman-coded literals (RFC 8878, §4.2). */

import { openBackward, readBackward } from "./bits.js";
import { corrupt } from "./errors.js";
import { readFseTable } from "./fse.js";

/** A decoding table, looked up with `log` bits: symbol in the low byte, bits taken in the high one. */
export interface HuffmanTable {
  readonly log: number;
  readonly entries: Uint16Array;
}

const MAX_LOG = 11;

/** Reads a tree description at `start`; returns the table and where the description ends. */
export function readHuffmanTable(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number },
): { readonly table: HuffmanTable; readonly end: number } {
  const first = bytes[range.start]!;
  const start = range.start + 1;
  const end = start + (first < 128 ? first : (first - 126) >> 1);
  if (end > range.end) throw corrupt("a Huffman tree that does not end");
  const weights =
    first < 128 ? compressedWeights(bytes, { start, end }) : plainWeights(bytes, { start, count: first - 127 });
  return { table: buildTable(weights), end };
}

function plainWeights(bytes: Uint8Array, place: { readonly start: number; readonly count: number }): number[] {
  return Array.from({ length: place.count }, (_, i) => {
    const byte = bytes[place.start + (i >> 1)]!;
    return i & 1 ? byte & 15 : byte >> 4;
  });
}

function compressedWeights(bytes: Uint8Array, range: { readonly start: number; readonly end: number }): number[] {
  const { table, end } = readFseTable(bytes, range, { maxLog: 6, maxSymbol: 255 });
  const bits = openBackward(bytes, end, range.end);
  // Two states take turns, until the bits run out.
  const states = [readBackward(bits, table.log), readBackward(bits, table.log)];
  const weights: number[] = [];
  if (bits.bit < 0) throw corrupt("Huffman weights that end at once");
  for (let turn = 0; ; turn ^= 1) {
    const state = states[turn]!;
    weights.push(table.symbols[state]!);
    if (weights.length > 255) throw corrupt("too many Huffman weights");
    states[turn] = table.baselines[state]! + readBackward(bits, table.bits[state]!);
    if (bits.bit < 0) {
      weights.push(table.symbols[states[turn ^ 1]!]!);
      return weights;
    }
  }
}

function buildTable(weights: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_LOG) throw corrupt(`the Huffman weight ${weight}`);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0) throw corrupt("a Huffman tree without symbols");
  // The last weight is not written: it fills the tree up to a power of two.
  const log = 32 - Math.clz32(sum);
  const missing = (1 << log) - sum;
  if (log > MAX_LOG || (missing & (missing - 1)) !== 0) throw corrupt("a Huffman tree that is not complete");
  const all = [...weights, 32 - Math.clz32(missing)];
  if (all.length > 256) throw corrupt("too many Huffman weights");
  const entries = new Uint16Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (const [symbol, own] of all.entries()) {
      if (own !== weight) continue;
      const entry = symbol | ((log + 1 - weight) << 8);
      entries.fill(entry, at, (at += 1 << (weight - 1)));
    }
  }
  return { log, entries };
}

/** One stream of literals: where its bytes are, and where its output goes. */
export interface LiteralStream {
  readonly start: number;
  readonly end: number;
  readonly output: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Decodes one stream, which must be used up exactly. */
export function decodeLiterals(bytes: Uint8Array, table: HuffmanTable, stream: LiteralStream): void {
  const { log, entries } = table;
  const { start, output, to } = stream;
  const mask = (1 << log) - 1;
  let { bit } = openBackward(bytes, start, stream.end);
  let at = stream.from;
  for (; at < to && bit >= log; at++) {
    const low = bit - log;
    const byte = start + (low >> 3);
    const window = (bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16)) >>> (low & 7);
    const entry = entries[window & mask]!;
    output[at] = entry;
    bit -= entry >> 8;
  }
  for (; at < to; at++) {
    // Fewer bits than the table takes: zeros stand in for those before the first.
    const window = bit <= 0 ? 0 : ((bytes[start]! | (bytes[start + 1]! << 8)) & ((1 << bit) - 1)) << (log - bit);
    const entry = entries[window & mask]!;
    output[at] = entry;
    bit -= entry >> 8;
    if (bit < 0) throw corrupt("literals that need more bits than there are");
  }
  if (bit !== 0) throw corrupt("literals that leave bits over");
}
