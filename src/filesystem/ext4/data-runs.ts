/**
 * Which blocks of a file have data: a block of nothing but zeros is a hole and takes no room. The bytes are read once for it.
 */

import type { FileContent } from "../../bytes/content.js";

/** `count` blocks of a file from its block `first` on. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** The runs of blocks that are not all zeros, in order. */
export async function dataRuns(content: FileContent, blockSize: number): Promise<Run[]> {
  const runs: { first: number; count: number }[] = [];
  const zeros = new Uint8Array(blockSize);
  let at = 0;
  const see = (isZero: boolean, block: number): void => {
    if (isZero) return;
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.count > block) return;
    if (last !== undefined && last.first + last.count === block) last.count++;
    else runs.push({ first: block, count: 1 });
  };
  for await (const chunk of content.chunks(true)) {
    for (let from = 0; from < chunk.length; ) {
      // A block that two chunks share counts if either part has data.
      const count = Math.min(blockSize - ((at + from) % blockSize), chunk.length - from);
      const isZero = chunk[from] === 0 && isAllZero(chunk.subarray(from, from + count), zeros);
      see(isZero, Math.floor((at + from) / blockSize));
      from += count;
    }
    at += chunk.length;
  }
  if (at !== content.size) throw new RangeError(`a content of ${content.size} bytes gave ${at}`);
  return runs;
}

function isAllZero(bytes: Uint8Array, zeros: Uint8Array): boolean {
  return Buffer.compare(bytes, zeros.subarray(0, bytes.length)) === 0;
}
