/**
 * Contents that are ranges of files. A pool keeps a bounded number of files open, so that reading thousands of small slices costs
 * one pread each and no more.
 */
import { closeSync, openSync, readSync } from "node:fs";
import type { ContentLocation, FileContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";

const MAX_OPEN = 64;
const CHUNK_BYTES = 1 << 20;

/** Which part of which file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
  /** Lower-case hex sha256 of the range, where it is known. */
  readonly digest?: string | undefined;
}

/** Keeps files open. Close it when the last content has been read. */
export class FilePool {
  readonly #open = new Map<string, number>();

  /** A range of a file as content. The file must not change while the content is used. */
  content(range: FileRange): FileContent {
    return new SliceContent(this, range);
  }

  /** Reads exactly `target.length` bytes. @throws AssembleError `io/file-changed` when the file ends before */
  readInto(path: string, offset: number, target: Uint8Array): void {
    let fd = this.#open.get(path);
    if (fd === undefined) {
      fd = openSync(path, "r");
      if (this.#open.size >= MAX_OPEN) this.#closeOldest();
    } else this.#open.delete(path);
    this.#open.set(path, fd);
    let filled = 0;
    while (filled < target.length) {
      const count = readSync(fd, target, filled, target.length - filled, offset + filled);
      if (count === 0)
        throw new AssembleError(
          "io/file-changed",
          `Cannot read ${path}: it ends at ${offset + filled} bytes, ${offset + target.length} were wanted; it was changed while it was in use`,
        );
      filled += count;
    }
  }

  /** Closes every file. Contents can still be read: their file is opened again. */
  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  #closeOldest(): void {
    const [path, fd] = this.#open.entries().next().value!;
    closeSync(fd);
    this.#open.delete(path);
  }
}

class SliceContent implements FileContent {
  readonly size: number;
  readonly digest: string | undefined;
  readonly location: ContentLocation;
  readonly #pool: FilePool;

  constructor(pool: FilePool, range: FileRange) {
    this.#pool = pool;
    this.size = range.size;
    this.digest = range.digest;
    this.location = { path: range.path, offset: range.offset };
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    if (bytes.length > 0) this.#pool.readInto(this.location.path, this.location.offset + offset, bytes);
    return bytes;
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.size; at += CHUNK_BYTES) yield this.read(at, CHUNK_BYTES);
  }
}
