/**
 * Writes a tree as a squashfs 4.0 image (kernel: Documentation/filesystems/squashfs.rst).
 *
 * 1. superblock   2. compressor options   3. data blocks   4. fragments   5. inodes   6. directories   7. fragment table
 * 8. export table   9. ids   10. extended attributes
 *
 * Compressors: zstd, gzip, lz4, none. Omits tail ends in fragments (as mksquashfs without `-tailends`) and values of extended attributes
 * stored elsewhere. Data is compressed into the step cache when this returns, and read back when the chunks are; memory
 * holds metadata. Checked by: unsquashfs, mksquashfs (sizes), the kernel.
 */
import { byteStringToText, type Content, concatContents, contentOfBytes } from "../../bytes/content.js";
import { u64 } from "../../bytes/layout.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Cache } from "../../io/cache.js";
import type { OnEvent } from "../../io/event.js";
import type { Workers } from "../../io/workers.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import { compressorNumber, compressorOptions, type SquashfsCompression, startCompressor } from "./compression.js";
import { IdTable } from "./id-table.js";
import { writeLookupTable } from "./lookup-table.js";
import { placeData } from "./place-data.js";
import { type DataPlace, planData } from "./plan-data.js";
import { planInodes } from "./plan-inodes.js";
import { type StoredBatch, storeData } from "./store-data.js";
import {
  BLOCK_SIZE_MAX,
  BLOCK_SIZE_MIN,
  FLAG,
  FragmentEntry,
  MAGIC,
  METADATA_STORED,
  NO_TABLE,
  Superblock,
} from "./structures.js";
import { writeDirectories } from "./write-directories.js";
import type { FileExtent } from "./write-inode.js";
import { XattrTable } from "./xattr-table.js";

/** How to write. */
export interface SquashfsOptions {
  /** Default: zstd at level 15. */
  readonly compression?: SquashfsCompression | undefined;
  /** Bytes of a data block: a power of two from 4 KiB to 1 MiB; default 128 KiB. */
  readonly blockSize?: number | undefined;
  /** Groups files that change together, and keeps secrets out of the cache; default: all in one group. */
  readonly placeOf?: ((file: FileNode) => DataPlace) | undefined;
  readonly cache: Cache;
  readonly workers: Workers;
  readonly onEvent?: OnEvent | undefined;
}

/** A written image. */
export interface WrittenSquashfs {
  readonly content: Content;
  /** Batches of data that came out of the cache, of how many. */
  readonly cached: number;
  readonly batches: number;
}

const ALIGNMENT = 4096;
const U32_MAX = 0xffffffff;
const BLOCK_SIZE = 128 << 10;

/**
 * Writes a tree as an image. Its bytes depend on the tree, the compression and the block size alone.
 *
 * @throws AssembleError `filesystem/squashfs-unrepresentable`, `filesystem/squashfs-options`, `io/…`, `codec/zstd-memory`
 */
export async function writeSquashfs(tree: Tree, options: SquashfsOptions): Promise<WrittenSquashfs> {
  const { blockSize = BLOCK_SIZE, compression = { type: "zstd", level: 15 } } = options;
  checkBlockSize(blockSize);
  const placeOf = options.placeOf ?? (() => ({ section: "", group: "", cacheable: true }));
  const inodePlan = planInodes(tree);
  const dataPlan = await planData(inodePlan, { blockSize, placeOf, compressed: compression.type !== "none" });
  const data = await storeData(dataPlan.batches, { ...options, blockSize, compression });

  const extra = compressorOptions(compression);
  const optionBytes = extra === undefined ? new Uint8Array(0) : storedMetadata(extra);
  const dataStart = Superblock.size + optionBytes.length;
  const placed = placeData(dataPlan, data, { start: dataStart, blockSize });

  const compress = startCompressor(compression);
  const ids = new IdTable();
  const xattrs = new XattrTable(compress);
  const extentOf = ({ node }: { readonly node: unknown }): FileExtent | undefined => placed.extentOf(node as FileNode);
  const tables = writeDirectories(inodePlan, tree.root, { compress, ids, xattrs, extentOf });
  warnOfAcls(xattrs.withoutAcl, options.onEvent);

  const parts: Uint8Array[] = [];
  let end = placed.end;
  const append = (bytes: Uint8Array): number => {
    parts.push(bytes);
    end += bytes.length;
    return end - bytes.length;
  };
  const appendTable = (entries: Uint8Array): number => {
    const table = writeLookupTable(entries, { start: end, compress });
    append(table.bytes);
    return table.listStart;
  };
  const inodeTableStart = append(tables.inodeTable);
  const directoryTableStart = append(tables.directoryTable);
  const fragmentTableStart = appendTable(
    Buffer.concat(placed.fragments.map(({ start, word }) => FragmentEntry.encode({ start, size: word, unused: 0 }))),
  );
  const exportTableStart = appendTable(encodeReferences(tables.references));
  const idTableStart = appendTable(ids.encode());
  const xattrTable = xattrs.finish(end);
  if (xattrTable !== undefined) append(xattrTable.bytes);

  const superblock = Superblock.encode({
    magic: MAGIC,
    inodeCount: inodePlan.inodes.size,
    mtimeSeconds: Math.min(U32_MAX, Math.max(0, tree.epoch)),
    blockSize,
    fragmentCount: placed.fragments.length,
    compressor: compressorNumber(compression),
    blockLog: Math.log2(blockSize),
    flags:
      FLAG.deduplicated |
      FLAG.exportable |
      (extra === undefined ? 0 : FLAG.compressorOptions) |
      (xattrTable === undefined ? FLAG.noXattrs : 0) |
      (compression.type === "none" ? FLAG.storedInodes | FLAG.storedData : 0) |
      (compression.type === "none" ? FLAG.storedFragments | FLAG.storedXattrs | FLAG.storedIds : 0),
    idCount: ids.count,
    versionMajor: 4,
    versionMinor: 0,
    rootInode: tables.references[0]!,
    bytesUsed: end,
    idTableStart,
    xattrTableStart: xattrTable === undefined ? NO_TABLE : BigInt(xattrTable.listStart),
    inodeTableStart,
    directoryTableStart,
    fragmentTableStart: BigInt(fragmentTableStart),
    exportTableStart: BigInt(exportTableStart),
  });
  // A loop device shows whole sectors only: mksquashfs pads to 4 KiB.
  const padding = new Uint8Array(-end & (ALIGNMENT - 1));
  const content = concatContents([
    contentOfBytes(Buffer.concat([superblock, optionBytes])),
    ...data.batches.map((batch: StoredBatch) => batch.content),
    ...[...parts, padding].map(contentOfBytes),
  ]);
  return { content, cached: data.cached, batches: data.batches.length };
}

function warnOfAcls(paths: readonly string[], onEvent: OnEvent | undefined): void {
  if (paths.length === 0) return;
  const more = paths.length === 1 ? "" : ` and ${paths.length - 1} more`;
  onEvent?.({
    type: "warning",
    code: "filesystem/squashfs-acl",
    message: `The access control list of ${byteStringToText(paths[0]!)}${more} is left out: squashfs cannot hold one`,
  });
}

function checkBlockSize(blockSize: number): void {
  if (Number.isInteger(Math.log2(blockSize)) && blockSize >= BLOCK_SIZE_MIN && blockSize <= BLOCK_SIZE_MAX) return;
  throw new AssembleError(
    "filesystem/squashfs-options",
    `Cannot write the squashfs image: the block size is ${blockSize}, a power of two from ${BLOCK_SIZE_MIN} to ${BLOCK_SIZE_MAX} was wanted`,
  );
}

function storedMetadata(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(bytes.length, METADATA_STORED >> 8, ...bytes);
}

function encodeReferences(references: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(u64.size * references.length));
  for (let i = 0; i < references.length; i++) u64.write(view, u64.size * i, references[i]!, true);
  return new Uint8Array(view.buffer);
}
