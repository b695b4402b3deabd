/**
 * Decodes .xz files as a stream: any number of blocks, concatenated streams and stream padding (.xz file format 1.2.0). Verified are
 * headers, block sizes, checks, index and footer. Memory is the dictionary and a few MiB, whatever the size of the file. `xz -dc` is the judge.
 */

import { crc32 } from "../../bytes/crc32.js";
import type { ByteQueue } from "../byte-queue.js";
import { type Decoder, decodeStream, decodeWhole, waitFor } from "../decoder.js";
import { type BlockCheck, checkSize, startCheck } from "./check.js";
import { corrupt, truncated } from "./errors.js";
import {
  type BlockHeader,
  blockHeaderSize,
  readBlockHeader,
  readInteger,
  readStreamFooter,
  readStreamHeader,
  STREAM_HEADER_SIZE,
  u32At,
} from "./headers.js";
import { decodeLzma2 } from "./lzma2.js";

/** Bounds of a decoder. */
export interface XzLimits {
  /** Largest dictionary, in bytes; 128 MiB unless told (`xz -9` uses 64 MiB). */
  readonly maxDictionaryBytes?: number;
}

const DEFAULT_DICTIONARY = 128 << 20;

/** Decodes a .xz file piece by piece. Throws `codec/xz-truncated`, `codec/xz-corrupt` or `codec/xz-unsupported`. */
export function decodeXz(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: XzLimits & { readonly copy?: boolean } = {},
): AsyncGenerator<Uint8Array, void, void> {
  return decodeStream((queue) => xzDecoder(queue, options), input, options);
}

/** Decodes a .xz file that is in memory, into at most `maxBytes`. */
export function decodeXzBytes(input: Uint8Array, options: XzLimits & { readonly maxBytes: number }): Uint8Array {
  return decodeWhole((queue) => xzDecoder(queue, options), input, {
    maxBytes: options.maxBytes,
    format: "xz",
  });
}

/** The decoder itself; see `Decoder`. */
export function* xzDecoder(input: ByteQueue, limits: XzLimits = {}): Decoder {
  let streams = 0;
  for (;;) {
    // Stream padding: zeros, four at a time, after the first stream.
    while (input.available < 4 && !input.ended) yield undefined;
    if (input.available === 0 && streams > 0) return;
    if (streams > 0 && input.peek() === 0) {
      yield* waitFor(input, 4, truncated);
      if (input.take(4).some((byte) => byte !== 0)) throw corrupt("something other than zeros between streams");
      continue;
    }
    yield* decodeOneStream(input, limits);
    streams++;
  }
}

function* decodeOneStream(input: ByteQueue, limits: XzLimits): Decoder {
  yield* waitFor(input, STREAM_HEADER_SIZE, truncated);
  const check = readStreamHeader(input.take(STREAM_HEADER_SIZE));
  const records = new RecordSum();
  for (;;) {
    yield* waitFor(input, 1, truncated);
    if (input.peek() === 0) break;
    const { unpaddedSize, uncompressedSize } = yield* decodeXzBlock(input, check, limits);
    records.add(unpaddedSize);
    records.add(uncompressedSize);
  }
  const indexSize = yield* readIndex(input, records);
  yield* waitFor(input, STREAM_HEADER_SIZE, truncated);
  const footer = readStreamFooter(input.take(STREAM_HEADER_SIZE));
  if (footer.check !== check) throw corrupt("a footer that disagrees with its header");
  if (footer.indexSize !== indexSize) throw corrupt("a footer that states another size of the index");
}

/** The sizes of one block, as the index has them. */
export interface BlockSizes {
  /** Header, data and check, without the padding. */
  readonly unpaddedSize: number;
  readonly uncompressedSize: number;
}

/** Decodes one block, from its header to its check. Yields the data; returns the sizes. */
export function* decodeXzBlock(
  input: ByteQueue,
  checkId: number,
  limits: XzLimits,
): Generator<Uint8Array | undefined, BlockSizes, void> {
  yield* waitFor(input, 1, truncated);
  const headerSize = blockHeaderSize(input.peek());
  yield* waitFor(input, headerSize, truncated);
  const header: BlockHeader = readBlockHeader(input.take(headerSize), limits.maxDictionaryBytes ?? DEFAULT_DICTIONARY);
  const check: BlockCheck = startCheck(checkId);
  const start = input.position;
  let uncompressedSize = 0;
  for (const piece of decodeLzma2(input, header)) {
    if (piece !== undefined) {
      check.update(piece);
      uncompressedSize += piece.length;
    }
    yield piece;
  }
  const compressedSize = input.position - start;
  if (header.compressedSize !== undefined && header.compressedSize !== compressedSize)
    throw corrupt("a block of another compressed size than its header states");
  if (header.uncompressedSize !== undefined && header.uncompressedSize !== uncompressedSize)
    throw corrupt("a block of another size than its header states");
  const padding = -compressedSize & 3;
  yield* waitFor(input, padding + check.size, truncated);
  if (input.take(padding).some((byte) => byte !== 0)) throw corrupt("block padding that is not zero");
  const stored = input.take(check.size);
  const computed = check.digest();
  if (stored.some((byte, i) => byte !== computed[i])) throw corrupt("a block whose check does not match its data");
  return { unpaddedSize: headerSize + compressedSize + checkSize(checkId), uncompressedSize };
}

/** A count and a CRC32 of sizes: what the index says against what the blocks were, without keeping a list that grows with the file. */
class RecordSum {
  count = 0;
  private crc = 0;
  add(size: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, size);
    this.crc = crc32(bytes, this.crc);
    this.count++;
  }
  equals(other: RecordSum): boolean {
    return this.count === other.count && this.crc === other.crc;
  }
}

function* readIndex(input: ByteQueue, blocks: RecordSum): Generator<undefined, number, void> {
  const start = input.position;
  let crc = 0;
  const byte = function* (): Generator<undefined, Uint8Array, void> {
    yield* waitFor(input, 1, truncated);
    const one = input.take(1);
    crc = crc32(one, crc);
    return one;
  };
  const integer = function* (): Generator<undefined, number, void> {
    const bytes: number[] = [];
    do bytes.push((yield* byte())[0]!);
    while (bytes.at(-1)! >= 0x80 && bytes.length < 9);
    return readInteger({ bytes: Uint8Array.from(bytes), at: 0, end: bytes.length });
  };
  yield* byte();
  const count = yield* integer();
  if (2 * count !== blocks.count) throw corrupt("an index of another number of blocks");
  const records = new RecordSum();
  for (let i = 0; i < count; i++) {
    records.add(yield* integer());
    records.add(yield* integer());
  }
  if (!records.equals(blocks)) throw corrupt("an index that disagrees with the blocks");
  while (((input.position - start) & 3) !== 0)
    if ((yield* byte())[0] !== 0) throw corrupt("index padding that is not zero");
  yield* waitFor(input, 4, truncated);
  if (u32At(input.take(4), 0) !== crc) throw corrupt("an index with a wrong CRC32");
  return input.position - start;
}
