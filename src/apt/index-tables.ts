/**
 * What one pass over a Packages index finds out: where each paragraph starts and what it is called, what it provides, where
 * each name is mentioned first, which are essential or required. As bytes it is a file of the cache, so that the next run need not look again.
 *
 * The bytes: eight counts (u32), then the arrays one after another, everything little-endian 32-bit numbers.
 */
import { lazyParagraph } from "./deb822.js";
import { type NameEntries, provideEntries, readNames } from "./name-table.js";
import { fnv1a } from "./order/fnv1a.js";
import { packageRecord, RELATION_FIELDS } from "./package.js";

/** Raised whenever the same index gives other bytes. */
export const INDEX_TABLES_VERSION = 2;

/** Places are where paragraphs start. */
export interface IndexTables {
  /** Every paragraph, by its name. */
  readonly names: NameEntries;
  readonly provides: NameEntries;
  /** The first paragraph that names it in a relation or in Provides; of names with one hash, only the first of all. */
  readonly mentions: NameEntries;
  readonly essential: Int32Array;
  readonly required: Int32Array;
}

/** Reads an index through. @throws AssembleError `apt/control-invalid` for a paragraph without a name */
export function readIndexTables(bytes: Uint8Array, archive: string): IndexTables {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = findParagraphs(text);
  const hashes = starts.map((start) => fnv1a(nameAt(text, { start, archive })));
  return {
    names: { hashes: Int32Array.from(hashes), places: starts },
    provides: provideEntries(text, fieldValues(text, starts, "Provides")),
    mentions: readMentions(text, starts),
    essential: findLines(text, starts, "Essential: yes"),
    required: findLines(text, starts, "Priority: required"),
  };
}

/** The tables as bytes. */
export function encodeIndexTables(tables: IndexTables): Uint8Array {
  const { names, provides, mentions } = tables;
  const lists = [names, provides, mentions].flatMap(({ hashes, places }) => [hashes, places]);
  const arrays = [...lists, tables.essential, tables.required];
  const length = arrays.reduce((sum, array) => sum + array.length, arrays.length);
  const bytes = new Uint8Array(4 * length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const write = (value: number): void => {
    view.setInt32(at, value, true);
    at += 4;
  };
  for (const array of arrays) write(array.length);
  for (const array of arrays) for (const value of array) write(value);
  return bytes;
}

/** The tables of `encodeIndexTables`' bytes. */
export function decodeIndexTables(bytes: Uint8Array): IndexTables {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4 * ARRAYS;
  const arrays = Array.from({ length: ARRAYS }, (_, i) => {
    const array = new Int32Array(view.getUint32(4 * i, true));
    for (let j = 0; j < array.length; j++, at += 4) array[j] = view.getInt32(at, true);
    return array;
  });
  const take = (): Int32Array => arrays.shift() as Int32Array;
  const takeEntries = (): NameEntries => ({ hashes: take(), places: take() });
  return {
    names: takeEntries(),
    provides: takeEntries(),
    mentions: takeEntries(),
    essential: take(),
    required: take(),
  };
}

const ARRAYS = 8;
const NEWLINE = 10;

// Native searches for whole needles: a loop in JavaScript over the 56 MB of trixie takes 130 ms, this 30.

/** Where each paragraph starts. */
function findParagraphs(text: Buffer): Int32Array {
  const starts: number[] = [];
  let at = 0;
  while (at < text.length) {
    while (text[at] === NEWLINE) at++;
    if (at >= text.length) break;
    starts.push(at);
    at = endOfParagraph(text, at);
  }
  return Int32Array.from(starts);
}

/** Where the paragraph that starts at `start` ends. */
export function endOfParagraph(text: Buffer, start: number): number {
  const end = text.indexOf("\n\n", start, "latin1");
  return end < 0 ? text.length : end;
}

const PACKAGE = "Package: ";

/** The name of the paragraph that starts at `start`. @throws AssembleError `apt/control-invalid` where it has none */
export function nameAt(text: Buffer, { start, archive }: { readonly start: number; readonly archive: string }): string {
  for (let i = 0; i < PACKAGE.length; i++) {
    // Package comes first in every index that apt-ftparchive or dak writes, but nothing demands it.
    if (text[start + i] !== PACKAGE.charCodeAt(i))
      return packageRecord(
        lazyParagraph(text.toString("latin1", start, endOfParagraph(text, start)), `the index of ${archive}`),
      ).name;
  }
  let end = start + PACKAGE.length;
  while (end < text.length && text[end] !== NEWLINE) end++;
  return text.toString("latin1", start + PACKAGE.length, end).trim();
}

/** Where the paragraphs have a field: pairs for `readNames`. */
function fieldValues(text: Buffer, starts: Int32Array, field: string): readonly number[] {
  const values: number[] = [];
  for (const at of lineStarts(text, `${field}:`)) values.push(paragraphOf(starts, at), at + field.length + 1);
  return values;
}

/** Where names are first mentioned; `name:any` is another name, which nothing asks for. */
function readMentions(text: Buffer, starts: Int32Array): NameEntries {
  const firsts = new Map<number, number>();
  for (const field of [...RELATION_FIELDS, "Provides"]) {
    readNames(text, fieldValues(text, starts, field), ({ hash, place, isQualified }) => {
      if (!isQualified && place < (firsts.get(hash) ?? Number.POSITIVE_INFINITY)) firsts.set(hash, place);
    });
  }
  return { hashes: Int32Array.from(firsts.keys()), places: Int32Array.from(firsts.values()) };
}

/** The paragraphs that have exactly this line. */
export function findLines(text: Buffer, starts: Int32Array, line: string): Int32Array {
  const found: number[] = [];
  for (const at of lineStarts(text, line)) {
    const after = text[at + line.length];
    if (after === undefined || after === NEWLINE) found.push(paragraphOf(starts, at));
  }
  return Int32Array.from(found);
}

function* lineStarts(text: Buffer, prefix: string): IterableIterator<number> {
  const needle = `\n${prefix}`;
  for (let at = text.indexOf(needle, 0, "latin1"); at >= 0; at = text.indexOf(needle, at + 1, "latin1")) yield at + 1;
}

/** The start of the paragraph that a position lies in. */
export function paragraphOf(starts: Int32Array, at: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle;
  }
  return starts[low] as number;
}
