/**
 * Writes VHD disks (Microsoft, "Virtual Hard Disk Image Format Specification" 1.0): fixed ones, which Azure wants, and dynamic
 * ones, which hold only the blocks of 2 MiB that have data.
 *
 * A fixed disk is the disk and a footer. A dynamic one: 1. copy of the footer  2. header  3. block allocation table  4. blocks,
 * each after its bitmap  5. footer. Sizes are whole MiB, as Azure asks for. Checked by: qemu-img check, compare and info.
 */

import { type Content, contentOfBytes } from "../../bytes/content.js";
import { type DataRun, dataRuns, runChunks, sparseContent } from "../../bytes/sparse-content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import {
  BITMAP_BYTES,
  BLOCK,
  DiskType,
  FOOTER_COOKIE,
  HEADER_COOKIE,
  SECTOR,
  UNUSED,
  VhdDynamicHeader,
  VhdFooter,
  vhdChecksum,
} from "./vhd-layout.js";

/** What a disk's footer says besides its size. */
export interface VhdOptions {
  /** 16 bytes. */
  readonly uniqueId: Uint8Array;
  /** Seconds since 1970; before 2000 counts as 2000. */
  readonly timeSeconds: number;
}

const MEBIBYTE = 1 << 20;
/** 2,040 GiB: what the format and Hyper-V allow. */
const SIZE_MAX = 2040 * 2 ** 30;
/** 2000-01-01. */
const TIME_BASE = 946_684_800;
const NOWHERE = new Uint8Array(8).fill(0xff);
const HEADER_OFFSET = VhdFooter.size;
const TABLE_OFFSET = HEADER_OFFSET + VhdDynamicHeader.size;

/**
 * A disk as fixed VHD: rounded up to whole MiB, a footer after it. As sparse as the disk.
 *
 * @throws AssembleError `disk/size-invalid`
 */
export function writeFixedVhd(disk: Content, options: VhdOptions): Content {
  const size = roundedSize(disk);
  const footer = encodeFooter(size, DiskType.fixed, options);
  return sparseContent(size + footer.length, [
    { offset: 0, content: disk },
    { offset: size, content: contentOfBytes(footer) },
  ]);
}

/**
 * A disk as dynamic VHD: rounded up to whole MiB, blocks without data left out.
 *
 * @throws AssembleError `disk/size-invalid`
 */
export function writeDynamicVhd(disk: Content, options: VhdOptions): Content {
  const size = roundedSize(disk);
  const entries = Math.ceil(size / BLOCK);
  const runs = dataRuns(disk, BLOCK);
  const blocks = runs.reduce((sum, { start, end }) => sum + (end - start) / BLOCK, 0);
  const blocksOffset = TABLE_OFFSET + Math.ceil((entries * 4) / SECTOR) * SECTOR;
  const footer = encodeFooter(size, DiskType.dynamic, options);
  return {
    size: blocksOffset + blocks * (BITMAP_BYTES + BLOCK) + footer.length,
    async *chunks(passing) {
      const head = new Uint8Array(blocksOffset);
      head.set(footer);
      head.set(encodeHeader(entries), HEADER_OFFSET);
      encodeTable(head, { entries, runs, blocksOffset });
      yield head;
      for (const run of runs) yield* blockChunks(run, passing);
      yield footer;
    },
  };
}

/** A run's bytes, with a bitmap before each block: every sector is in use. */
async function* blockChunks(run: DataRun, passing: boolean | undefined): AsyncIterable<Uint8Array> {
  const bitmap = new Uint8Array(BITMAP_BYTES).fill(0xff);
  let left = 0;
  for await (const chunk of runChunks(run, passing))
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) {
        yield bitmap;
        left = BLOCK;
      }
      const piece = chunk.subarray(at, at + left);
      yield piece;
      at += piece.length;
      left -= piece.length;
    }
}

function encodeTable(
  head: Uint8Array,
  plan: { readonly entries: number; readonly runs: readonly DataRun[]; readonly blocksOffset: number },
): void {
  head.fill(0xff, TABLE_OFFSET);
  const view = new DataView(head.buffer);
  for (let entry = 0; entry < plan.entries; entry++) view.setUint32(TABLE_OFFSET + entry * 4, UNUSED);
  let sector = plan.blocksOffset / SECTOR;
  for (const { start, end } of plan.runs)
    for (let block = start / BLOCK; block < end / BLOCK; block++) {
      view.setUint32(TABLE_OFFSET + block * 4, sector);
      sector += (BITMAP_BYTES + BLOCK) / SECTOR;
    }
}

function encodeHeader(maxTableEntries: number): Uint8Array {
  const bytes = VhdDynamicHeader.encode({
    cookie: HEADER_COOKIE,
    dataOffset: NOWHERE,
    tableOffset: TABLE_OFFSET,
    headerVersion: 0x00010000,
    maxTableEntries,
    blockSize: BLOCK,
    checksum: 0,
    parentUniqueId: new Uint8Array(16),
    parentTimestamp: 0,
    reserved: 0,
    parentName: new Uint8Array(512),
    parentLocators: Array.from({ length: 8 }, () => new Uint8Array(24)),
    reserved2: new Uint8Array(256),
  });
  return withChecksum(bytes, VhdDynamicHeader.offsetOf("checksum"));
}

function encodeFooter(size: number, diskType: number, options: VhdOptions): Uint8Array {
  const dataOffset = new Uint8Array(8);
  new DataView(dataOffset.buffer).setBigUint64(0, BigInt(HEADER_OFFSET));
  const bytes = VhdFooter.encode({
    cookie: FOOTER_COOKIE,
    features: 2,
    formatVersion: 0x00010000,
    dataOffset: diskType === DiskType.fixed ? NOWHERE : dataOffset,
    timestamp: Math.min(Math.max(Math.floor(options.timeSeconds) - TIME_BASE, 0), 0xffffffff),
    // Readers take the disk's size from cylinders, heads and sectors unless they know the application: Hyper-V's mark.
    creatorApplication: "win ",
    creatorVersion: 0x00060001,
    creatorHost: "Wi2k",
    originalSize: size,
    currentSize: size,
    ...chsOf(size),
    diskType,
    checksum: 0,
    uniqueId: options.uniqueId,
    savedState: 0,
    reserved: new Uint8Array(427),
  });
  return withChecksum(bytes, VhdFooter.offsetOf("checksum"));
}

function withChecksum(bytes: Uint8Array, offset: number): Uint8Array {
  new DataView(bytes.buffer).setUint32(offset, vhdChecksum(bytes, offset));
  return bytes;
}

/** The specification's own calculation (appendix "CHS Calculation"); never more than the disk. */
function chsOf(size: number): { readonly cylinders: number; readonly heads: number; readonly sectorsPerTrack: number } {
  const sectors = Math.min(size / SECTOR, 65535 * 16 * 255);
  const of = (heads: number, sectorsPerTrack: number) => ({
    ...{ heads, sectorsPerTrack },
    cylinders: Math.floor(Math.floor(sectors / sectorsPerTrack) / heads),
  });
  if (sectors >= 65535 * 16 * 63) return of(16, 255);
  const heads = Math.max(4, Math.floor((Math.floor(sectors / 17) + 1023) / 1024));
  if (heads <= 16 && Math.floor(sectors / 17) < heads * 1024) return of(heads, 17);
  return Math.floor(sectors / 31) < 16 * 1024 ? of(16, 31) : of(16, 63);
}

function roundedSize(disk: Content): number {
  const size = Math.ceil(disk.size / MEBIBYTE) * MEBIBYTE;
  if (!(disk.size > 0) || size > SIZE_MAX)
    throw new AssembleError(
      "disk/size-invalid",
      `Cannot make a VHD: its size is ${disk.size} bytes, 1 byte to 2040 GiB was wanted`,
    );
  return size;
}
