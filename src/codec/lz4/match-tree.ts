/**
 * The longest match at a position, for LZ4's encoders: binary trees, sorted by what follows, as in the match finder of LZMA. A search walks down
 * one and puts its own position at the top.
 */
import { DISTANCE_MAX, MATCH_MIN } from "./block-format.js";

/** How trees are searched. */
export interface MatchTreeOptions {
  /** The most positions that are ever put in. */
  readonly size: number;
  readonly hashBits: number;
  /** A match of this length is long enough to end a search. */
  readonly niceLength: number;
}

/** Trees over the positions of one input; `reset` makes room for the next. */
export class MatchTree {
  /** Where the match ends that `longest` has just found. */
  end = 0;
  private readonly options: MatchTreeOptions;
  private readonly heads: Int32Array;
  private readonly children: Int32Array;

  constructor(options: MatchTreeOptions) {
    this.options = options;
    this.heads = new Int32Array(1 << options.hashBits).fill(-1);
    this.children = new Int32Array(2 * options.size);
  }

  /** Forgets all positions. */
  reset(): void {
    this.heads.fill(-1);
  }

  /** Puts a position in; returns where the longest match for it begins, -1 without one. A match ends at `limit` at the latest, a search after `depth` steps. */
  longest(bytes: Uint8Array, place: { readonly at: number; readonly limit: number; readonly depth: number }): number {
    const { heads, children } = this;
    const { hashBits, niceLength } = this.options;
    const { at, limit, depth } = place;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits);
    let candidate = heads[hash]!;
    heads[hash] = at;
    const nice = Math.min(limit, at + niceLength);
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
      while (to < nice && bytes[to + shift] === bytes[to]) to++;
      if (to > best) {
        best = to;
        source = candidate;
      }
      const pair = 2 * candidate;
      if (to >= nice) {
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
    if (source >= 0) while (best < limit && bytes[best + source - at] === bytes[best]) best++;
    this.end = best;
    return source;
  }
}
