/**
 * The data of an inode: whole blocks and a tail behind the inode, or compressed extents that are found and unpacked as they are read.
 */
import { inflateRawSync } from "node:zlib";
import type { FileContent } from "../../bytes/content.js";
import { decodeLz4Block } from "../../codec/lz4/decode-lz4.js";
import { decodeZstdBytes } from "../../codec/zstd/decode-zstd.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { corrupt, unsupported } from "./errors.js";
import { openIndex, type ReadIndex } from "./read-index.js";
import { type ErofsVolume, exactly, type ReadInode } from "./read-inode.js";
import { ALGORITHM, BLOCK_BYTES, CLUSTER_TYPE, DATA_LAYOUT } from "./structures.js";

const CHUNK_BYTES = 1 << 20;
/** What is unpacked at once at most: far more than is written here, and what Linux takes. */
const EXTENT_BYTES_MAX = 12 << 20;

/** The data of an inode. Reading throws `filesystem/erofs-invalid` where it is damaged. */
export function dataOf(volume: ErofsVolume, inode: ReadInode): FileContent {
  const isCompressed = inode.layout === DATA_LAYOUT.compressedFull || inode.layout === DATA_LAYOUT.compressedCompact;
  if (isCompressed && inode.size > 0) return new CompressedData(volume, inode);
  return new FlatData(volume, inode);
}

abstract class ImageData implements FileContent {
  readonly size: number;
  constructor(size: number) {
    this.size = size;
  }
  abstract read(offset?: number, length?: number): Uint8Array;
  async *chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.size; at += CHUNK_BYTES) yield this.read(at, Math.min(CHUNK_BYTES, this.size - at));
  }
}

class FlatData extends ImageData {
  private readonly volume: ErofsVolume;
  private readonly start: number;
  /** Where the tail begins in the data and in the image. */
  private readonly tail: number;
  private readonly tailStart: number;

  constructor(volume: ErofsVolume, { nid, size, layout, place, end }: ReadInode) {
    super(size);
    this.volume = volume;
    this.start = place * BLOCK_BYTES;
    this.tail = layout === DATA_LAYOUT.inline ? Math.floor(size / BLOCK_BYTES) * BLOCK_BYTES : size;
    this.tailStart = end;
    if (this.tail > 0 && this.start + this.tail > volume.image.size)
      throw corrupt(`inode ${nid} has ${size} bytes at ${this.start} of ${volume.image.size}`);
    if (size > this.tail && (end % BLOCK_BYTES) + size - this.tail > BLOCK_BYTES)
      throw corrupt(`the data behind inode ${nid} crosses a block`);
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const until = Math.min(this.size, offset + length);
    if (until <= offset) return new Uint8Array(0);
    if (until <= this.tail) return exactly(this.volume, this.start + offset, until - offset);
    const behind = Math.max(offset, this.tail);
    const tail = exactly(this.volume, this.tailStart + behind - this.tail, until - behind);
    if (offset >= this.tail) return tail;
    return Buffer.concat([exactly(this.volume, this.start + offset, this.tail - offset), tail]);
  }
}

interface Extent {
  /** Of the data. */
  readonly start: number;
  readonly size: number;
  readonly block: number;
  readonly blocks: number;
  readonly plain: boolean;
}

class CompressedData extends ImageData {
  private readonly volume: ErofsVolume;
  private readonly nid: number;
  private readonly index: ReadIndex;
  private readonly clusters: number;
  private known: { readonly extent: Extent; readonly bytes: Uint8Array } | undefined;

  constructor(volume: ErofsVolume, inode: ReadInode) {
    super(inode.size);
    this.volume = volume;
    this.nid = inode.nid;
    this.index = openIndex(volume, inode);
    this.clusters = Math.ceil(inode.size / BLOCK_BYTES);
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const until = Math.min(this.size, offset + length);
    const pieces: Uint8Array[] = [];
    for (let at = offset; at < until; ) {
      const { extent, bytes } = this.extentAt(at);
      const piece = bytes.subarray(at - extent.start, until - extent.start);
      pieces.push(piece);
      at += piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  private extentAt(at: number): { readonly extent: Extent; readonly bytes: Uint8Array } {
    const { known } = this;
    if (known !== undefined && at >= known.extent.start && at < known.extent.start + known.extent.size) return known;
    const extent = this.find(at);
    this.known = { extent, bytes: this.unpack(extent) };
    return this.known;
  }

  private find(at: number): Extent {
    let head = Math.floor(at / BLOCK_BYTES);
    for (; ; head--) {
      if (head < 0) throw corrupt(`inode ${this.nid} begins without an extent`);
      const { type, offset } = this.index.cluster(head);
      if (type !== CLUSTER_TYPE.tail && head * BLOCK_BYTES + offset <= at) break;
      if (at - head * BLOCK_BYTES > EXTENT_BYTES_MAX) throw corrupt(`an extent of inode ${this.nid} is too long`);
    }
    const { type, offset, block } = this.index.cluster(head);
    const start = head * BLOCK_BYTES + offset;
    let next = head + 1;
    let blocks = 1;
    let end = this.size;
    for (; next < this.clusters; next++) {
      const cluster = this.index.cluster(next);
      if (cluster.type !== CLUSTER_TYPE.tail) {
        end = next * BLOCK_BYTES + cluster.offset;
        break;
      }
      if (next === head + 1) blocks = cluster.blocks ?? 1;
      if ((next - head) * BLOCK_BYTES > EXTENT_BYTES_MAX) throw corrupt(`an extent of inode ${this.nid} is too long`);
    }
    const plain = type === CLUSTER_TYPE.plain;
    if (end <= start || blocks === 0 || (plain && (end - start > BLOCK_BYTES || blocks !== 1)))
      throw corrupt(`an extent of inode ${this.nid} has ${end - start} bytes in ${blocks} blocks`);
    return { start, size: end - start, block, blocks, plain };
  }

  private unpack({ start, size, block, blocks, plain }: Extent): Uint8Array {
    const stored = exactly(this.volume, block * BLOCK_BYTES, blocks * BLOCK_BYTES);
    if (plain) {
      const cut = this.index.interlaced ? start % BLOCK_BYTES : 0;
      return Buffer.concat([stored.subarray(cut), stored.subarray(0, cut)]).subarray(0, size);
    }
    // Zeros come first.
    const from = stored.findIndex((byte) => byte !== 0);
    const input = stored.subarray(from < 0 ? stored.length : from);
    let bytes: Uint8Array;
    try {
      bytes = this.decode(input, size);
    } catch (cause) {
      const { code } = cause as { readonly code?: unknown };
      const isKnown = cause instanceof AssembleError || (typeof code === "string" && /^(?:Z_|ERR_BUFFER)/.test(code));
      if (!isKnown) throw cause;
      throw corrupt(`the block ${block} cannot be unpacked (${(cause as Error).message})`, cause);
    }
    if (bytes.length !== size) throw corrupt(`the block ${block} unpacks to ${bytes.length} bytes, not ${size}`);
    return bytes;
  }

  private decode(input: Uint8Array, maxBytes: number): Uint8Array {
    if (this.index.algorithm === ALGORITHM.lz4) return decodeLz4Block(input, maxBytes);
    if (this.index.algorithm === ALGORITHM.deflate) return inflateRawSync(input, { maxOutputLength: maxBytes });
    if (this.index.algorithm === ALGORITHM.zstd)
      return decodeZstdBytes(input, { maxBytes, maxWindowBytes: EXTENT_BYTES_MAX });
    throw unsupported(`inode ${this.nid} is compressed with algorithm ${this.index.algorithm}`);
  }
}
