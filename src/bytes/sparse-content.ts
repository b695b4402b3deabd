/**
 * Sparse contents: a disk that is mostly zeros is a size and a few ranges with data. Writers of containers take the ranges
 * (`dataRuns`) and never see the zeros between them.
 */

import type { Content, Extent } from "./content.js";

const ZERO_CHUNK_BYTES = 1 << 20;

/**
 * A content of `size` bytes that is zeros outside of `extents`, which may be sparse themselves.
 *
 * @throws RangeError where the extents are out of order, overlap or leave the content
 */
export function sparseContent(size: number, extents: readonly Extent[]): Content {
  let end = 0;
  for (const { offset, content } of extents) {
    if (!Number.isSafeInteger(offset) || offset < end || offset + content.size > size)
      throw new RangeError(`${content.size} bytes at ${offset} do not lie between ${end} and ${size}`);
    end = offset + content.size;
  }
  const flat = function* (): Iterable<Extent> {
    for (const extent of extents)
      for (const inner of extentsOf(extent.content))
        yield { offset: extent.offset + inner.offset, content: inner.content };
  };
  return { size, extents: flat, chunks: (passing) => filledChunks({ extents: flat(), start: 0, end: size }, passing) };
}

/** Zeros. */
export function zeroContent(size: number): Content {
  return sparseContent(size, []);
}

/** Where a content holds data; all of it for one that does not say. */
export function extentsOf(content: Content): Iterable<Extent> {
  if (content.extents !== undefined) return content.extents();
  return content.size === 0 ? [] : [{ offset: 0, content }];
}

/** Neighbouring units of a content that hold data somewhere. */
export interface DataRun {
  /** Multiples of the unit; `end` may lie beyond the end of the content. */
  readonly start: number;
  readonly end: number;
  readonly extents: readonly Extent[];
}

/** The parts of a content that are not known to be zeros, rounded out to whole units of `unit` bytes. */
export function dataRuns(content: Content, unit: number): DataRun[] {
  const runs: { start: number; end: number; extents: Extent[] }[] = [];
  for (const extent of extentsOf(content)) {
    if (extent.content.size === 0) continue;
    const start = Math.floor(extent.offset / unit) * unit;
    const end = Math.ceil((extent.offset + extent.content.size) / unit) * unit;
    const last = runs.at(-1);
    if (last !== undefined && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.extents.push(extent);
    } else runs.push({ start, end, extents: [extent] });
  }
  return runs;
}

/** The bytes of a run, from its start to its end, with zeros where it has no data; `passing` as for the chunks of a content. */
export function runChunks(run: DataRun, passing?: boolean): AsyncIterable<Uint8Array> {
  return filledChunks(run, passing);
}

/** `count` zeros. */
export function* zeroChunks(count: number): Iterable<Uint8Array> {
  const zeros = new Uint8Array(Math.min(count, ZERO_CHUNK_BYTES));
  for (let left = count; left > 0; left -= zeros.length) yield left < zeros.length ? zeros.subarray(0, left) : zeros;
}

async function* filledChunks(
  { extents, start, end }: { readonly extents: Iterable<Extent>; readonly start: number; readonly end: number },
  passing?: boolean,
): AsyncIterable<Uint8Array> {
  let at = start;
  for (const { offset, content } of extents) {
    yield* zeroChunks(offset - at);
    yield* content.chunks(passing);
    at = offset + content.size;
  }
  yield* zeroChunks(end - at);
}
