/**
 * The worker's task: gathers the bytes of a batch and compresses them block by block.
 */
import { type ContentPart, fillParts } from "../../io/content-parts.js";
import { defineTask } from "../../io/workers.js";
import { type SquashfsCompression, startCompressor, threadEncoders } from "./compression.js";
import { BLOCK_STORED } from "./structures.js";

/** A batch to compress. */
export interface CompressBlocksInput {
  readonly parts: readonly ContentPart[];
  /** Sizes of the runs of bytes that are cut into blocks, each from its own start. */
  readonly runSizes: readonly number[];
  readonly blockSize: number;
  readonly compression: SquashfsCompression;
  /** Whether blocks of zeros are left out: those of fragments are not. */
  readonly sparse: boolean;
}

/** The task. */
export const compressBlocksTask = defineTask<CompressBlocksInput, Uint8Array>(import.meta.url, "compressBlocks");

const encoders = threadEncoders();

/**
 * Compresses a batch. The result is the number of blocks (u32), their sizes as an inode has them (u32 each; 0 for a block of
 * zeros, which is not stored), and the stored blocks.
 *
 * @throws AssembleError `io/cache-damaged`
 */
export function compressBlocks(input: CompressBlocksInput): Uint8Array {
  const { runSizes, blockSize, compression, sparse } = input;
  const bytes = new Uint8Array(runSizes.reduce((sum, size) => sum + size, 0));
  fillParts(input.parts, bytes);
  const compress = startCompressor(compression, encoders);
  const words: number[] = [];
  const stored: Uint8Array[] = [];
  let start = 0;
  for (const size of runSizes) {
    for (let at = start; at < start + size; at += blockSize) {
      const block = bytes.subarray(at, Math.min(at + blockSize, start + size));
      if (sparse && isZero(block)) {
        words.push(0);
        continue;
      }
      const compressed = compress(block);
      words.push(compressed === undefined ? block.length | BLOCK_STORED : compressed.length);
      stored.push(compressed ?? block);
    }
    start += size;
  }
  const head = Buffer.alloc(4 + 4 * words.length);
  head.writeUInt32LE(words.length, 0);
  for (const [i, word] of words.entries()) head.writeUInt32LE(word, 4 + 4 * i);
  return new Uint8Array(Buffer.concat([head, ...stored]));
}

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
