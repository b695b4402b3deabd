/** Reads a file in small pieces, mostly forward, without a system call for each. */

import type { OpenFiles } from "./open-files.js";

/** A file that can be read anywhere. What is returned is valid until the next read. */
export interface ReadAhead {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** Opens a file for reading ahead by `bufferBytes` (default 256 KiB). */
export function readAhead(
  files: OpenFiles,
  file: { readonly path: string; readonly size: number; readonly bufferBytes?: number },
): ReadAhead {
  const buffer = new Uint8Array(file.bufferBytes ?? 1 << 18);
  let start = 0;
  let end = 0;
  return {
    size: file.size,
    read(offset, length) {
      if (length > buffer.length)
        return files.read(file.path, offset, Math.max(0, Math.min(length, file.size - offset)));
      if (offset < start || offset + length > end) {
        start = offset;
        end = offset + files.readInto(file.path, { offset, target: buffer });
      }
      return buffer.subarray(offset - start, Math.min(offset + length, end) - start);
    },
  };
}

/** The bytes of a range of a file, in pieces that are valid until the next is asked for. */
export function* readRange(
  files: OpenFiles,
  range: { readonly path: string; readonly offset: number; readonly size: number; readonly pieceBytes?: number },
): Generator<Uint8Array, void, void> {
  const buffer = new Uint8Array(Math.min(range.pieceBytes ?? 1 << 18, range.size));
  for (let at = 0; at < range.size; ) {
    const target = buffer.subarray(0, Math.min(buffer.length, range.size - at));
    const filled = files.readInto(range.path, { offset: range.offset + at, target });
    if (filled === 0) return;
    yield target.subarray(0, filled);
    at += filled;
  }
}
