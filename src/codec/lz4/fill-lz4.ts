/**
 * Fills a block of a given size with as much input as its LZ4 form holds (LZ4 Block Format Description, 2022-07-31): what EROFS stores.
 *
 * One pass forward: binary trees find the longest match at each position, and the cheapest way to every position is kept, so that in the end
 * the farthest one is taken that the block has room for. Checked by: fsck.erofs, the kernel.
 */

const HASH_BITS = 15;
const DISTANCE_MAX = 65535;
const MATCH_MIN = 4;
/** "The last match must start at least 12 bytes before the end of block"; "the last 5 bytes are always literals". */
const LAST_MATCH = 12;
const LAST_LITERALS = 5;
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
  private readonly heads = new Int32Array(1 << HASH_BITS);
  private readonly children: Int32Array;
  /** Bytes of the cheapest way to a position, with the literals that end it, the length of the match that ends it, and its distance. */
  private readonly cost: Int32Array;
  private readonly run: Int32Array;
  private readonly length: Int32Array;
  private readonly distance: Uint16Array;

  /** `inputMax` is the most that is put into a block. */
  constructor(inputMax: number) {
    this.children = new Int32Array(2 * inputMax);
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
    const { cost, run, length, distance } = this;
    const size = bytes.length;
    this.heads.fill(-1);
    cost.fill(UNREACHED, 0, size + 1);
    cost[0] = 0;
    run[0] = 0;
    length[0] = 0;
    const end = size - LAST_LITERALS;
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
      const source = this.longest(bytes, { at, end, depth });
      if (source < 0) continue;
      const longest = this.found - at;
      const first = longest >= NICE_LENGTH ? longest : MATCH_MIN;
      for (let candidate = first; candidate <= longest; candidate++) {
        const to = at + candidate;
        const extra = candidate - MATCH_MIN;
        const total = here + 3 + (extra < 15 ? 0 : 1 + Math.floor((extra - 15) / 255));
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

  private found = 0;

  /** Where the longest match begins, or -1; its end is left in `found`. Binary trees sorted by what follows, as in LZMA's match finder. */
  private longest(
    bytes: Uint8Array,
    { at, end, depth }: { readonly at: number; readonly end: number; readonly depth: number },
  ): number {
    const { heads, children } = this;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    let candidate = heads[hash]!;
    heads[hash] = at;
    const limit = Math.min(end, at + NICE_LENGTH);
    let best = at + MATCH_MIN - 1;
    let source = -1;
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
      if (to >= limit) {
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
    if (source >= 0) while (best < end && bytes[best + source - at] === bytes[best]) best++;
    this.found = best;
    return source;
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
    const output = new Uint8Array(price);
    let to = 0;
    let anchor = 0;
    const putLength = (length: number): void => {
      let rest = length - 15;
      if (rest < 0) return;
      for (; rest >= 255; rest -= 255) output[to++] = 255;
      output[to++] = rest;
    };
    const putLiterals = (until: number, low: number): void => {
      const literals = until - anchor;
      output[to++] = (Math.min(15, literals) << 4) | low;
      putLength(literals);
      output.set(bytes.subarray(anchor, until), to);
      to += literals;
    };
    for (const matchEnd of matches.reverse()) {
      const length = this.length[matchEnd]!;
      const distance = this.distance[matchEnd]!;
      putLiterals(matchEnd - length, Math.min(15, length - MATCH_MIN));
      output[to++] = distance & 255;
      output[to++] = distance >> 8;
      putLength(length - MATCH_MIN);
      anchor = matchEnd;
    }
    putLiterals(end, 0);
    return output.subarray(0, to);
  }
}

/** Further bytes of a length that has 4 bits in the token. */
function extension(length: number): number {
  return length < 15 ? 0 : 1 + Math.floor((length - 15) / 255);
}
