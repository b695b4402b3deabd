/**
 * The worker's task: gathers the bytes of a batch of files, or parts of one, and compresses each.
 */
import { Deflater } from "../../codec/deflate.js";
import { Lz4Compressor } from "../../codec/lz4/compress-lz4.js";
import { ZstdCompressor } from "../../codec/zstd/compress-zstd.js";
import { type ContentPart, fillParts } from "../../io/content-parts.js";
import { writeStepFile } from "../../io/step.js";
import { defineTask } from "../../io/workers.js";
import { extentWord } from "./extent-table.js";
import { type ExtentSettings, packExtents, startFilling } from "./pack-extents.js";
import { BLOCK_BYTES } from "./structures.js";

/** A batch to compress. */
export interface CompressFilesInput extends ExtentSettings {
  readonly parts: readonly ContentPart[];
  /** Bytes of each piece, and whether it is all of its file. */
  readonly pieces: readonly { readonly size: number; readonly whole: boolean }[];
  /** The step's file to write; without it the result comes back. */
  readonly output: string | undefined;
}

/** The task. */
export const compressFilesTask = defineTask<CompressFilesInput, Uint8Array | undefined>(
  import.meta.url,
  "compressFiles",
);

/** One a thread: WebAssembly is compiled once. It holds nothing that outlives a call. */
const encoders = { zstd: new ZstdCompressor(), deflater: new Deflater(), lz4: new Lz4Compressor() };
/** A batch's bytes, in the memory of the one before: the allocator does not give back what new arrays of this size have taken. */
const gathered = { bytes: new Uint8Array(0) };

/**
 * Compresses a batch. The result is a table of u32: the pieces; of each the number of its extents, and of these the size and the number of
 * blocks, with the highest bit for a plain one; then the blocks. A file that is not made smaller has no extents.
 *
 * @throws AssembleError `io/cache-damaged`
 */
export function compressFiles(input: CompressFilesInput): Uint8Array | undefined {
  const total = input.pieces.reduce((sum, { size }) => sum + size, 0);
  if (gathered.bytes.length < total) gathered.bytes = new Uint8Array(total);
  const bytes = gathered.bytes.subarray(0, total);
  fillParts(input.parts, bytes);
  const fill = startFilling(input, encoders);
  const table: number[] = [input.pieces.length];
  const stored: Uint8Array[] = [];
  let at = 0;
  for (const { size, whole } of input.pieces) {
    const packed = packExtents(bytes.subarray(at, at + size), fill, input.clusterBytes);
    at += size;
    const blocks = packed.extents.reduce((sum, extent) => sum + extent.blocks, 0);
    if (whole && blocks >= Math.ceil(size / BLOCK_BYTES)) {
      table.push(0);
      continue;
    }
    table.push(packed.extents.length);
    for (const extent of packed.extents) table.push(extent.size, extentWord(extent));
    stored.push(...packed.stored);
  }
  const head = new Uint8Array(Uint32Array.from([table.length, ...table]).buffer);
  if (input.output === undefined) return Buffer.concat([head, ...stored]);
  writeStepFile(input.output, [head, ...stored]);
  return undefined;
}

/** Takes a result's table apart: the extents of each piece (rows of an `ExtentTable`), and where the blocks begin. */
export function readExtentTable(read: (offset: number, length: number) => Uint8Array): {
  readonly pieces: readonly Uint32Array[];
  readonly start: number;
} {
  // A copy: the words are aligned, and what they came with is not kept.
  const words = (offset: number, count: number): Uint32Array =>
    new Uint32Array(new Uint8Array(read(4 * offset, 4 * count)).buffer);
  const length = words(0, 1)[0]!;
  const table = words(1, length);
  let at = 1;
  const pieces = Array.from({ length: table[0]! }, () => {
    const from = at + 1;
    at = from + 2 * table[at]!;
    return table.subarray(from, at);
  });
  return { pieces, start: 4 * (1 + length) };
}
