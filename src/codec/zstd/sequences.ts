/** The sequences of a block: literals to copy, then a match, again and again (RFC 8878, §3.1.1.3.2, §3.1.1.4, §3.1.1.5). */

import { type BackwardBits, openBackward, readBackward } from "./bits.js";
import type { BlockTarget, FrameState } from "./block.js";
import { corrupt } from "./errors.js";
import { buildFseTable, type FseTable, readFseTable, singleSymbolTable } from "./fse.js";

const LITERAL_LENGTH_BITS = Uint8Array.from(
  codes(16, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
);
const LITERAL_LENGTH_BASES = bases(LITERAL_LENGTH_BITS, 0);
const MATCH_LENGTH_BITS = Uint8Array.from(
  codes(32, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
);
const MATCH_LENGTH_BASES = bases(MATCH_LENGTH_BITS, 3);

/** Some codes without further bits, then these. */
function codes(plain: number, further: readonly number[]): number[] {
  return [...Array.from({ length: plain }, () => 0), ...further];
}

/** Each code begins where the one before ends: tables 16 and 17 of the RFC follow from the bits. */
function bases(bits: Uint8Array, first: number): Uint32Array {
  const result = new Uint32Array(bits.length);
  let base = first;
  for (const [code, width] of bits.entries()) {
    result[code] = base;
    base += 1 << width;
  }
  return result;
}

const DEFAULT_LITERAL_LENGTHS = buildFseTable(
  [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
  6,
);
const DEFAULT_OFFSETS = buildFseTable(
  [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
  5,
);
const DEFAULT_MATCH_LENGTHS = buildFseTable(
  [
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
  ],
  6,
);

/** Offsets of 2^31 and more are beyond any window. */
const MAX_OFFSET_CODE = 30;

interface SequenceRange {
  readonly start: number;
  readonly end: number;
  readonly literalCount: number;
}

/** Decodes the sequences and executes them; returns where the output ends. */
export function decodeSequences(state: FrameState, range: SequenceRange, target: BlockTarget): number {
  const { block } = state;
  let at = range.start;
  if (at >= range.end) throw corrupt("a block that ends before its sequences");
  let count = block[at++]!;
  if (count >= 128) {
    count = count < 255 ? ((count - 128) << 8) | block[at++]! : (block[at++]! | (block[at++]! << 8)) + 0x7f00;
  }
  if (count === 0) {
    if (at !== range.end) throw corrupt("a block with bytes after its literals");
    return copyRest(state, { from: 0, count: range.literalCount, at: target.at }, target);
  }
  const modes = block[at++]!;
  if ((modes & 3) !== 0 || at > range.end) throw corrupt("a reserved mode of sequences");
  const table = (mode: number, options: TableOptions): FseTable => {
    const read = readTable(block, { start: at, end: range.end }, { ...options, mode: mode & 3 });
    at = read.end;
    return read.table;
  };
  state.literalLengths = table(modes >> 6, { ...literalLengthTables, previous: state.literalLengths });
  state.offsets = table(modes >> 4, { ...offsetTables, previous: state.offsets });
  state.matchLengths = table(modes >> 2, { ...matchLengthTables, previous: state.matchLengths });
  const bits = openBackward(block, at, range.end);
  return execute(state, { bits, count, literalCount: range.literalCount }, target);
}

interface TableOptions {
  readonly predefined: FseTable;
  readonly maxLog: number;
  readonly maxSymbol: number;
  readonly previous?: FseTable | undefined;
  readonly mode?: number;
}

const literalLengthTables: TableOptions = { predefined: DEFAULT_LITERAL_LENGTHS, maxLog: 9, maxSymbol: 35 };
const offsetTables: TableOptions = { predefined: DEFAULT_OFFSETS, maxLog: 8, maxSymbol: MAX_OFFSET_CODE };
const matchLengthTables: TableOptions = { predefined: DEFAULT_MATCH_LENGTHS, maxLog: 9, maxSymbol: 52 };

function readTable(
  block: Uint8Array,
  range: { readonly start: number; readonly end: number },
  options: TableOptions,
): { readonly table: FseTable; readonly end: number } {
  if (options.mode === 0) return { table: options.predefined, end: range.start };
  if (options.mode === 2) return readFseTable(block, range, options);
  if (options.mode === 1) {
    const symbol = block[range.start]!;
    if (range.start >= range.end || symbol > options.maxSymbol) throw corrupt(`the sequence code ${symbol}`);
    return { table: singleSymbolTable(symbol), end: range.start + 1 };
  }
  if (options.previous === undefined) throw corrupt("sequences that repeat a table where there is none");
  return { table: options.previous, end: range.start };
}

interface Sequences {
  readonly bits: BackwardBits;
  readonly count: number;
  readonly literalCount: number;
}

function execute(state: FrameState, sequences: Sequences, target: BlockTarget): number {
  const { bits, count, literalCount } = sequences;
  const { window, limit } = target;
  const { literals } = state;
  const [lengthTable, offsetTable, matchTable] = [state.literalLengths!, state.offsets!, state.matchLengths!];
  let lengthState = readBackward(bits, lengthTable.log);
  let offsetState = readBackward(bits, offsetTable.log);
  let matchState = readBackward(bits, matchTable.log);
  let { rep0, rep1, rep2 } = state;
  let at = target.at;
  let literal = 0;
  for (let i = 0; i < count; i++) {
    const offsetCode = offsetTable.symbols[offsetState]!;
    const value =
      offsetCode <= 24
        ? (1 << offsetCode) + readBackward(bits, offsetCode)
        : (1 << offsetCode) + (readBackward(bits, offsetCode - 16) << 16) + readBackward(bits, 16);
    const matchCode = matchTable.symbols[matchState]!;
    const matchLength = MATCH_LENGTH_BASES[matchCode]! + readBackward(bits, MATCH_LENGTH_BITS[matchCode]!);
    const lengthCode = lengthTable.symbols[lengthState]!;
    const length = LITERAL_LENGTH_BASES[lengthCode]! + readBackward(bits, LITERAL_LENGTH_BITS[lengthCode]!);

    let offset = value - 3;
    if (value <= 3) {
      const which = length === 0 ? value : value - 1;
      offset = which === 0 ? rep0 : which === 1 ? rep1 : which === 2 ? rep2 : rep0 - 1;
      if (which !== 0) {
        if (which !== 1) rep2 = rep1;
        rep1 = rep0;
        rep0 = offset;
      }
    } else {
      rep2 = rep1;
      rep1 = rep0;
      rep0 = offset;
    }

    if (length > literalCount - literal) throw corrupt("a sequence with more literals than there are");
    if (length + matchLength > limit - at) throw corrupt("a block that unpacks to more than its window allows");
    for (const end = literal + length; literal < end; ) window[at++] = literals[literal++]!;
    if (offset <= 0 || offset > target.history + (at - target.at))
      throw corrupt("a match that reaches before the data");
    let from = at - offset;
    for (const end = at + matchLength; at < end; ) window[at++] = window[from++]!;

    if (i + 1 < count) {
      lengthState = lengthTable.baselines[lengthState]! + readBackward(bits, lengthTable.bits[lengthState]!);
      matchState = matchTable.baselines[matchState]! + readBackward(bits, matchTable.bits[matchState]!);
      offsetState = offsetTable.baselines[offsetState]! + readBackward(bits, offsetTable.bits[offsetState]!);
    }
  }
  if (bits.bit !== 0) throw corrupt("sequences that do not end with their bits");
  state.rep0 = rep0;
  state.rep1 = rep1;
  state.rep2 = rep2;
  return copyRest(state, { from: literal, count: literalCount - literal, at }, target);
}

function copyRest(
  state: FrameState,
  rest: { readonly from: number; readonly count: number; readonly at: number },
  target: BlockTarget,
): number {
  if (rest.count > target.limit - rest.at) throw corrupt("a block that unpacks to more than its window allows");
  target.window.set(state.literals.subarray(rest.from, rest.from + rest.count), rest.at);
  return rest.at + rest.count;
}
