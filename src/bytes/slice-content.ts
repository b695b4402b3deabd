/**
 * Ranges of a content, read without holding the whole: a section of a PE file, a member of an archive, a partition.
 */

import type { Content, ContentReader, Extent, FileContent } from "./content.js";
import { releaseScratch, takeScratch } from "./scratch.js";
import { sparseContent } from "./sparse-content.js";

/** The `length` bytes of `content` from `offset` on, as a content of its own. The range must lie inside. */
export function sliceContent(content: Content, offset: number, length: number): Content {
  if (offset < 0 || length < 0 || offset + length > content.size)
    throw new RangeError(`${length} bytes at ${offset} are not inside a content of ${content.size}`);
  if (offset === 0 && length === content.size) return content;
  if (content.extents !== undefined) return sparseContent(length, slicedExtents(content.extents(), offset, length));
  const chunks = (): AsyncIterable<Uint8Array> => rangeChunks(content, offset, offset + length);
  if (!isFileContent(content) || content.reader === undefined) return { size: length, chunks };
  const reader = (): ContentReader => content.reader!(offset, length);
  return { size: length, reader, chunks: (passing) => (passing === true ? readChunks(reader(), length) : chunks()) };
}

function slicedExtents(extents: Iterable<Extent>, offset: number, length: number): Extent[] {
  const sliced: Extent[] = [];
  for (const extent of extents) {
    if (extent.offset >= offset + length) break;
    const from = Math.max(offset - extent.offset, 0);
    const to = Math.min(offset + length - extent.offset, extent.content.size);
    if (from < to)
      sliced.push({ offset: extent.offset + from - offset, content: sliceContent(extent.content, from, to - from) });
  }
  return sliced;
}

/** Reads a small range at once, and fewer bytes only at the end of the content. Streams up to the range where it must. */
export async function readRange(content: Content, offset: number, length: number): Promise<Uint8Array> {
  const end = Math.min(content.size, offset + length);
  if (end <= offset) return new Uint8Array(0);
  if (isFileContent(content)) return content.read(offset, end - offset);
  const bytes = new Uint8Array(end - offset);
  let filled = 0;
  for await (const chunk of rangeChunks(content, offset, end)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes.subarray(0, filled);
}

/** Whether a content can be read at any offset at once. */
export function isFileContent(content: Content): content is FileContent {
  return "read" in content && typeof content.read === "function";
}

const STEP_BYTES = 1 << 20;

async function* readChunks(reader: ContentReader, size: number): AsyncIterable<Uint8Array> {
  const scratch = takeScratch();
  try {
    for (let left = size; left > 0; ) {
      const count = reader.read(scratch.subarray(0, left));
      left -= count;
      yield scratch.subarray(0, count);
    }
  } finally {
    releaseScratch(scratch);
  }
}

async function* rangeChunks(content: Content, start: number, end: number): AsyncIterable<Uint8Array> {
  if (isFileContent(content)) {
    for (let at = start; at < end; ) {
      const chunk = content.read(at, Math.min(STEP_BYTES, end - at));
      if (chunk.length === 0) return;
      yield chunk;
      at += chunk.length;
    }
    return;
  }
  let at = 0;
  for await (const chunk of content.chunks()) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, chunk.length);
    if (from < to) yield chunk.subarray(from, to);
    at += chunk.length;
    if (at >= end) return;
  }
}
