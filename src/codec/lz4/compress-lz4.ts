/**
 * Compresses an LZ4 block (LZ4 Block Format Description, 2022-07-31): no frame, no checksum. Of its own, so that its bytes are the
 * project's to keep.
 *
 * A match costs the same whatever its distance, so of all matches at a position the longest is enough: binary trees find it for every
 * position, then one pass from the end chooses the cheapest way through. Checked by: unsquashfs, the kernel.
 */
import { BlockWriter, extension, LAST_LITERALS, LAST_MATCH, MATCH_MIN } from "./block-format.js";
import { MatchTree } from "./match-tree.js";

/** Levels: a search takes at most 4 × level steps. */
export const lz4Levels = { min: 1, max: 12 } as const;

const HASH_BITS = 16;
/** A match of this length is long enough to end the search; the positions inside it take its rest. */
const NICE_LENGTH = 128;

/** The matches at each position: length 0 where there is none. */
interface Matches {
  readonly lengths: Uint32Array;
  readonly distances: Uint16Array;
}

/** Compresses bytes into one block; the result may be larger than the input. */
export function compressLz4Block(bytes: Uint8Array, level: number): Uint8Array {
  if (!Number.isInteger(level) || level < lz4Levels.min || level > lz4Levels.max)
    throw new RangeError(`${level} is no LZ4 level from ${lz4Levels.min} to ${lz4Levels.max}`);
  const matches = findMatches(bytes, 4 * level);
  return encode(bytes, matches, chooseLengths(bytes.length, matches));
}

/** The longest match at every position. */
function findMatches(bytes: Uint8Array, depth: number): Matches {
  const size = bytes.length;
  const lengths = new Uint32Array(size);
  const distances = new Uint16Array(size);
  const tree = new MatchTree({ size, hashBits: HASH_BITS, niceLength: NICE_LENGTH });
  const limit = size - LAST_LITERALS;
  for (let at = 0; at <= size - LAST_MATCH; at++) {
    const before = at > 0 ? lengths[at - 1]! : 0;
    if (before > NICE_LENGTH) {
      lengths[at] = before - 1;
      distances[at] = distances[at - 1]!;
      continue;
    }
    const source = tree.longest(bytes, { at, limit, depth });
    if (source < 0) continue;
    lengths[at] = tree.end - at;
    distances[at] = at - source;
  }
  return { lengths, distances };
}

/** The length of the match to take at each position, 0 for a literal: the cheapest way from there to the end. */
function chooseLengths(size: number, matches: Matches): Uint32Array {
  const chosen = new Uint32Array(size);
  const cost = new Float64Array(size + 1);
  /** Literals that follow when the way goes on from here. */
  const run = new Uint32Array(size + 1);
  for (let at = size - 1; at >= 0; at--) {
    const literals = run[at + 1]! + 1;
    let least = cost[at + 1]! + 1 + (literals >= 15 && (literals - 15) % 255 === 0 ? 1 : 0);
    const longest = matches.lengths[at]!;
    let length = 0;
    // Beyond a nice length, a shorter match is not worth looking at.
    const shortest = longest > NICE_LENGTH ? longest : MATCH_MIN;
    for (let candidate = longest; candidate >= shortest; candidate--) {
      const price = cost[at + candidate]! + 3 + extension(candidate - MATCH_MIN);
      if (price < least) {
        least = price;
        length = candidate;
      }
    }
    chosen[at] = length;
    cost[at] = least;
    run[at] = length > 0 ? 0 : literals;
  }
  return chosen;
}

function encode(bytes: Uint8Array, matches: Matches, chosen: Uint32Array): Uint8Array {
  const size = bytes.length;
  const block = new BlockWriter(bytes, size + Math.floor(size / 255) + 16);
  for (let at = 0; at < size; ) {
    const length = chosen[at]!;
    if (length > 0) block.match(at, { length, distance: matches.distances[at]! });
    at += length === 0 ? 1 : length;
  }
  return block.finish(size);
}
