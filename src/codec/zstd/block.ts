/** One compressed block of a zstd frame: its literals and its sequences (RFC 8878, §3.1.1.3). */

import { SLACK } from "./bits.js";
import { corrupt } from "./errors.js";
import type { FseTable } from "./fse.js";
import { decodeLiterals, type HuffmanTable, readHuffmanTable } from "./huffman.js";
import { decodeSequences } from "./sequences.js";

/** The largest block, compressed or not. */
export const BLOCK_MAX = 1 << 17;

/** What a frame carries from block to block. */
export interface FrameState {
  huffman: HuffmanTable | undefined;
  literalLengths: FseTable | undefined;
  offsets: FseTable | undefined;
  matchLengths: FseTable | undefined;
  rep0: number;
  rep1: number;
  rep2: number;
  /** The literals of the block at hand. */
  readonly literals: Uint8Array;
  /** The block at hand, with slack on both sides. */
  readonly block: Uint8Array;
}

/** The state at the start of a frame. */
export function newFrameState(): FrameState {
  return {
    huffman: undefined,
    literalLengths: undefined,
    offsets: undefined,
    matchLengths: undefined,
    rep0: 1,
    rep1: 4,
    rep2: 8,
    literals: new Uint8Array(BLOCK_MAX),
    block: new Uint8Array(SLACK + BLOCK_MAX + SLACK),
  };
}

/** Where a block's output goes. */
export interface BlockTarget {
  readonly window: Uint8Array;
  readonly at: number;
  /** The end that the output may reach. */
  readonly limit: number;
  /** How far back a match may go from the beginning of the block. */
  readonly history: number;
}

/** Decodes a compressed block; returns where its output ends. */
export function decodeBlock(state: FrameState, content: Uint8Array, target: BlockTarget): number {
  const { block } = state;
  block.set(content, SLACK);
  block.fill(0, SLACK + content.length, 2 * SLACK + content.length);
  const end = SLACK + content.length;
  const literals = readLiterals(state, { start: SLACK, end });
  return decodeSequences(state, { start: literals.end, end, literalCount: literals.count }, target);
}

/** Fills `state.literals`; returns how many there are, and where their section ends. */
function readLiterals(
  state: FrameState,
  range: { readonly start: number; readonly end: number },
): { readonly count: number; readonly end: number } {
  const { block, literals } = state;
  const { start } = range;
  if (start >= range.end) throw corrupt("an empty block");
  const type = block[start]! & 3;
  const format = (block[start]! >> 2) & 3;
  const header = block[start]! | (block[start + 1]! << 8) | (block[start + 2]! << 16);
  if (type < 2) {
    const size = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
    const count = (format & 1) === 0 ? (header & 0xff) >> 3 : format === 1 ? (header & 0xffff) >> 4 : header >> 4;
    const body = start + size;
    const end = body + (type === 0 ? count : 1);
    if (count > BLOCK_MAX || end > range.end) throw corrupt("literals that do not fit their block");
    if (type === 0) literals.set(block.subarray(body, end));
    else literals.fill(block[body]!, 0, count);
    return { count, end };
  }
  // Sizes of 10, 10, 14 or 18 bits, regenerated and compressed, after four bits.
  const width = format < 2 ? 10 : format === 2 ? 14 : 18;
  const headerSize = (4 + 2 * width + 7) >> 3;
  const high = block[start + 3]! | (block[start + 4]! << 8);
  const mask = (1 << width) - 1;
  const count = ((header >>> 4) | (high << 20)) & mask;
  const from = 4 + width - 8;
  const compressedSize = ((header >>> 8) | (high << 16)) >>> from;
  let at = start + headerSize;
  const end = at + (compressedSize & mask);
  if (count > BLOCK_MAX || end > range.end) throw corrupt("literals that do not fit their block");
  if (type === 2) {
    const read = readHuffmanTable(block, { start: at, end });
    state.huffman = read.table;
    at = read.end;
  }
  const table = state.huffman;
  if (table === undefined) throw corrupt("literals that repeat a Huffman tree where there is none");
  if (format === 0) decodeLiterals(block, table, { start: at, end, output: literals, from: 0, to: count });
  else decodeFourStreams(state, table, { start: at, end, count });
  return { count, end };
}

function decodeFourStreams(
  state: FrameState,
  table: HuffmanTable,
  range: { readonly start: number; readonly end: number; readonly count: number },
): void {
  const { block, literals: output } = state;
  const share = (range.count + 3) >> 2;
  // Three 16-bit sizes; the fourth stream has the rest.
  let at = range.start + 6;
  if (at > range.end || 3 * share > range.count) throw corrupt("literals that do not fit their block");
  for (let i = 0; i < 4; i++) {
    const entry = range.start + 2 * i;
    const end = i < 3 ? at + (block[entry]! | (block[entry + 1]! << 8)) : range.end;
    if (end > range.end) throw corrupt("literals that do not fit their block");
    const to = i < 3 ? (i + 1) * share : range.count;
    decodeLiterals(block, table, { start: at, end, output, from: i * share, to });
    at = end;
  }
}
