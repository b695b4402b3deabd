/** FSE tables (RFC 8878, §4.1): their descriptions, and the decoding tables made of them. */

import { type ForwardBits, peekForward } from "./bits.js";
import { corrupt } from "./errors.js";

/** A decoding table: what each state stands for, and how to get to the next. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly baselines: Uint16Array;
}

/** Bounds of a table. */
export interface FseBounds {
  readonly maxLog: number;
  readonly maxSymbol: number;
}

/** Reads a description at `start`; returns the table and where the description ends. */
export function readFseTable(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number },
  bounds: FseBounds,
): { readonly table: FseTable; readonly end: number } {
  const bits: ForwardBits = { bytes, bit: range.start * 8 };
  const log = 5 + peekForward(bits, 4);
  bits.bit += 4;
  if (log > bounds.maxLog) throw corrupt(`an FSE table of accuracy ${log}`);
  const probabilities: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    if (bits.bit > range.end * 8) throw corrupt("an FSE table that does not end");
    // Values up to left + 1; the smaller of them take one bit less.
    const width = 32 - Math.clz32(left + 1);
    const spared = (1 << width) - 1 - (left + 1);
    const short = peekForward(bits, width - 1);
    let value: number;
    if (short < spared) {
      value = short;
      bits.bit += width - 1;
    } else {
      value = peekForward(bits, width);
      if (value >= 1 << (width - 1)) value -= spared;
      bits.bit += width;
    }
    const probability = value - 1;
    probabilities.push(probability);
    left -= Math.abs(probability);
    if (probability === 0) {
      for (;;) {
        const repeat = peekForward(bits, 2);
        bits.bit += 2;
        for (let i = 0; i < repeat; i++) probabilities.push(0);
        if (repeat < 3 || bits.bit > range.end * 8) break;
      }
    }
    if (probabilities.length > bounds.maxSymbol + 1) throw corrupt("an FSE table with too many symbols");
  }
  const end = (bits.bit + 7) >> 3;
  if (left < 0 || end > range.end) throw corrupt("an FSE table whose probabilities do not add up");
  return { table: buildFseTable(probabilities, log), end };
}

/** The decoding table of these probabilities, -1 standing for "less than one". */
export function buildFseTable(probabilities: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const baselines = new Uint16Array(size);
  const next = new Uint16Array(probabilities.length);
  let high = size;
  for (const [symbol, probability] of probabilities.entries()) {
    if (probability === -1) symbols[--high] = symbol;
    next[symbol] = Math.abs(probability);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (const [symbol, probability] of probabilities.entries()) {
    for (let i = 0; i < probability; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  }
  if (at !== 0) throw corrupt("an FSE table whose probabilities do not add up");
  for (let state = 0; state < size; state++) {
    const n = next[symbols[state]!]!++;
    const width = log - (31 - Math.clz32(n));
    bits[state] = width;
    baselines[state] = (n << width) - size;
  }
  return { log, symbols, bits, baselines };
}

/** The table of a single symbol, which takes no bits. */
export function singleSymbolTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), baselines: new Uint16Array(1) };
}
