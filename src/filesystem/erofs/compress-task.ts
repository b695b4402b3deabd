/**
 * The worker's task: gathers the bytes of a batch of files, or parts of one, and compresses each.
 */
import { Deflater } from "../../codec/deflate.js";
import { ZstdCompressor } from "../../codec/zstd/compress-zstd.js";
import { type ContentPart, fillParts } from "../../io/content-parts.js";
import { writeStepFile } from "../../io/step.js";
import { defineTask } from "../../io/workers.js";
import type { ClusterExtent } from "./cluster-index.js";
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
const encoders = { zstd: new ZstdCompressor(), deflater: new Deflater() };
const PLAIN = 0x80000000;

/**
 * Compresses a batch. The result is a table of u32: the pieces; of each the number of its extents, and of these the size and the number of
 * blocks, with the highest bit for a plain one; then the blocks. A file that is not made smaller has no extents.
 *
 * @throws AssembleError `io/cache-damaged`
 */
export function compressFiles(input: CompressFilesInput): Uint8Array | undefined {
  const bytes = new Uint8Array(input.pieces.reduce((sum, { size }) => sum + size, 0));
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
    for (const extent of packed.extents) table.push(extent.size, extent.blocks + (extent.plain ? PLAIN : 0));
    stored.push(...packed.stored);
  }
  const head = new Uint8Array(Uint32Array.from([table.length, ...table]).buffer);
  if (input.output === undefined) return Buffer.concat([head, ...stored]);
  writeStepFile(input.output, [head, ...stored]);
  return undefined;
}

/** Takes a result's table apart: the extents of each piece, and where the blocks begin. */
export function readExtentTable(read: (offset: number, length: number) => Uint8Array): {
  readonly pieces: readonly (readonly ClusterExtent[])[];
  readonly start: number;
} {
  const words = (offset: number, count: number): number[] => {
    const bytes = read(4 * offset, 4 * count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
  };
  const [length] = words(0, 1) as [number];
  const table = words(1, length);
  let at = 1;
  const pieces = Array.from({ length: table[0]! }, () =>
    Array.from({ length: table[at++]! }, () => {
      const [size, word] = [table[at++]!, table[at++]!];
      return { size, blocks: word % PLAIN, plain: word >= PLAIN };
    }),
  );
  return { pieces, start: 4 * (1 + length) };
}
