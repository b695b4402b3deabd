/**
 * Fills a block of a given size with as much input as its LZ4 form holds (LZ4 Block Format Description, 2022-07-31): what EROFS stores.
 *
 * One pass forward: `MatchTree` finds the longest match at each position, and the cheapest way to every position is kept, so that in the end
 * the farthest one is taken that the block has room for. Checked by: fsck.erofs, the kernel.
 */
import { BlockWriter, extension, LAST_LITERALS, LAST_MATCH, MATCH_MIN } from "./block-format.js";
import { MatchTree } from "./match-tree.js";

const HASH_BITS = 15;
/** A match of this length or more is taken whole. */
const NICE_LENGTH = 160;
const UNREACHED = 0x3fffffff;

/** A filled block. */
export interface FilledBlock {
  /** Bytes of input that it holds. */
  readonly consumed: number;
  readonly block: Uint8Array;
}

/** Fills blocks; its memory is used again for each. */
export class Lz4Filler {
  private readonly tree: MatchTree;
  /** Bytes of the cheapest way to a position, with the literals that end it, the length of the match that ends it, and its distance. */
  private readonly cost: Int32Array;
  private readonly run: Int32Array;
  private readonly length: Int32Array;
  private readonly distance: Uint16Array;

  /** `inputMax` is the most that is put into a block. */
  constructor(inputMax: number) {
    this.tree = new MatchTree({ size: inputMax, hashBits: HASH_BITS, niceLength: NICE_LENGTH });
    this.cost = new Int32Array(inputMax + 1);
    this.run = new Int32Array(inputMax + 1);
    this.length = new Int32Array(inputMax + 1);
    this.distance = new Uint16Array(inputMax + 1);
  }

  /** Fills a block of at most `capacity` bytes from the start of `input`; a search takes at most `depth` steps. */
  fill(input: Uint8Array, { capacity, depth }: { readonly capacity: number; readonly depth: number }): FilledBlock {
    const size = Math.min(input.length, this.cost.length - 1);
    const bytes = input.subarray(0, size);
    const reached = this.search(bytes, capacity, depth);
    for (let end = reached; end > 0; end--) {
      for (const literals of [0, LAST_LITERALS, 8, LAST_MATCH]) {
        const price = this.priceOfEnd(end - literals, literals);
        if (price <= capacity)
          return { consumed: end, block: this.encode(bytes, { from: end - literals, end, price }) };
      }
    }
    throw new RangeError(`${capacity} bytes are no room for an LZ4 block`);
  }

  /** Finds the cheapest ways; returns the last position that one leads to. */
  private search(bytes: Uint8Array, capacity: number, depth: number): number {
    const { cost, run, length, distance, tree } = this;
    const size = bytes.length;
    tree.reset();
    cost.fill(UNREACHED, 0, size + 1);
    cost[0] = 0;
    run[0] = 0;
    length[0] = 0;
    const limit = size - LAST_LITERALS;
    let reached = 0;
    for (let at = 0; at < size; at++) {
      const here = cost[at]!;
      if (here > capacity) break;
      reached = at + 1;
      const literals = run[at]! + 1;
      const price = here + 1 + (literals >= 15 && (literals - 15) % 255 === 0 ? 1 : 0);
      if (price < cost[at + 1]!) {
        cost[at + 1] = price;
        run[at + 1] = literals;
        length[at + 1] = 0;
      }
      if (at > size - LAST_MATCH) continue;
      const source = tree.longest(bytes, { at, limit, depth });
      if (source < 0) continue;
      const longest = tree.end - at;
      const first = longest >= NICE_LENGTH ? longest : MATCH_MIN;
      for (let candidate = first; candidate <= longest; candidate++) {
        const to = at + candidate;
        const total = here + 3 + extension(candidate - MATCH_MIN);
        if (total >= cost[to]!) continue;
        cost[to] = total;
        run[to] = 0;
        length[to] = candidate;
        distance[to] = at - source;
      }
      if (longest < NICE_LENGTH) continue;
      // The way goes on behind it: nothing inside is looked at.
      at += longest - 1;
      reached = at + 1;
    }
    return reached;
  }

  /** Bytes of a block that ends with this many literals behind a position; `UNREACHED` where the format forbids it. */
  private priceOfEnd(from: number, more: number): number {
    if (from < 0 || this.cost[from]! >= UNREACHED) return UNREACHED;
    const before = this.run[from]!;
    const literals = before + more;
    const matchEnd = from - before;
    if (matchEnd > 0 && (literals < LAST_LITERALS || literals + this.length[matchEnd]! < LAST_MATCH)) return UNREACHED;
    return this.cost[from]! + more + extension(literals) - extension(before) + 1;
  }

  private encode(
    bytes: Uint8Array,
    { from, end, price }: { readonly from: number; readonly end: number; readonly price: number },
  ): Uint8Array {
    const matches: number[] = [];
    for (let at = from; at > 0; ) {
      at -= this.run[at]!;
      if (at === 0) break;
      matches.push(at);
      at -= this.length[at]!;
    }
    const block = new BlockWriter(bytes, price);
    for (const matchEnd of matches.reverse()) {
      const length = this.length[matchEnd]!;
      block.match(matchEnd - length, { length, distance: this.distance[matchEnd]! });
    }
    return block.finish(end);
  }
}
