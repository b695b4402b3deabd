/**
 * Places for inodes with what follows them: a tail of data may not cross a block, so gaps at the ends of blocks are filled with
 * whatever fits best. Nothing is asked of the order but that the root comes first: its number has 16 bits.
 */
import { alignUp, BLOCK_BYTES, SLOT_BYTES } from "./structures.js";

/** What wants a place: bytes that may cross blocks, or must stay inside of one. */
export interface Wanted {
  readonly bytes: number;
}

/** Places, in the order of what was wanted. */
export interface Places {
  readonly offsets: readonly number[];
  /** Blocks from the first on. */
  readonly blocks: number;
}

const SLOTS = BLOCK_BYTES / SLOT_BYTES;

/** Places all; `start` is the first free byte of the first block. */
export function placeInodes(wanted: readonly Wanted[], start: number): Places {
  /** Free ends of blocks by their size in slots. */
  const gaps: number[][] = Array.from({ length: SLOTS + 1 }, () => []);
  let blocks = 1;
  const keep = (from: number, slots: number): void => {
    if (slots > 0) gaps[slots]!.push(from);
  };
  const first = alignUp(start, SLOT_BYTES);
  keep(first, (BLOCK_BYTES - first) / SLOT_BYTES);
  const offsets = wanted.map(({ bytes }) => {
    const slots = alignUp(bytes, SLOT_BYTES) / SLOT_BYTES;
    for (let size = slots; size <= SLOTS; size++) {
      const from = gaps[size]!.pop();
      if (from === undefined) continue;
      keep(from + slots * SLOT_BYTES, size - slots);
      return from;
    }
    const from = blocks * BLOCK_BYTES;
    const end = from + slots * SLOT_BYTES;
    blocks = Math.ceil(end / BLOCK_BYTES);
    keep(end, (blocks * BLOCK_BYTES - end) / SLOT_BYTES);
    return from;
  });
  return { offsets, blocks };
}
