/**
 * The compressors of squashfs: their numbers, their options on disk, and the settings that are written.
 */
import { Deflater } from "../../codec/deflate.js";
import { Lz4Compressor } from "../../codec/lz4/compress-lz4.js";
import { ZstdCompressor } from "../../codec/zstd/compress-zstd.js";
import { GzipOptions, Lz4Options, ZstdOptions } from "./structures.js";

/** How blocks are compressed. Levels: zstd 1–22, gzip 1–9, lz4 1–12; none has no level. */
export interface SquashfsCompression {
  readonly type: "zstd" | "gzip" | "lz4" | "none";
  readonly level: number;
}

/** Compressors by their number in the superblock. */
export const COMPRESSOR_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "gzip"],
  [2, "lzma"],
  [3, "lzo"],
  [4, "xz"],
  [5, "lz4"],
  [6, "zstd"],
]);

/** Images without compression name gzip, which every kernel with squashfs has. */
const NUMBERS = { none: 1, gzip: 1, lz4: 5, zstd: 6 } as const;
const ZSTD_USUAL = 15;
const GZIP_USUAL = 9;
const GZIP_WINDOW_BITS = 15;
const LZ4_LEGACY = 1;
const LZ4_HIGH = 1;

/** The compressor's number in the superblock. */
export function compressorNumber(compression: SquashfsCompression): number {
  return NUMBERS[compression.type];
}

/** The options to store, if they are not the usual ones. lz4 always has some. */
export function compressorOptions({ type, level }: SquashfsCompression): Uint8Array | undefined {
  if (type === "lz4") return Lz4Options.encode({ version: LZ4_LEGACY, flags: LZ4_HIGH });
  if (type === "zstd" && level !== ZSTD_USUAL) return ZstdOptions.encode({ level });
  if (type === "gzip" && level !== GZIP_USUAL)
    return GzipOptions.encode({ level, windowBits: GZIP_WINDOW_BITS, strategies: 0 });
  return undefined;
}

/** Compresses one block; undefined where that does not make it smaller. */
export type CompressBlock = (bytes: Uint8Array) => Uint8Array | undefined;

/** WebAssembly that is compiled once a thread, and optimised while it runs. It holds nothing that outlives a call. */
export interface Encoders {
  readonly zstd: ZstdCompressor;
  readonly deflater: Deflater;
  readonly lz4: Lz4Compressor;
}

/** Makes those of a thread. */
export function threadEncoders(): Encoders {
  return { zstd: new ZstdCompressor(), deflater: new Deflater(), lz4: new Lz4Compressor() };
}

/** Starts a compressor. */
export function startCompressor(
  { type, level }: SquashfsCompression,
  { zstd, deflater, lz4 }: Encoders = threadEncoders(),
): CompressBlock {
  const compress = (bytes: Uint8Array): Uint8Array => {
    if (type === "zstd") return zstd.compress(bytes.length, { level, fill: (target) => target.set(bytes) });
    return type === "gzip" ? deflater.compress(bytes, { level, container: "zlib" }) : lz4.compress(bytes, level);
  };
  return (bytes) => {
    if (type === "none") return undefined;
    const compressed = compress(bytes);
    return compressed.length < bytes.length ? compressed : undefined;
  };
}
