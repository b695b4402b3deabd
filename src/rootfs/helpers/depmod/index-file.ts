/**
 * The .bin indexes of kmod: a radix tree of keys with values, big-endian, as libkmod reads them (observed layout of kmod 34).
 *
 * Header: magic, version 2.1, reference of the root node. A reference is a file offset whose upper bits say what the node has:
 * a prefix, values, children. A node: prefix with NUL; first and last child character with one reference each between; number
 * of values, each with a priority and NUL. A parent stands before its children, children in byte order.
 */
const MAGIC = 0xb007f457;
const VERSION = 0x00020001;
const PREFIX = 0x80000000;
const VALUES = 0x40000000;
const CHILDREN = 0x20000000;

interface TrieNode {
  prefix: string;
  children: Map<number, TrieNode>;
  values: { value: string; priority: number }[];
}

/** One key with its value; lower priorities come first. */
export interface IndexEntry {
  readonly key: string;
  readonly value: string;
  readonly priority: number;
}

/** Writes an index of byte strings. Keys must be ASCII, as kmod wants. */
export function writeIndex(entries: readonly IndexEntry[]): Uint8Array {
  const root: TrieNode = { prefix: "", children: new Map(), values: [] };
  for (const entry of entries) insert(root, entry);
  const out = new ByteWriter();
  out.u32(MAGIC);
  out.u32(VERSION);
  const place = out.length;
  out.u32(0);
  out.patchU32(place, writeNode(root, out));
  return out.bytes();
}

function makeNode(prefix: string): TrieNode {
  return { prefix, children: new Map(), values: [] };
}

function insert(root: TrieNode, entry: IndexEntry): void {
  let node = root;
  let at = 0;
  for (;;) {
    let same = 0;
    while (same < node.prefix.length && node.prefix[same] === entry.key[at + same]) same++;
    if (same < node.prefix.length) split(node, same);
    at += same;
    if (at === entry.key.length) break;
    const code = entry.key.charCodeAt(at++);
    let child = node.children.get(code);
    if (child === undefined) {
      child = makeNode(entry.key.slice(at));
      node.children.set(code, child);
      node = child;
      break;
    }
    node = child;
  }
  const index = node.values.findIndex((other) => other.priority > entry.priority);
  const value = { value: entry.value, priority: entry.priority };
  if (index < 0) node.values.push(value);
  else node.values.splice(index, 0, value);
}

function split(node: TrieNode, at: number): void {
  const rest: TrieNode = { prefix: node.prefix.slice(at + 1), children: node.children, values: node.values };
  node.children = new Map([[node.prefix.charCodeAt(at), rest]]);
  node.values = [];
  node.prefix = node.prefix.slice(0, at);
}

function writeNode(node: TrieNode, out: ByteWriter): number {
  let flags = 0;
  const start = out.length;
  if (node.prefix !== "") {
    flags |= PREFIX;
    out.string(node.prefix);
  }
  const codes = [...node.children.keys()].sort((a, b) => a - b);
  const first = codes[0];
  const last = codes.at(-1);
  let references = 0;
  if (first !== undefined && last !== undefined) {
    flags |= CHILDREN;
    out.u8(first);
    out.u8(last);
    references = out.length;
    for (let code = first; code <= last; code++) out.u32(0);
  }
  if (node.values.length > 0) {
    flags |= VALUES;
    out.u32(node.values.length);
    for (const { value, priority } of node.values) {
      out.u32(priority);
      out.string(value);
    }
  }
  for (const code of codes) out.patchU32(references + (code - first!) * 4, writeNode(node.children.get(code)!, out));
  return (start | flags) >>> 0;
}

class ByteWriter {
  length = 0;
  private buffer = new Uint8Array(1 << 16);

  private reserve(size: number): void {
    if (this.length + size <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + size));
    larger.set(this.buffer);
    this.buffer = larger;
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.length += 4;
    this.patchU32(this.length - 4, value);
  }

  patchU32(at: number, value: number): void {
    new DataView(this.buffer.buffer).setUint32(at, value);
  }

  string(text: string): void {
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i));
    this.u8(0);
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}
