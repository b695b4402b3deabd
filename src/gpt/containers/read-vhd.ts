/**
 * Reads fixed and dynamic VHD disks that nobody vouches for. The result is the guest's disk, which can be read anywhere.
 */

import type { Extent, FileContent } from "../../bytes/content.js";
import { zeroChunks } from "../../bytes/sparse-content.js";
import type { RandomAccess } from "../../codec/random-access.js";
import { AssembleError } from "../../errors/assemble-error.js";
import {
  DiskType,
  FOOTER_COOKIE,
  HEADER_COOKIE,
  SECTOR,
  UNUSED,
  VhdDynamicHeader,
  VhdFooter,
  vhdChecksum,
} from "./vhd-layout.js";

/** A VHD disk. */
export interface VhdDisk {
  readonly kind: "fixed" | "dynamic";
  /** Lower-case hex. */
  readonly uniqueId: string;
  /** Seconds since 1970. */
  readonly timeSeconds: number;
  /** What the guest sees. */
  readonly disk: FileContent;
}

const TIME_BASE = 946_684_800;
const CHUNK_BYTES = 1 << 20;
const BLOCK_MIN = 4096;
const BLOCK_MAX = 1 << 28;

/** Whether a file ends as VHD does. */
export function looksLikeVhd(source: RandomAccess): boolean {
  if (source.size < VhdFooter.size) return false;
  const cookie = source.read(source.size - VhdFooter.size, FOOTER_COOKIE.length);
  return Buffer.from(cookie).toString("latin1") === FOOTER_COOKIE;
}

/**
 * Opens a VHD disk.
 *
 * @throws AssembleError `disk/vhd-damaged`, `disk/vhd-unsupported`; later, from the disk's `read` and `chunks`, too
 */
export function readVhd(source: RandomAccess): VhdDisk {
  if (!looksLikeVhd(source)) throw damaged("it does not end as one");
  const bytes = source.read(source.size - VhdFooter.size, VhdFooter.size);
  const footer = decode(() => VhdFooter.decode(bytes));
  if (vhdChecksum(bytes, VhdFooter.offsetOf("checksum")) !== footer.checksum)
    throw damaged("its footer has a wrong checksum");
  const common = {
    uniqueId: Buffer.from(footer.uniqueId).toString("hex"),
    timeSeconds: footer.timestamp + TIME_BASE,
  };
  const size = footer.currentSize;
  if (footer.diskType === DiskType.fixed) {
    if (size > source.size - VhdFooter.size)
      throw damaged(`it has ${source.size} bytes, less than its disk of ${size}`);
    return { kind: "fixed", ...common, disk: diskOf(size, [[0, size]], (at, length) => source.read(at, length)) };
  }
  if (footer.diskType !== DiskType.dynamic)
    throw new AssembleError(
      "disk/vhd-unsupported",
      `Cannot read a VHD: its type is ${footer.diskType}, 2 or 3 was wanted`,
    );
  return { kind: "dynamic", ...common, disk: dynamicDisk(source, footer) };
}

function dynamicDisk(source: RandomAccess, footer: VhdFooter): FileContent {
  const size = footer.currentSize;
  const offset = Number(new DataView(footer.dataOffset.buffer, footer.dataOffset.byteOffset).getBigUint64(0));
  if (offset + VhdDynamicHeader.size > source.size) throw damaged("its header lies outside of the file");
  const bytes = source.read(offset, VhdDynamicHeader.size);
  const header = decode(() => VhdDynamicHeader.decode(bytes));
  if (header.cookie !== HEADER_COOKIE) throw damaged("its header is none");
  if (vhdChecksum(bytes, VhdDynamicHeader.offsetOf("checksum")) !== header.checksum)
    throw damaged("its header has a wrong checksum");
  const { blockSize, maxTableEntries, tableOffset } = header;
  if (blockSize < BLOCK_MIN || blockSize > BLOCK_MAX || (blockSize & (blockSize - 1)) !== 0)
    throw damaged(`its blocks have ${blockSize} bytes`);
  if (maxTableEntries * blockSize < size) throw damaged("its table is too small for its disk");
  const tableBytes = Math.ceil(size / blockSize) * 4;
  if (tableOffset + tableBytes > source.size) throw damaged("its table lies outside of the file");
  const table = source.read(tableOffset, tableBytes).slice();
  const view = new DataView(table.buffer);
  const bitmapBytes = Math.ceil(blockSize / SECTOR / 8 / SECTOR) * SECTOR;
  const placeOf = (block: number): number | undefined => {
    const sector = view.getUint32(block * 4);
    if (sector === UNUSED) return undefined;
    const place = sector * SECTOR + bitmapBytes;
    if (place + blockSize > source.size) throw damaged(`block ${block} lies outside of the file`);
    return place;
  };
  const ranges = function* (): Iterable<readonly [number, number]> {
    for (let block = 0; block * blockSize < size; block++)
      if (placeOf(block) !== undefined) yield [block * blockSize, Math.min(size, (block + 1) * blockSize)];
  };
  return diskOf(size, { [Symbol.iterator]: () => ranges()[Symbol.iterator]() }, (at, length) => {
    const block = Math.floor(at / blockSize);
    const inside = at % blockSize;
    const count = Math.min(length, blockSize - inside);
    const place = placeOf(block);
    return place === undefined ? new Uint8Array(count) : source.read(place + inside, count);
  });
}

/** A disk out of its ranges with data and of what reads some bytes at a place. */
function diskOf(
  size: number,
  ranges: Iterable<readonly [number, number]>,
  readSome: (at: number, length: number) => Uint8Array,
): FileContent {
  const read = (offset = 0, length = size - offset): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    for (let filled = 0; filled < bytes.length; ) {
      const piece = readSome(offset + filled, bytes.length - filled);
      if (piece.length === 0) throw damaged("it ends within its disk");
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  };
  const dataChunks = async function* (start: number, end: number): AsyncIterable<Uint8Array> {
    for (let at = start; at < end; at += CHUNK_BYTES) yield read(at, Math.min(CHUNK_BYTES, end - at));
  };
  return {
    size,
    read,
    async *chunks() {
      let at = 0;
      for (const [start, end] of ranges) {
        yield* zeroChunks(start - at);
        yield* dataChunks(start, end);
        at = end;
      }
      yield* zeroChunks(size - at);
    },
    *extents(): Iterable<Extent> {
      for (const [start, end] of ranges)
        yield { offset: start, content: { size: end - start, chunks: () => dataChunks(start, end) } };
    },
  };
}

/** Numbers beyond 2^53 are damage. */
function decode<T>(body: () => T): T {
  try {
    return body();
  } catch (cause) {
    throw damaged((cause as Error).message);
  }
}

function damaged(is: string): AssembleError {
  return new AssembleError("disk/vhd-damaged", `Cannot read a VHD: ${is}`);
}
