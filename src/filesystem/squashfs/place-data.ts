/**
 * Where each file's data lies in the image, once the sizes of all blocks are known.
 */
import type { FileNode } from "../../rootfs/tree/node.js";
import type { DataPlan, StoredFile } from "./plan-data.js";
import type { StoredData } from "./store-data.js";
import { BLOCK_STORED } from "./structures.js";
import type { FileExtent } from "./write-inode.js";

/** The data with its places. */
export interface PlacedData {
  readonly extentOf: (file: FileNode) => FileExtent | undefined;
  /** Start and size of every fragment, the size as it is stored. */
  readonly fragments: readonly { readonly start: number; readonly word: number }[];
  /** Where the data ends. */
  readonly end: number;
}

/** Places the batches one after the other from `start` on. */
export function placeData(
  plan: DataPlan,
  data: StoredData,
  options: { readonly start: number; readonly blockSize: number },
): PlacedData {
  const { blockSize } = options;
  const blocks = new Map<StoredFile, { start: number; words: number[]; sparseBytes: number }>();
  const fragments: { readonly start: number; readonly word: number }[] = [];
  let at = options.start;
  for (const [i, batch] of plan.batches.entries()) {
    const { words } = data.batches[i]!;
    let next = 0;
    for (const run of batch.runs) {
      if (batch.kind === "fragments") {
        const word = words[next++]!;
        fragments.push({ start: at, word });
        at += word & (BLOCK_STORED - 1);
        continue;
      }
      const { file, size } = run[0]!;
      let extent = blocks.get(file);
      if (extent === undefined) {
        extent = { start: at, words: [], sparseBytes: 0 };
        blocks.set(file, extent);
      }
      for (let left = size; left > 0; left -= blockSize) {
        const word = words[next++]!;
        extent.words.push(word);
        if (word === 0) extent.sparseBytes += Math.min(left, blockSize);
        at += word & (BLOCK_STORED - 1);
      }
    }
  }
  const extentOf = (file: FileNode): FileExtent => {
    const stored = plan.stored.get(file);
    const found = stored === undefined ? undefined : blocks.get(stored);
    const fragment = stored === undefined ? undefined : plan.fragmentOf.get(stored);
    return {
      start: found?.start ?? 0,
      words: found?.words ?? [],
      sparseBytes: found?.sparseBytes ?? 0,
      fragment,
    };
  };
  return { extentOf, fragments, end: at };
}
