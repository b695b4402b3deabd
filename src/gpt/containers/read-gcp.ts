/**
 * Reads archives for Google Cloud that nobody vouches for: the header and the list of segments, then the disk as a stream.
 * The disk cannot be read at any offset, since gzip cannot.
 */

import type { Content } from "../../bytes/content.js";
import { zeroChunks } from "../../bytes/sparse-content.js";
import { ByteQueue } from "../../codec/byte-queue.js";
import { decodeGzip } from "../../codec/gzip.js";
import { field, headerSum, readNumber } from "../../codec/tar/header.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { BLOCK, DISK_NAME, GNU_MAGIC, GnuSparseExtension, GnuSparseHeader, SPARSE_TYPE } from "./gcp-layout.js";

/** What the archive says of its disk. */
export interface GcpArchive {
  /** The disk, as a stream. */
  readonly disk: Content;
  /** Offset and length of each segment that is stored. */
  readonly segments: readonly (readonly [number, number])[];
}

const SEGMENTS_MAX = 1 << 20;

/**
 * Opens an archive: reads its first blocks.
 *
 * @throws AssembleError `disk/gcp-damaged`, `codec/gzip-corrupt`, `codec/gzip-truncated`; later, from the disk's `chunks`, too
 */
export async function readGcpArchive(archive: Content): Promise<GcpArchive> {
  const first = new BlockReader(archive);
  try {
    const { size, segments } = await readHead(first);
    const chunks = async function* (): AsyncIterable<Uint8Array> {
      const reader = new BlockReader(archive);
      try {
        await readHead(reader);
        let at = 0;
        for (const [offset, length] of segments) {
          yield* zeroChunks(offset - at);
          yield* reader.pieces(length);
          const padding = (BLOCK - (length % BLOCK)) % BLOCK;
          for await (const _ of reader.pieces(padding));
          at = offset + length;
        }
        yield* zeroChunks(size - at);
      } finally {
        await reader.close();
      }
    };
    return { disk: { size, chunks }, segments };
  } finally {
    await first.close();
  }
}

async function readHead(
  reader: BlockReader,
): Promise<{ readonly size: number; readonly segments: readonly (readonly [number, number])[] }> {
  const block = await reader.block();
  const header = GnuSparseHeader.decode(block);
  if (headerSum(block) !== readNumber(block, field.checksum)) throw damaged("its first header has a wrong checksum");
  if (Buffer.from(header.magic).toString("latin1") !== GNU_MAGIC || header.typeflag !== SPARSE_TYPE)
    throw damaged("it is no tar archive with a sparse file in GNU's old format");
  if (header.name !== DISK_NAME) throw damaged(`its file is ${JSON.stringify(header.name)}, ${DISK_NAME} was wanted`);
  const size = readNumber(header.realSize, [0, 12]);
  const raw = [...header.segments];
  for (let isExtended = header.isExtended; isExtended !== 0; ) {
    const extension = GnuSparseExtension.decode(await reader.block());
    raw.push(...extension.segments);
    if (raw.length > SEGMENTS_MAX) throw damaged(`it has more than ${SEGMENTS_MAX} segments`);
    isExtended = extension.isExtended;
  }
  const segments: (readonly [number, number])[] = [];
  let end = 0;
  for (const bytes of raw) {
    // Unused places of the list are NUL.
    if (bytes[0] === 0 && bytes[12] === 0) continue;
    const [offset, length] = [readNumber(bytes, [0, 12]), readNumber(bytes, [12, 12])];
    if (offset < end || length < 0 || !Number.isSafeInteger(offset + length) || offset + length > size)
      throw damaged(`a segment of ${length} bytes lies at ${offset}`);
    end = offset + length;
    if (length > 0) segments.push([offset, length]);
  }
  return { size, segments };
}

/** Exact pieces of a stream that is decompressed on the way. */
class BlockReader {
  private readonly source: AsyncGenerator<Uint8Array, void, void>;
  private readonly queue = new ByteQueue();

  constructor(archive: Content) {
    this.source = decodeGzip(archive.chunks());
  }

  async block(): Promise<Uint8Array> {
    while (this.queue.available < BLOCK) await this.more();
    return this.queue.take(BLOCK).slice();
  }

  async *pieces(length: number): AsyncIterable<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.queue.available === 0) await this.more();
      const piece = this.queue.take(Math.min(left, this.queue.available));
      left -= piece.length;
      yield piece;
    }
  }

  async close(): Promise<void> {
    await this.source.return();
  }

  private async more(): Promise<void> {
    const next = await this.source.next();
    if (next.done === true) throw damaged("it ends within its disk");
    this.queue.push(next.value);
  }
}

function damaged(is: string): AssembleError {
  return new AssembleError("disk/gcp-damaged", `Cannot read an archive for Google Cloud: ${is}`);
}
