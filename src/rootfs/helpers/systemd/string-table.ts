/**
 * The string table of systemd's binary files (hwdb.bin, the journal catalog): NUL-terminated strings in the order they were first
 * needed; a string that is the tail of an earlier one points into it. Observed behaviour: which of several tails is taken follows
 * from a trie over the reversed strings that grows one node a string.
 */

interface TailNode {
  readonly offset: number;
  readonly length: number;
  /** Made when the first child is: most nodes never have one. */
  children: Map<number, TailNode> | undefined;
}

/** A string table that grows. */
export class StringTable {
  #buffer = new Uint8Array(1 << 16);
  #length = 1;
  /** Offsets already given: keys and file names repeat a hundred thousand times. */
  readonly #known = new Map<string, number>();
  readonly #root: TailNode = { offset: 0, length: 0, children: undefined };

  /** Bytes of the table so far. */
  get size(): number {
    return this.#length;
  }

  /** The offset of a byte string, added if neither it nor a string that ends in it is there. */
  add(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const offset = this.#find(text);
    this.#known.set(text, offset);
    return offset;
  }

  #find(text: string): number {
    let node = this.#root;
    for (let depth = 0; ; depth++) {
      if (node.length >= text.length && this.#endsWith(node, text)) return node.offset + node.length - text.length;
      const code = text.charCodeAt(text.length - 1 - depth);
      const child = node.children?.get(code);
      if (child === undefined) {
        const added = { offset: this.#append(text), length: text.length, children: undefined };
        node.children ??= new Map();
        node.children.set(code, added);
        return added.offset;
      }
      node = child;
    }
  }

  /** The string at an offset of the table. */
  at(offset: number): string {
    return Buffer.from(this.#buffer.buffer, offset, this.#buffer.indexOf(0, offset) - offset).toString("latin1");
  }

  /** The table itself. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #endsWith(node: TailNode, text: string): boolean {
    const start = node.offset + node.length - text.length;
    for (let i = 0; i < text.length; i++) if (this.#buffer[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #append(text: string): number {
    const offset = this.#length;
    const end = offset + text.length + 1;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    for (let i = 0; i < text.length; i++) this.#buffer[offset + i] = text.charCodeAt(i);
    this.#length = end;
    return offset;
  }
}
