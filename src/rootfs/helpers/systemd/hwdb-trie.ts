/**
 * The radix tree that hwdb.bin is written from: a node's match patterns share what is on the way to it. Nodes and values are numbers
 * in flat arrays: the base image's hwdb has 300,000 of them.
 */
import type { StringTable } from "./string-table.js";

const NONE = -1;

/** A property of a node, as it stands in the file. */
export interface HwdbValue {
  readonly keyOffset: number;
  readonly valueOffset: number;
  readonly filenameOffset: number;
  readonly lineNumber: number;
  readonly filePriority: number;
}

/** A radix tree that grows. The prefixes' bytes lie in the string table. */
export class HwdbTrie {
  static readonly root = 0;
  readonly #strings: StringTable;
  readonly #prefixOffset: number[] = [0];
  readonly #prefixSize: number[] = [0];
  readonly #character: number[] = [0];
  /** First child and next sibling, by character. */
  readonly #firstChild: number[] = [NONE];
  readonly #sibling: number[] = [NONE];
  readonly #values: (HwdbValue[] | undefined)[] = [undefined];
  #valueCount = 0;

  constructor(strings: StringTable) {
    this.#strings = strings;
  }

  /** How many nodes there are. */
  get nodes(): number {
    return this.#prefixOffset.length;
  }

  /** How many values there are. */
  get values(): number {
    return this.#valueCount;
  }

  /** The node of a match pattern, made if it is not there. It stays the pattern's node whatever comes after it. */
  insert(match: Uint8Array): number {
    let parent = NONE;
    let node = HwdbTrie.root;
    for (let i = 0; ; ) {
      const offset = this.#prefixOffset[node]!;
      const size = this.#prefixSize[node]!;
      let same = 0;
      while (same < size && this.#strings.byteAt(offset + same) === match[i + same]) same++;
      if (same < size) node = this.#split(parent, node, same);
      i += same;
      if (i >= match.length) return node;
      const child = this.#childOf(node, match[i]!);
      if (child === NONE) return this.#addChild(node, match[i]!, match.subarray(i + 1));
      parent = node;
      node = child;
      i++;
    }
  }

  /** Gives a node a value, in place of the one with that key. */
  setValue(node: number, value: HwdbValue): void {
    const values = this.#values[node];
    if (values === undefined) this.#values[node] = [value];
    else {
      const known = values.findIndex((other) => other.keyOffset === value.keyOffset);
      if (known >= 0) {
        values[known] = value;
        return;
      }
      values.push(value);
    }
    this.#valueCount++;
  }

  /** The children of a node, by character. */
  childrenOf(node: number): number[] {
    const children: number[] = [];
    for (let child = this.#firstChild[node]!; child !== NONE; child = this.#sibling[child]!) children.push(child);
    return children;
  }

  /** The values of a node, in the order they came. */
  valuesOf(node: number): HwdbValue[] {
    return this.#values[node] ?? [];
  }

  /** Where a node's prefix is in the string table. */
  prefixOffset(node: number): number {
    return this.#prefixOffset[node]!;
  }

  /** The byte that leads from its parent to a node. */
  character(node: number): number {
    return this.#character[node]!;
  }

  #childOf(node: number, character: number): number {
    let child = this.#firstChild[node]!;
    while (child !== NONE && this.#character[child]! < character) child = this.#sibling[child]!;
    return child !== NONE && this.#character[child] === character ? child : NONE;
  }

  #addChild(parent: number, character: number, prefix: Uint8Array): number {
    const offset = this.#strings.addBytes(prefix);
    const node = this.#add(character, offset, prefix.length);
    let before = NONE;
    let after = this.#firstChild[parent]!;
    while (after !== NONE && this.#character[after]! < character) {
      before = after;
      after = this.#sibling[after]!;
    }
    this.#sibling[node] = after;
    if (before === NONE) this.#firstChild[parent] = node;
    else this.#sibling[before] = node;
    return node;
  }

  /** Puts a new node with the first `size` bytes of a node's prefix above it, and gives that new node. */
  #split(parent: number, node: number, size: number): number {
    const offset = this.#prefixOffset[node]!;
    const text = this.#strings.bytes();
    const next = text[offset + size]!;
    // Its own entry in the table, not the beginning of a longer one: strings there end with NUL.
    const upper = this.#add(this.#character[node]!, this.#strings.addBytes(text.slice(offset, offset + size)), size);
    this.#prefixOffset[node] = offset + size + 1;
    this.#prefixSize[node] = this.#prefixSize[node]! - size - 1;
    this.#character[node] = next;
    this.#firstChild[upper] = node;
    this.#sibling[upper] = this.#sibling[node]!;
    this.#sibling[node] = NONE;
    if (this.#firstChild[parent] === node) this.#firstChild[parent] = upper;
    else {
      let before = this.#firstChild[parent]!;
      while (this.#sibling[before] !== node) before = this.#sibling[before]!;
      this.#sibling[before] = upper;
    }
    return upper;
  }

  #add(character: number, prefixOffset: number, prefixSize: number): number {
    this.#prefixOffset.push(prefixOffset);
    this.#prefixSize.push(prefixSize);
    this.#character.push(character);
    this.#firstChild.push(NONE);
    this.#sibling.push(NONE);
    this.#values.push(undefined);
    return this.#prefixOffset.length - 1;
  }
}
