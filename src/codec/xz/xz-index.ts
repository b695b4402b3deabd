/**
 * Finds the blocks of a .xz file from its end, so that they can be decoded in parallel (.xz file format 1.2.0, §4).
 */

import { crc32 } from "../../bytes/crc32.js";
import type { ByteQueue } from "../byte-queue.js";
import type { RandomAccess } from "../random-access.js";
import { decodeXzBlock, type XzLimits } from "./decode-xz.js";
import { corrupt, truncated } from "./errors.js";
import { type Cursor, readInteger, readStreamFooter, readStreamHeader, STREAM_HEADER_SIZE, u32At } from "./headers.js";

/** Where one block is, and what it unpacks to. */
export interface XzBlock {
  /** Of its header in the file. */
  readonly offset: number;
  /** Header, data, padding and check. */
  readonly size: number;
  readonly uncompressedOffset: number;
  readonly uncompressedSize: number;
  /** Number of the check. */
  readonly check: number;
}

/** No index that is larger is read: the file is decoded as a stream then. */
const INDEX_MAX = 1 << 20;

/**
 * The blocks of a .xz file, in order; undefined when there are so many that a list of them is not worth its memory.
 *
 * Stream headers, footers and indexes are verified; that each block has the sizes stated here is for `decodeIndexedBlock`.
 */
export function readXzIndex(file: RandomAccess): readonly XzBlock[] | undefined {
  const streams: { start: number; check: number; records: number[] }[] = [];
  let end = file.size;
  if (end === 0 || end % 4 !== 0) throw truncated();
  let indexes = 0;
  while (end > 0) {
    const last = file.read(end - 4, 4);
    if (u32At(last, 0) === 0) {
      end -= 4;
      continue;
    }
    if (end < 2 * STREAM_HEADER_SIZE) throw truncated();
    const footer = readStreamFooter(file.read(end - STREAM_HEADER_SIZE, STREAM_HEADER_SIZE));
    indexes += footer.indexSize;
    if (indexes > INDEX_MAX) return undefined;
    const indexStart = end - STREAM_HEADER_SIZE - footer.indexSize;
    if (indexStart < STREAM_HEADER_SIZE) throw corrupt("an index that does not fit the file");
    const records = readRecords(file.read(indexStart, footer.indexSize));
    let start = indexStart - STREAM_HEADER_SIZE;
    for (let i = 0; i < records.length; i += 2) start -= roundUp(records[i]!);
    if (start < 0) throw corrupt("an index that does not fit the file");
    if (readStreamHeader(file.read(start, STREAM_HEADER_SIZE)) !== footer.check)
      throw corrupt("a footer that disagrees with its header");
    streams.unshift({ start, check: footer.check, records });
    end = start;
  }
  const blocks: XzBlock[] = [];
  let uncompressedOffset = 0;
  for (const { start, check, records } of streams) {
    let offset = start + STREAM_HEADER_SIZE;
    for (let i = 0; i < records.length; i += 2) {
      const size = roundUp(records[i]!);
      const uncompressedSize = records[i + 1]!;
      blocks.push({ offset, size, uncompressedOffset, uncompressedSize, check });
      offset += size;
      uncompressedOffset += uncompressedSize;
    }
  }
  return blocks;
}

/** Decodes one block found by `readXzIndex`. Yields views; throws if the block is not of the size that the index states. */
export function* decodeIndexedBlock(
  input: ByteQueue,
  block: XzBlock,
  limits: XzLimits = {},
): Generator<Uint8Array | undefined, void, void> {
  const sizes = yield* decodeXzBlock(input, block.check, limits);
  if (roundUp(sizes.unpaddedSize) !== block.size || sizes.uncompressedSize !== block.uncompressedSize)
    throw corrupt("an index that disagrees with the blocks");
}

function roundUp(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function readRecords(index: Uint8Array): number[] {
  const end = index.length - 4;
  if (index[0] !== 0) throw corrupt("no index where one was wanted");
  if (crc32(index.subarray(0, end)) !== u32At(index, end)) throw corrupt("an index with a wrong CRC32");
  const cursor: Cursor = { bytes: index, at: 1, end };
  const count = readInteger(cursor);
  if (2 * count > index.length) throw corrupt("an index of more records than it has room for");
  const records: number[] = [];
  for (let i = 0; i < count; i++) {
    const unpadded = readInteger(cursor);
    // A block has at least a header of 8 bytes and an end marker.
    if (unpadded < 9) throw corrupt("an index with a block that is too small");
    records.push(unpadded, readInteger(cursor));
  }
  if (index.subarray(cursor.at, end).some((byte) => byte !== 0) || end - cursor.at > 3)
    throw corrupt("index padding that is not zero");
  return records;
}
