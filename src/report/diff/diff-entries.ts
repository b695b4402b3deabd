/**
 * Two trees of files, whatever they lie in: two lists of entries, then the contents that differ, a bounded number of bytes at a time.
 */
import { contentOfBytes, type FileContent } from "../../bytes/content.js";
import type { ArtifactEntry } from "../inspect/artifact-entry.js";
import { compareBytes } from "./compare-bytes.js";
import { compareEntries } from "./compare-entries.js";
import { bytesWords } from "./diff-elf.js";
import { type Difference, pathText, type Where } from "./difference.js";
import { EntryKeys, type IndexedEntry, indexEntries, type Walk } from "./index-entries.js";

/** Contents held at a time, of both sides together. */
const HELD_BYTES = 128 << 20;

/** What explains two contents that differ. */
export type Explain = (where: Where, left: FileContent, right: FileContent) => AsyncIterable<Difference>;

/** How to compare. */
export interface DiffEntriesOptions {
  readonly explain: Explain;
  /** Whether the order of the entries is that of the files themselves. */
  readonly order: boolean;
}

/** The differences between two trees: of the lists first, then of the contents. */
export async function* diffEntries(
  where: Where,
  walks: readonly [Walk, Walk],
  options: DiffEntriesOptions,
): AsyncGenerator<Difference> {
  const left = await indexEntries(walks[0]);
  const right = await indexEntries(walks[1]);
  yield* compareEntries(where, { left, right, order: options.order });
  let batch: Pair[] = [];
  let bytes = 0;
  for (const pair of differingContents(left, right)) {
    const size = pair.left.size + pair.right.size;
    if (size > HELD_BYTES) {
      yield* streamed(where, walks, pair);
      continue;
    }
    if (bytes + size > HELD_BYTES) {
      yield* explained(where, walks, { batch, explain: options.explain });
      batch = [];
      bytes = 0;
    }
    batch.push(pair);
    bytes += size;
  }
  yield* explained(where, walks, { batch, explain: options.explain });
}

/** A file with two contents; `key` names it. */
interface Pair {
  readonly key: string;
  readonly left: IndexedEntry;
  readonly right: IndexedEntry;
}

function* differingContents(
  left: ReadonlyMap<string, IndexedEntry>,
  right: ReadonlyMap<string, IndexedEntry>,
): Generator<Pair> {
  const told = new Set<string>();
  for (const [key, a] of left) {
    const b = right.get(key);
    if (b === undefined || a.type !== "file" || b.type !== "file" || a.digest === b.digest) continue;
    // The names of one file are one difference.
    const data = `${a.dataKey}\0${b.dataKey}`;
    if (told.has(data)) continue;
    told.add(data);
    yield { key, left: left.get(a.dataKey)!, right: right.get(b.dataKey)! };
  }
}

interface Batch {
  readonly batch: readonly Pair[];
  readonly explain: Explain;
}

async function* explained(
  where: Where,
  walks: readonly [Walk, Walk],
  { batch, explain }: Batch,
): AsyncGenerator<Difference> {
  if (batch.length === 0) return;
  const left = await gather(walks[0], new Set(batch.map((pair) => pair.left.dataKey)));
  const right = await gather(walks[1], new Set(batch.map((pair) => pair.right.dataKey)));
  for (const pair of batch) {
    const [a, b] = [left.get(pair.left.dataKey), right.get(pair.right.dataKey)];
    if (a !== undefined && b !== undefined) yield* explain([...where, pathText(pair.key)], a, b);
  }
}

async function gather(walk: Walk, keys: ReadonlySet<string>): Promise<ReadonlyMap<string, FileContent>> {
  const found = new Map<string, FileContent>();
  const naming = new EntryKeys();
  for await (const entry of walk()) {
    const key = naming.next(entry.path);
    if (!keys.has(key)) continue;
    const pieces: Uint8Array[] = [];
    for await (const chunk of entry.chunks()) pieces.push(Buffer.from(chunk));
    found.set(key, contentOfBytes(new Uint8Array(Buffer.concat(pieces))));
    if (found.size === keys.size) break;
  }
  return found;
}

/** A file that is too large to be held: both are read side by side. */
async function* streamed(where: Where, walks: readonly [Walk, Walk], pair: Pair): AsyncGenerator<Difference> {
  const sides = [await seek(walks[0], pair.left.dataKey), await seek(walks[1], pair.right.dataKey)] as const;
  try {
    const [a, b] = [sides[0].entry, sides[1].entry];
    const found = await compareBytes(a, b);
    if (found !== undefined)
      yield { where: [...where, pathText(pair.key)], kind: "content", ...bytesWords(found, a.size, b.size) };
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

async function seek(walk: Walk, key: string): Promise<{ readonly entry: ArtifactEntry; close(): Promise<unknown> }> {
  const naming = new EntryKeys();
  const iterator = walk()[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) throw new RangeError(`an entry that was there is gone: ${key}`);
    if (naming.next(next.value.path) === key) return { entry: next.value, close: async () => iterator.return?.() };
  }
}
