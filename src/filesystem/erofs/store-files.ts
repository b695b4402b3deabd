/**
 * The stored form of files that are compressed: batch by batch out of the step cache, or made in a worker, which puts it there itself. The
 * image's bytes are never held.
 */
import { type Content, contentOfBytes, type FileContent } from "../../bytes/content.js";
import { hashContent } from "../../bytes/hash-content.js";
import { sliceContent } from "../../bytes/slice-content.js";
import { cacheKey } from "../../io/cache.js";
import type { ContentPart } from "../../io/content-parts.js";
import { writtenStep } from "../../io/step.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import { compressFilesTask, readExtentTable } from "./compress-task.js";
import { clusterSizes, type ErofsPacking } from "./compression.js";
import { blocksOf } from "./extent-table.js";
import type { CompressedFile } from "./plan-data.js";
import { BLOCK_BYTES } from "./structures.js";

/** Raised when compressing the same bytes gives others. */
const STEP_VERSION = 7;
/** Bytes that a batch is filled up to; longer files are cut here too. */
const BATCH_MAX = 4 << 20;
/** A batch of this size or more ends where a digest says so: a changed file leaves the batches after it as they were. */
const BATCH_MIN = 1 << 20;

/** All compressed data. */
export interface StoredFiles {
  readonly files: ReadonlyMap<FileNode, CompressedFile>;
  readonly contents: readonly Content[];
  readonly blocks: number;
}

interface Piece {
  readonly file: Unique;
  readonly offset: number;
  readonly size: number;
}

interface Unique {
  readonly content: FileContent;
  readonly digest: string;
  readonly cacheable: boolean;
  readonly extents: Uint32Array[];
  block: number;
}

/** Compresses files of more than a block; equal ones once. @throws AssembleError `io/…`, `codec/zstd-memory` */
export async function storeFiles(nodes: readonly FileNode[], packing: ErofsPacking): Promise<StoredFiles> {
  const uniqueOf = await findUnique(nodes, packing);
  const batches = planBatches([...new Set(uniqueOf.values())]);
  const total = batches.flat().reduce((sum, { size }) => sum + size, 0);
  const results = new Array<FileContent>(batches.length);
  const verified = new Set<Unique>();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < batches.length) {
      const index = next++;
      const batch = batches[index]!;
      results[index] = await compressBatch(batch, packing, verified);
      done += batch.reduce((sum, { size }) => sum + size, 0);
      packing.onEvent?.({ type: "progress", stage: "erofs", done, total, unit: "bytes" });
    }
  };
  await Promise.all(Array.from({ length: packing.workers.jobs + 2 }, work));
  const contents: Content[] = [];
  let block = 0;
  for (const [i, batch] of batches.entries()) {
    const result = results[i]!;
    const { pieces, start } = readExtentTable((offset, length) => result.read(offset, length));
    for (const [j, extents] of pieces.entries()) {
      const { file, offset } = batch[j]!;
      if (offset === 0) file.block = block;
      if (extents.length > 0) file.extents.push(extents);
      block += blocksOf([extents]);
    }
    contents.push(sliceContent(result, start, result.size - start));
  }
  const files = new Map<FileNode, CompressedFile>();
  for (const [node, { extents, block: first }] of uniqueOf)
    if (extents.length > 0) files.set(node, { extents, block: first });
  return { files, contents, blocks: block };
}

async function findUnique(nodes: readonly FileNode[], { cacheable }: ErofsPacking): Promise<Map<FileNode, Unique>> {
  const uniqueOf = new Map<FileNode, Unique>();
  const known = new Map<string, Unique>();
  for (const node of nodes) {
    const { content } = node;
    if (content.size <= BLOCK_BYTES) continue;
    const digest = content.digest ?? (await hashContent(content));
    const isCacheable = cacheable?.(node) ?? true;
    const key = `${digest} ${isCacheable}`;
    const file = known.get(key) ?? { content, digest, cacheable: isCacheable, extents: [], block: 0 };
    known.set(key, file);
    uniqueOf.set(node, file);
  }
  return uniqueOf;
}

function planBatches(files: readonly Unique[]): Piece[][] {
  const batches: Piece[][] = [];
  let batch: Piece[] = [];
  let filled = 0;
  const close = (): void => {
    if (batch.length > 0) batches.push(batch);
    batch = [];
    filled = 0;
  };
  for (const file of files) {
    const { size } = file.content;
    if (batch.length > 0 && batch[0]!.file.cacheable !== file.cacheable) close();
    for (let offset = 0; offset < size; offset += BATCH_MAX) {
      const piece = { file, offset, size: Math.min(BATCH_MAX, size - offset) };
      if (filled + piece.size > BATCH_MAX) close();
      batch.push(piece);
      filled += piece.size;
    }
    if (filled >= BATCH_MIN && Number.parseInt(file.digest[0]!, 16) % 8 === 0) close();
  }
  close();
  return batches;
}

async function compressBatch(
  batch: readonly Piece[],
  packing: ErofsPacking,
  verified: Set<Unique>,
): Promise<FileContent> {
  const { compression, cache, workers } = packing;
  const sizes = clusterSizes(packing);
  const compress = async (output: string | undefined): Promise<Uint8Array | undefined> => {
    for (const piece of batch) await verifyWhole(piece, verified);
    return workers.run(compressFilesTask, {
      parts: batch.map(partOf),
      pieces: batch.map(({ file, size }) => ({ size, whole: size === file.content.size })),
      compression,
      ...sizes,
      output,
    });
  };
  if (!batch[0]!.file.cacheable) return contentOfBytes((await compress(undefined))!);
  const key = cacheKey([
    compression.type,
    String(compression.level),
    String(sizes.clusterBytes),
    ...batch.map(({ file, offset, size }) => `${file.digest} ${offset} ${size}`),
  ]);
  return writtenStep(cache, { name: "erofs", version: STEP_VERSION, key }, async (output) => {
    await compress(output);
  });
}

/** A part of a file cannot be held to the file's sha256: the whole is, once, before its first part is taken. */
async function verifyWhole({ file, size }: Piece, verified: Set<Unique>): Promise<void> {
  if (size === file.content.size || file.content.digest === undefined || verified.has(file)) return;
  verified.add(file);
  for await (const _ of file.content.chunks());
}

function partOf({ file, offset, size }: Piece): ContentPart {
  const { content } = file;
  if (content.location === undefined) return content.read(offset, size);
  const sha256 = size === content.size ? file.digest : undefined;
  return { path: content.location.path, offset: content.location.offset + offset, size, sha256 };
}
