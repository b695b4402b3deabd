/** Reads a file in small pieces, mostly forward, without a system call for each. */

import { releaseScratch, takeScratch } from "../bytes/scratch.js";
import type { OpenFiles } from "./open-files.js";

/** A file that can be read anywhere. What is returned is valid until the next read. */
export interface ReadAhead {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** Opens a file for reading ahead, with a buffer that is there until `files` is closed. */
export function readAhead(files: OpenFiles, file: { readonly path: string; readonly size: number }): ReadAhead {
  const buffer = files.borrowBuffer();
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

/** A range of a file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** The bytes of a range, in pieces that are valid until the next is asked for. */
export function* readRange(files: OpenFiles, range: FileRange): Generator<Uint8Array, void, void> {
  const read = rangeReader(files, range);
  const buffer = takeScratch();
  try {
    for (let count = read(buffer); count > 0; count = read(buffer)) yield buffer.subarray(0, count);
  } finally {
    releaseScratch(buffer);
  }
}

/** Reads a range from its start on: fills what it is given, and returns how many bytes there were, 0 at the end. */
export function rangeReader(files: OpenFiles, range: FileRange): (target: Uint8Array) => number {
  let at = 0;
  return (whole) => {
    const target = whole.subarray(0, Math.min(whole.length, range.size - at));
    const count = files.readInto(range.path, { offset: range.offset + at, target });
    at += count;
    return count;
  };
}
