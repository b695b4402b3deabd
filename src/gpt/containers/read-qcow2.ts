/**
 * Reads qcow2 disks that nobody vouches for, versions 2 and 3 without backing file, encryption, compression or external data.
 * The result is the guest's disk, which can be read anywhere. Tables are read as they are needed; offsets are checked against
 * the file, so that a damaged one gives an error and not a huge allocation.
 */

import type { Extent, FileContent } from "../../bytes/content.js";
import { zeroChunks } from "../../bytes/sparse-content.js";
import type { RandomAccess } from "../../codec/random-access.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { COMPRESSED, ENTRY_BYTES, OFFSET_MASK, QCOW2_MAGIC, Qcow2Header, SIZE_MAX, ZERO } from "./qcow2-layout.js";

/** A qcow2 disk. */
export interface Qcow2Disk {
  readonly version: number;
  readonly clusterBytes: number;
  /** What the guest sees. */
  readonly disk: FileContent;
}

const CLUSTER_BITS_MIN = 9;
const CLUSTER_BITS_MAX = 21;
/** QEMU's own limit. */
const L1_BYTES_MAX = 32 << 20;
const V2_HEADER_BYTES = 72;
const CHUNK_BYTES = 1 << 20;

/** Whether a file begins as qcow2 does. */
export function looksLikeQcow2(source: RandomAccess): boolean {
  const head = source.read(0, 4);
  return head.length === 4 && new DataView(head.buffer, head.byteOffset).getUint32(0) === QCOW2_MAGIC;
}

/**
 * Opens a qcow2 disk.
 *
 * @throws AssembleError `disk/qcow2-damaged`, `disk/qcow2-unsupported`; later, from the disk's `read` and `chunks`, too
 */
export function readQcow2(source: RandomAccess): Qcow2Disk {
  if (!looksLikeQcow2(source)) throw damaged("it does not begin as one");
  const header = readHeader(source);
  const clusterBytes = 2 ** header.clusterBits;
  const tables = new Tables(source, header);
  const { size } = header;
  const read = (offset = 0, length = size - offset): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    for (let filled = 0; filled < bytes.length; ) {
      const at = offset + filled;
      const inside = at % clusterBytes;
      const count = Math.min(clusterBytes - inside, bytes.length - filled);
      const place = tables.placeOf(Math.floor(at / clusterBytes));
      // The last cluster of a file may be cut off where the guest's disk ends.
      if (place !== undefined) bytes.set(source.read(place + inside, count), filled);
      filled += count;
    }
    return bytes;
  };
  const disk: FileContent = {
    size,
    read,
    async *chunks() {
      let at = 0;
      for (const { offset, content } of disk.extents!()) {
        yield* zeroChunks(offset - at);
        yield* content.chunks();
        at = offset + content.size;
      }
      yield* zeroChunks(size - at);
    },
    *extents(): Iterable<Extent> {
      for (const [start, end] of tables.dataRanges())
        yield {
          offset: start,
          content: {
            size: end - start,
            async *chunks() {
              for (let at = start; at < end; at += CHUNK_BYTES) yield read(at, Math.min(CHUNK_BYTES, end - at));
            },
          },
        };
    },
  };
  return { version: header.version, clusterBytes, disk };
}

function readHeader(source: RandomAccess): Qcow2Header {
  const bytes = new Uint8Array(Qcow2Header.size);
  bytes.set(source.read(0, Qcow2Header.size));
  if (source.size < V2_HEADER_BYTES) throw damaged("it ends within its header");
  if (new DataView(bytes.buffer).getUint32(4) === 2) bytes.fill(0, V2_HEADER_BYTES);
  let header: Qcow2Header;
  try {
    header = Qcow2Header.decode(bytes);
  } catch (cause) {
    throw damaged((cause as Error).message);
  }
  const { version, clusterBits, size, l1Size, l1TableOffset } = header;
  if (version !== 2 && version !== 3) throw unsupported(`its version is ${version}`);
  if (header.backingFileOffset !== 0) throw unsupported("it has a backing file");
  if (header.cryptMethod !== 0) throw unsupported("it is encrypted");
  // Bit 0: it was not closed; bit 3: the compression type, which only matters for compressed clusters.
  if ((header.incompatibleFeatures & ~0b1001n) !== 0n)
    throw unsupported(`it has features 0x${header.incompatibleFeatures.toString(16)}`);
  if (clusterBits < CLUSTER_BITS_MIN || clusterBits > CLUSTER_BITS_MAX)
    throw damaged(`its clusters have 2^${clusterBits} bytes`);
  if (size > SIZE_MAX) throw damaged(`its size is ${size} bytes, at most 64 TiB were wanted`);
  const bytesPerEntry = 2 ** (2 * clusterBits - 3);
  if (l1Size < Math.ceil(size / bytesPerEntry) || l1Size * ENTRY_BYTES > L1_BYTES_MAX)
    throw damaged(`its L1 table has ${l1Size} entries`);
  if (l1TableOffset + l1Size * ENTRY_BYTES > source.size) throw damaged("its L1 table lies outside of the file");
  return header;
}

/** L1 and L2 tables; the last L2 table that was read is kept. */
class Tables {
  private readonly source: RandomAccess;
  private readonly header: Qcow2Header;
  private readonly clusterBytes: number;
  private readonly perTable: number;
  private readonly l1: DataView;
  private kept: { readonly index: number; readonly view: DataView | undefined } = { index: -1, view: undefined };

  constructor(source: RandomAccess, header: Qcow2Header) {
    this.source = source;
    this.header = header;
    this.clusterBytes = 2 ** header.clusterBits;
    this.perTable = this.clusterBytes / ENTRY_BYTES;
    const bytes = source.read(header.l1TableOffset, header.l1Size * ENTRY_BYTES).slice();
    this.l1 = new DataView(bytes.buffer);
  }

  /** Where a guest's cluster lies in the file; undefined for zeros. */
  placeOf(cluster: number): number | undefined {
    const view = this.table(Math.floor(cluster / this.perTable));
    if (view === undefined) return undefined;
    const entry = view.getBigUint64((cluster % this.perTable) * ENTRY_BYTES);
    if ((entry & COMPRESSED) !== 0n) throw unsupported("it has compressed clusters");
    const offset = Number(entry & OFFSET_MASK);
    if (offset === 0 || ((entry & ZERO) !== 0n && this.header.version === 3)) return undefined;
    if (offset % this.clusterBytes !== 0 || offset >= this.source.size)
      throw damaged(`cluster ${cluster} is said to lie at ${offset}`);
    return offset;
  }

  /** The guest's ranges that have clusters, neighbours joined. */
  *dataRanges(): Iterable<readonly [number, number]> {
    const { size } = this.header;
    const bytesPerTable = this.clusterBytes * this.perTable;
    let start: number | undefined;
    for (let index = 0; index * bytesPerTable < size; index++) {
      const first = index * this.perTable;
      const count = Math.min(this.perTable, Math.ceil((size - index * bytesPerTable) / this.clusterBytes));
      const isThere = this.table(index) !== undefined;
      for (let i = 0; i < (isThere ? count : 1); i++) {
        const at = (first + i) * this.clusterBytes;
        const hasData = isThere && this.placeOf(first + i) !== undefined;
        if (hasData) start ??= at;
        else if (start !== undefined) {
          yield [start, at];
          start = undefined;
        }
      }
    }
    if (start !== undefined) yield [start, size];
  }

  private table(index: number): DataView | undefined {
    if (this.kept.index === index) return this.kept.view;
    const offset = Number(this.l1.getBigUint64(index * ENTRY_BYTES) & OFFSET_MASK);
    let view: DataView | undefined;
    if (offset !== 0) {
      if (offset % this.clusterBytes !== 0 || offset + this.clusterBytes > this.source.size)
        throw damaged(`an L2 table is said to lie at ${offset}`);
      const bytes = this.source.read(offset, this.clusterBytes).slice();
      view = new DataView(bytes.buffer);
    }
    this.kept = { index, view };
    return view;
  }
}

function damaged(is: string): AssembleError {
  return new AssembleError("disk/qcow2-damaged", `Cannot read a qcow2 disk: ${is}`);
}

function unsupported(is: string): AssembleError {
  return new AssembleError("disk/qcow2-unsupported", `Cannot read a qcow2 disk: ${is}, which is not read`, {
    hint: "convert it with `qemu-img convert -O raw`",
  });
}
