/**
 * Compresses an LZ4 block (LZ4 Block Format Description, 2022-07-31): no frame, no checksum. Of its own, so that its bytes are the
 * project's to keep.
 *
 * A match costs the same whatever its distance, so of all matches at a position the longest is enough: binary trees find it for every
 * position, then one pass from the end chooses the cheapest way through. Checked by: unsquashfs, the kernel.
 */

/** Levels: a search takes at most 4 × level steps. */
export const lz4Levels = { min: 1, max: 12 } as const;

const HASH_BITS = 16;
const DISTANCE_MAX = 65535;
const MATCH_MIN = 4;
/** "The last match must start at least 12 bytes before the end of block"; "the last 5 bytes are always literals". */
const LAST_MATCH = 12;
const LAST_LITERALS = 5;
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

/** Binary trees, sorted by what follows: a search walks down one and puts its own position at the top (the match finder of LZMA). */
function findMatches(bytes: Uint8Array, depth: number): Matches {
  const size = bytes.length;
  const lengths = new Uint32Array(size);
  const distances = new Uint16Array(size);
  const heads = new Int32Array(1 << HASH_BITS).fill(-1);
  const children = new Int32Array(2 * size);
  const end = size - LAST_LITERALS;
  for (let at = 0; at <= size - LAST_MATCH; at++) {
    const before = at > 0 ? lengths[at - 1]! : 0;
    if (before > NICE_LENGTH) {
      lengths[at] = before - 1;
      distances[at] = distances[at - 1]!;
      continue;
    }
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    let candidate = heads[hash]!;
    heads[hash] = at;
    const limit = Math.min(end, at + NICE_LENGTH);
    let best = at + MATCH_MIN - 1;
    let source = -1;
    // Where the next candidate goes below what is smaller and what is larger, and how much they share with this position.
    let larger = 2 * at + 1;
    let smaller = 2 * at;
    let sharedLarger = 0;
    let sharedSmaller = 0;
    for (let steps = depth; ; steps--) {
      if (steps === 0 || candidate < 0 || at - candidate > DISTANCE_MAX) {
        children[larger] = -1;
        children[smaller] = -1;
        break;
      }
      let to = at + Math.min(sharedLarger, sharedSmaller);
      const shift = candidate - at;
      while (to < limit && bytes[to + shift] === bytes[to]) to++;
      if (to > best) {
        best = to;
        source = candidate;
      }
      const pair = 2 * candidate;
      if (to === limit) {
        children[smaller] = children[pair]!;
        children[larger] = children[pair + 1]!;
        break;
      }
      if (bytes[to + shift]! < bytes[to]!) {
        children[smaller] = candidate;
        smaller = pair + 1;
        candidate = children[smaller]!;
        sharedSmaller = to - at;
      } else {
        children[larger] = candidate;
        larger = pair;
        candidate = children[larger]!;
        sharedLarger = to - at;
      }
    }
    if (source < 0) continue;
    while (best < end && bytes[best + source - at] === bytes[best]) best++;
    lengths[at] = best - at;
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

/** Further bytes of a length that has 4 bits in the token. */
function extension(length: number): number {
  return length < 15 ? 0 : 1 + Math.floor((length - 15) / 255);
}

function encode(bytes: Uint8Array, matches: Matches, chosen: Uint32Array): Uint8Array {
  const size = bytes.length;
  const output = new Uint8Array(size + Math.floor(size / 255) + 16);
  let to = 0;
  const putLength = (length: number): void => {
    let rest = length - 15;
    if (rest < 0) return;
    for (; rest >= 255; rest -= 255) output[to++] = 255;
    output[to++] = rest;
  };
  let anchor = 0;
  const putSequence = (at: number, length: number): void => {
    const literals = at - anchor;
    output[to++] = (Math.min(15, literals) << 4) | (length === 0 ? 0 : Math.min(15, length - MATCH_MIN));
    putLength(literals);
    output.set(bytes.subarray(anchor, at), to);
    to += literals;
    anchor = at + length;
    if (length === 0) return;
    const distance = matches.distances[at]!;
    output[to++] = distance & 255;
    output[to++] = distance >> 8;
    putLength(length - MATCH_MIN);
  };
  for (let at = 0; at < size; ) {
    const length = chosen[at]!;
    if (length > 0) putSequence(at, length);
    at += length === 0 ? 1 : length;
  }
  putSequence(size, 0);
  return output.slice(0, to);
}
