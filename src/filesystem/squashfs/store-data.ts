/**
 * The stored form of the data: every batch out of the step cache, or compressed in a worker and put there; without compression, slices of
 * the files themselves. The image's bytes are never held.
 */
import { type Content, concatContents, contentOfBytes, type FileContent } from "../../bytes/content.js";
import { sliceContent } from "../../bytes/slice-content.js";
import { type Cache, cacheKey } from "../../io/cache.js";
import type { ContentPart } from "../../io/content-parts.js";
import type { OnEvent } from "../../io/event.js";
import type { OpenFiles } from "../../io/open-files.js";
import { cachedStep, findStep, type StepKey } from "../../io/step.js";
import type { Workers } from "../../io/workers.js";
import { compressBlocksTask, isZero } from "./compress-task.js";
import type { SquashfsCompression } from "./compression.js";
import type { DataBatch, DataRange, StoredFile } from "./plan-data.js";
import { BLOCK_STORED } from "./structures.js";

/** Raised when compressing the same bytes gives others. */
const STEP_VERSION = 1;

/** How to store. */
export interface StoreOptions {
  readonly blockSize: number;
  readonly compression: SquashfsCompression;
  readonly cache: Cache;
  readonly workers: Workers;
  readonly onEvent?: OnEvent | undefined;
}

/** A batch as it is stored. */
export interface StoredBatch {
  /** Sizes of its blocks, as an inode has them. */
  readonly words: Uint32Array;
  /** The blocks, one after the other. */
  readonly content: Content;
}

/** All batches, in order. */
export interface StoredData {
  readonly batches: readonly StoredBatch[];
  /** How many came out of the cache. */
  readonly cached: number;
}

/** Stores the batches. @throws AssembleError `io/…`, `codec/zstd-memory` */
export async function storeData(batches: readonly DataBatch[], options: StoreOptions): Promise<StoredData> {
  const stored = new Array<StoredBatch>(batches.length);
  const total = batches.reduce((sum, batch) => sum + batch.size, 0);
  const verified = new Set<StoredFile>();
  let cached = 0;
  let done = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < batches.length) {
      const index = next++;
      const batch = batches[index]!;
      const result =
        options.compression.type === "none"
          ? { ...sliceBatch(batch, options), known: false }
          : await compressBatch(batch, options, verified);
      stored[index] = result;
      if (result.known) cached++;
      done += batch.size;
      options.onEvent?.({ type: "progress", stage: "squashfs", done, total, unit: "bytes" });
    }
  };
  // A few more than there are workers: one batch is read while others are compressed.
  await Promise.all(Array.from({ length: options.workers.jobs + 2 }, work));
  return { batches: stored, cached };
}

async function compressBatch(
  batch: DataBatch,
  options: StoreOptions,
  verified: Set<StoredFile>,
): Promise<StoredBatch & { readonly known: boolean }> {
  const { blockSize, compression, cache } = options;
  const compress = async (): Promise<Uint8Array> => {
    const ranges = batch.runs.flat();
    for (const range of ranges) await verifyWhole(range, verified);
    return options.workers.run(compressBlocksTask, {
      parts: ranges.map(partOf),
      runSizes: batch.runs.map((run) => run.reduce((sum, range) => sum + range.size, 0)),
      blockSize,
      compression,
      sparse: batch.kind === "blocks",
    });
  };
  if (!batch.cacheable) return { ...splitResult(contentOfBytes(await compress())), known: false };
  const step: StepKey = { name: "squashfs", version: STEP_VERSION, key: keyOf(batch, options) };
  const known = findStep(cache, step);
  return { ...splitResult(known ?? (await cachedStep(cache, step, compress))), known: known !== undefined };
}

function keyOf(batch: DataBatch, { blockSize, compression }: StoreOptions): string {
  const runs = batch.runs.map((run) =>
    run.map(({ file, offset, size }) => `${file.digest} ${offset} ${size}`).join("\n"),
  );
  return cacheKey([compression.type, String(compression.level), String(blockSize), batch.kind, ...runs]);
}

/** A part of a file cannot be held to the file's sha256: the whole is, once, before its first part is taken. */
async function verifyWhole({ file, size }: DataRange, verified: Set<StoredFile>): Promise<void> {
  if (size === file.content.size || file.content.digest === undefined || verified.has(file)) return;
  verified.add(file);
  for await (const _ of file.content.chunks());
}

function partOf({ file, offset, size }: DataRange): ContentPart {
  const { content } = file;
  if (content.location === undefined) return content.read(offset, size);
  const sha256 = size === content.size ? file.digest : undefined;
  return { path: content.location.path, offset: content.location.offset + offset, size, sha256 };
}

/** Takes what `compressBlocks` made apart. */
function splitResult(content: FileContent): StoredBatch {
  const head = content.read(0, 4);
  const count = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
  const table = content.read(4, 4 * count);
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const words = Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
  const start = 4 + 4 * count;
  return { words, content: sliceContent(content, start, content.size - start) };
}

/** Without compression: only blocks of zeros are left out. */
function sliceBatch(batch: DataBatch, { blockSize, cache }: StoreOptions): StoredBatch {
  const isZeroBlock = zeroBlocks(cache.files);
  const words: number[] = [];
  const slices: Content[] = [];
  for (const run of batch.runs) {
    if (batch.kind === "fragments") {
      words.push(run.reduce((sum, range) => sum + range.size, 0) | BLOCK_STORED);
      slices.push(...run.map(({ file }) => file.content));
      continue;
    }
    const { file, offset, size } = run[0]!;
    // Neighbours are joined: a file without zeros is one slice, and then its sha256 is verified when it is written.
    let from = offset;
    const close = (end: number): void => {
      if (end > from) slices.push(sliceContent(file.content, from, end - from));
    };
    for (let at = offset; at < offset + size; at += blockSize) {
      const length = Math.min(blockSize, offset + size - at);
      const zero = isZeroBlock(file.content, at, length);
      words.push(zero ? 0 : length | BLOCK_STORED);
      if (!zero) continue;
      close(at);
      from = at + length;
    }
    close(offset + size);
  }
  return { words: Uint32Array.from(words), content: concatContents(slices) };
}

const PEEK_BYTES = 64;

/**
 * Tells whether a block is zeros. Nearly all others show that in their first bytes: these are looked at where they lie, though they have not been
 * verified. One that is damaged there is taken for data, and found out when its file is written.
 */
function zeroBlocks(files: OpenFiles): (content: FileContent, at: number, length: number) => boolean {
  const peeked = new Uint8Array(PEEK_BYTES);
  return (content, at, length) => {
    const { location } = content;
    if (location !== undefined) {
      const target = peeked.subarray(0, length);
      const count = files.readInto(location.path, { offset: location.offset + at, target });
      if (!isZero(target.subarray(0, count))) return false;
    }
    return isZero(content.read(at, length));
  };
}
