/**
 * Cuts a file into extents that fill whole blocks when they are compressed. lz4 fills a block exactly, deflate next to exactly; for zstd, which
 * has no such form, the length is found by trying.
 */
import type { Deflater } from "../../codec/deflate.js";
import type { Lz4Compressor } from "../../codec/lz4/compress-lz4.js";
import type { ZstdCompressor } from "../../codec/zstd/compress-zstd.js";
import type { ErofsCompression } from "./compression.js";
import type { ClusterExtent } from "./extent-table.js";
import { alignUp, BLOCK_BYTES } from "./structures.js";

/** How to cut. */
export interface ExtentSettings {
  readonly compression: ErofsCompression;
  readonly clusterBytes: number;
  readonly extentBytes: number;
}

/** Compresses the start of an input into a block of at most a size; undefined where nothing is gained. */
export type FillBlock = (input: Uint8Array) => { readonly consumed: number; readonly block: Uint8Array } | undefined;

/** A file's extents, and what is stored of them: whole blocks. */
export interface PackedExtents {
  readonly extents: readonly ClusterExtent[];
  readonly stored: readonly Uint8Array[];
}

const LZ4_EXTENT_BYTES_MAX = 1 << 20;
const ZSTD_TRIALS = 6;
const ZSTD_FILLED = 0.995;
const CAUTION = 0.001;
const DEFLATE_GUESS = 0.97;
const INCOMPRESSIBLE = 0.97;

/** Starts a compressor. */
export function startFilling(
  settings: ExtentSettings,
  { zstd, deflater, lz4 }: { readonly zstd: ZstdCompressor; readonly deflater: Deflater; readonly lz4: Lz4Compressor },
): FillBlock {
  const { compression, clusterBytes, extentBytes } = settings;
  const { type, level } = compression;
  if (type === "lz4") {
    const options = { capacity: clusterBytes, level };
    return (input) => {
      const filled = lz4.fill(input.subarray(0, extentBytes), options);
      // A hole: the block has room for more.
      const isCut = filled.consumed === extentBytes && input.length > extentBytes;
      return isCut ? lz4.fill(input.subarray(0, LZ4_EXTENT_BYTES_MAX), options) : filled;
    };
  }
  return type === "zstd"
    ? fillWhole((input) => zstd.compress(input.length, { level, fill: (target) => target.set(input) }), settings)
    : fillDeflated(deflater, settings);
}

/** The ratio of the last extent is the first guess for the next. */
function fillDeflated(
  deflater: Deflater,
  { compression: { level }, clusterBytes, extentBytes }: ExtentSettings,
): FillBlock {
  let ratio = 2.2;
  return (input) => {
    const guess = Math.max(clusterBytes, Math.floor(clusterBytes * ratio * DEFLATE_GUESS));
    const filled = deflater.fill(input.subarray(0, extentBytes), { level, capacity: clusterBytes, guess });
    if (filled === undefined) return undefined;
    ratio = Math.max(1, filled.consumed / filled.block.length);
    // Readers skip the zeros before a block. Deflate begins with one where what it cannot compress is stored: three bits of a header, and five
    // up to the byte's end that mean nothing (RFC 1951, 3.2.4).
    if (filled.block[0] === 0) filled.block[0] = 8;
    return filled;
  };
}

type Compress = (input: Uint8Array) => Uint8Array;

/** Fills all of a block. The ratio of the last extent is the first guess for the next; each trial says how far off it was. */
function fillWhole(compress: Compress, { clusterBytes, extentBytes }: ExtentSettings): FillBlock {
  let ratio = 2.2;
  return (input) => {
    const limit = Math.min(input.length, extentBytes);
    let best: { readonly consumed: number; readonly block: Uint8Array } | undefined;
    let tooLong = limit + 1;
    let size = Math.min(limit, Math.max(clusterBytes, Math.floor(clusterBytes * ratio)));
    for (let trial = 0; trial < ZSTD_TRIALS; trial++) {
      const block = compress(input.subarray(0, size));
      if (block.length <= clusterBytes) {
        best = { consumed: size, block };
        if (size === limit || block.length >= ZSTD_FILLED * clusterBytes) break;
      } else {
        if (block.length >= INCOMPRESSIBLE * size && trial === 0) return undefined;
        tooLong = size;
      }
      // What is added compresses like what is there, or a little worse.
      const next = Math.floor(size + (clusterBytes - block.length) * (size / block.length) - size * CAUTION);
      size = Math.min(limit, tooLong - 1, Math.max(next, (best?.consumed ?? 0) + 1));
      if (size <= (best?.consumed ?? 0)) break;
    }
    if (best !== undefined) ratio = Math.max(1, best.consumed / best.block.length);
    return best;
  };
}

/** Cuts and compresses a file, or a part of one that begins at a whole block. */
export function packExtents(bytes: Uint8Array, fill: FillBlock, clusterBytes: number): PackedExtents {
  const extents: ClusterExtent[] = [];
  const stored: Uint8Array[] = [];
  let at = 0;
  const putPlain = (until: number): void => {
    while (at < until) {
      const size = Math.min(BLOCK_BYTES, bytes.length - at);
      extents.push({ size, blocks: 1, plain: true });
      stored.push(interlaced(bytes.subarray(at, at + size), at % BLOCK_BYTES));
      at += size;
    }
  };
  while (at < bytes.length) {
    const rest = bytes.length - at;
    const filled = rest <= BLOCK_BYTES ? undefined : fill(bytes.subarray(at));
    const room = filled === undefined ? 0 : alignUp(filled.block.length, BLOCK_BYTES);
    if (filled === undefined || filled.consumed <= room) {
      putPlain(Math.min(bytes.length, at + clusterBytes));
      continue;
    }
    extents.push({ size: filled.consumed, blocks: room / BLOCK_BYTES, plain: false });
    // Zeros come first: no compressed block begins with one.
    const block = new Uint8Array(room);
    block.set(filled.block, room - filled.block.length);
    stored.push(block);
    at += filled.consumed;
  }
  return { extents, stored };
}

/** A plain block is a ring that begins where its extent does in the cluster. */
function interlaced(bytes: Uint8Array, offset: number): Uint8Array {
  // As it is: no copy of what is not compressed.
  if (offset === 0 && bytes.length === BLOCK_BYTES) return bytes;
  const block = new Uint8Array(BLOCK_BYTES);
  const head = Math.min(bytes.length, BLOCK_BYTES - offset);
  block.set(bytes.subarray(0, head), offset);
  block.set(bytes.subarray(head), 0);
  return block;
}
