/**
 * A range of a content that can only be streamed, held so that it can be read anywhere: blocks of zeros are not kept.
 */

import type { Content, FileContent } from "../bytes/content.js";
import { sliceContent } from "../bytes/slice-content.js";
import { AssembleError } from "../errors/assemble-error.js";

const BLOCK_BYTES = 1 << 16;
/** What a partition with a UKI may hold. */
const HELD_BYTES_MAX = 2 ** 31;

/**
 * Reads a range once and holds its data.
 *
 * @param range `size`: what the result states; behind the range there are zeros
 * @throws AssembleError `measure/disk-unknown` where it holds 2 GiB of data or more
 */
export async function gatherContent(
  content: Content,
  { offset, length, size }: { readonly offset: number; readonly length: number; readonly size: number },
): Promise<FileContent> {
  const blocks = new Map<number, Uint8Array>();
  let at = 0;
  for await (const chunk of sliceContent(content, offset, length).chunks()) {
    for (let from = 0; from < chunk.length; ) {
      const within = at % BLOCK_BYTES;
      const piece = chunk.subarray(from, from + BLOCK_BYTES - within);
      if (piece.some((byte) => byte !== 0)) {
        const index = Math.floor(at / BLOCK_BYTES);
        const block = blocks.get(index) ?? new Uint8Array(BLOCK_BYTES);
        block.set(piece, within);
        blocks.set(index, block);
        if (blocks.size * BLOCK_BYTES > HELD_BYTES_MAX)
          throw new AssembleError("measure/disk-unknown", "Cannot measure the disk: its ESP holds more than 2 GiB");
      }
      at += piece.length;
      from += piece.length;
    }
  }
  const read = (start = 0, count = size - start): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(count, size - start)));
    for (let done = 0; done < bytes.length; ) {
      const within = (start + done) % BLOCK_BYTES;
      const step = Math.min(BLOCK_BYTES - within, bytes.length - done);
      const block = blocks.get(Math.floor((start + done) / BLOCK_BYTES));
      if (block !== undefined) bytes.set(block.subarray(within, within + step), done);
      done += step;
    }
    return bytes;
  };
  return {
    size,
    read,
    async *chunks() {
      for (let start = 0; start < size; start += BLOCK_BYTES) yield read(start, BLOCK_BYTES);
    },
  };
}
