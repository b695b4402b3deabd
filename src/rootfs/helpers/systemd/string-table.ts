/**
 * The string table of systemd's binary files (hwdb.bin, the journal catalog): NUL-terminated strings in the order they were first
 * needed; a string that is the tail of an earlier one points into it. Observed behaviour: which of several tails is taken follows
 * from a trie over the reversed strings that grows one node a string.
 *
 * Nodes are numbers in flat arrays: hwdb.bin adds a hundred thousand strings half a million times, and an object and a Map for each
 * took most of the time that configuring the base image takes.
 */

const EMPTY = -1;
/** Knuth's multiplicative hash: 2^32 divided by the golden ratio, made odd. */
const HASH_FACTOR = 0x9e3779b1;

/** A string table that grows. */
export class StringTable {
  #buffer: Uint8Array;
  #length = 1;
  /** By node: where its string is. Node 0 is the root, whose string is empty. */
  #offsets: Int32Array = new Int32Array(1 << 10);
  #sizes: Int32Array = new Int32Array(1 << 10);
  #nodes = 1;
  /** Open addressing: pairs of (parent node * 256 + byte, child node). */
  #edges: Int32Array = new Int32Array(1 << 12).fill(EMPTY);

  /** `expectedBytes` saves growing: each time it grows, what was there before stays in memory until it is collected. */
  constructor(expectedBytes = 1 << 16) {
    this.#buffer = new Uint8Array(expectedBytes);
  }

  /** Bytes of the table so far. */
  get size(): number {
    return this.#length;
  }

  /** The offset of a byte string, added if neither it nor a string that ends in it is there. */
  add(text: string): number {
    return this.addBytes(Buffer.from(text, "latin1"));
  }

  /** The offset of a part of some bytes, as `add` gives it. */
  addBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const size = end - start;
    let node = 0;
    for (let depth = 0; ; depth++) {
      if (this.#sizes[node]! >= size && this.#endsWith(node, bytes, start, size))
        return this.#offsets[node]! + this.#sizes[node]! - size;
      // A node `depth` edges down shares its last `depth` bytes with the string: one of that size has been found by now.
      const edge = node * 256 + bytes[end - 1 - depth]!;
      const slot = this.#slotOf(edge);
      if (this.#edges[slot] === EMPTY) return this.#addNode(slot, edge, bytes.subarray(start, end));
      node = this.#edges[slot + 1]!;
    }
  }

  /** A byte of the table. */
  byteAt(offset: number): number {
    return this.#buffer[offset]!;
  }

  /** The table itself. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #endsWith(node: number, bytes: Uint8Array, start: number, size: number): boolean {
    const buffer = this.#buffer;
    const from = this.#offsets[node]! + this.#sizes[node]! - size;
    for (let i = size - 1; i >= 0; i--) if (buffer[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #slotOf(edge: number): number {
    const edges = this.#edges;
    const mask = edges.length - 1;
    let slot = (Math.imul(edge, HASH_FACTOR) >>> 7) * 2;
    for (; ; slot += 2) {
      slot &= mask;
      if (edges[slot] === edge || edges[slot] === EMPTY) return slot;
    }
  }

  /** Gives the offset of the text. */
  #addNode(slot: number, edge: number, text: Uint8Array): number {
    const node = this.#nodes++;
    if (node === this.#offsets.length) {
      this.#offsets = enlarged(this.#offsets);
      this.#sizes = enlarged(this.#sizes);
    }
    this.#offsets[node] = this.#append(text);
    this.#sizes[node] = text.length;
    this.#edges[slot] = edge;
    this.#edges[slot + 1] = node;
    if (this.#nodes * 4 > this.#edges.length) this.#rehash();
    return this.#offsets[node]!;
  }

  #rehash(): void {
    const before = this.#edges;
    this.#edges = new Int32Array(before.length * 2).fill(EMPTY);
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] === EMPTY) continue;
      const slot = this.#slotOf(before[i]!);
      this.#edges[slot] = before[i]!;
      this.#edges[slot + 1] = before[i + 1]!;
    }
  }

  #append(text: Uint8Array): number {
    const offset = this.#length;
    const next = offset + text.length + 1;
    if (next > this.#buffer.length) {
      const larger = new Uint8Array(next * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer.set(text, offset);
    this.#length = next;
    return offset;
  }
}

function enlarged(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
