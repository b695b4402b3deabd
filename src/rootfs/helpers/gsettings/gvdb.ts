/**
 * GVDB files, as GSettings and dconf map them into memory: hash tables of names, whose values are GVariants, tables, or lists of
 * names that belong together. No specification: observed in glib-compile-schemas' files (GLib 2.84), and held against them.
 */
import { hashOrder, stringHash } from "../hash-order.js";
import { serializeVariant, type Variant } from "./serialize-variant.js";
import { align, parseVariantType } from "./variant-type.js";

/** A table: what its names stand for. `members` names those that the list under the empty name holds. */
export interface GvdbTable {
  readonly entries: ReadonlyMap<string, Variant | GvdbTable>;
  readonly members: ReadonlySet<string>;
}

const HEADER_SIZE = 24;
const ITEM_SIZE = 24;
/** An empty Bloom filter, with the shift that it would have. */
const BLOOM_HEADER = 5 << 27;
const NO_PARENT = 0xffffffff;
const VARIANT = parseVariantType("v")!;

/** Encodes a file. */
export function writeGvdb(root: GvdbTable): Uint8Array {
  const file = new Chunks(HEADER_SIZE);
  const pointer = writeTable(file, root);
  const bytes = file.bytes();
  bytes.write("GVariant", "latin1");
  bytes.writeUInt32LE(pointer.start, 16);
  bytes.writeUInt32LE(pointer.end, 20);
  return new Uint8Array(bytes);
}

interface Pointer {
  readonly start: number;
  readonly end: number;
}

function writeTable(file: Chunks, table: GvdbTable): Pointer {
  const order = bucketOrder(["", ...table.entries.keys()]);
  const indexes = new Map(order.flat().map((name, i) => [name, i]));
  const chunk = Buffer.alloc(8 + 4 * order.length + ITEM_SIZE * indexes.size);
  const pointer = file.append(chunk, 4);
  chunk.writeUInt32LE(BLOOM_HEADER, 0);
  chunk.writeUInt32LE(order.length, 4);
  let item = 8 + 4 * order.length;
  let index = 0;
  for (const [bucket, names] of order.entries()) {
    chunk.writeUInt32LE(index, 8 + 4 * bucket);
    for (const name of names) {
      const bytes = Buffer.from(name, "latin1");
      const key = file.append(bytes, 1);
      chunk.writeUInt32LE(stringHash(name), item);
      chunk.writeUInt32LE(table.members.has(name) ? indexes.get("")! : NO_PARENT, item + 4);
      chunk.writeUInt32LE(key.start, item + 8);
      chunk.writeUInt16LE(bytes.length, item + 12);
      const { type, pointer: value } = writeValue(file, { table, name, indexes });
      chunk.write(type, item + 14, "latin1");
      chunk.writeUInt32LE(value.start, item + 16);
      chunk.writeUInt32LE(value.end, item + 20);
      item += ITEM_SIZE;
      index++;
    }
  }
  return pointer;
}

function writeValue(
  file: Chunks,
  { table, name, indexes }: { table: GvdbTable; name: string; indexes: ReadonlyMap<string, number> },
): { readonly type: string; readonly pointer: Pointer } {
  const value = table.entries.get(name);
  if (value === undefined) {
    const members = [...table.members].sort();
    if (members.length === 0) return { type: "\0", pointer: { start: 0, end: 0 } };
    const list = Buffer.alloc(4 * members.length);
    for (const [i, member] of members.entries()) list.writeUInt32LE(indexes.get(member)!, 4 * i);
    return { type: "L", pointer: file.append(list, 4) };
  }
  if ("entries" in value) return { type: "H", pointer: writeTable(file, value) };
  return { type: "v", pointer: file.append(serializeVariant({ type: VARIANT, data: value }), 8) };
}

/** The names by bucket; what comes first out of the writer's own table is last in its bucket. */
function bucketOrder(names: readonly string[]): string[][] {
  const buckets: string[][] = names.map(() => []);
  for (const name of hashOrder(names)) buckets[stringHash(name) % buckets.length]!.unshift(name);
  return buckets;
}

/** What a file is made of, in the order in which it was asked for; a chunk may be filled in later. */
class Chunks {
  readonly #chunks: { readonly start: number; readonly bytes: Buffer }[] = [];
  #size: number;

  constructor(headerSize: number) {
    this.#size = headerSize;
  }

  append(bytes: Buffer, alignment: number): Pointer {
    const start = align(this.#size, alignment);
    this.#chunks.push({ start, bytes });
    this.#size = start + bytes.length;
    return { start, end: this.#size };
  }

  bytes(): Buffer {
    const all = Buffer.alloc(this.#size);
    for (const { start, bytes } of this.#chunks) bytes.copy(all, start);
    return all;
  }
}
