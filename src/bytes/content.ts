/**
 * `Content`: the currency between stages. A file in the tree, an initramfs, a partition and a disk are all `Content`.
 */

/** Re-readable bytes of a known size. */
export interface Content {
  /** Size in bytes. */
  readonly size: number;
  /** Lower-case hex sha256 of the bytes, where it is already known. */
  readonly digest?: string | undefined;
  /**
   * The bytes, in order; every call starts anew. Chunks are 64 KiB or more but for the last. With `passing` a chunk may only be
   * valid until the next is asked for: what hashes or writes it at once spares a new buffer for each.
   */
  chunks(passing?: boolean): AsyncIterable<Uint8Array>;
  /**
   * The ranges that hold data, in order and without overlap; what lies between them is zeros. Absent: everything is data.
   * What writes a disk asks for this, so that the empty part of a disk of 2 TiB is never read or written.
   */
  extents?(): Iterable<Extent>;
  /** Reads all bytes in order, at once. Absent where that cannot be. */
  reader?(): ContentReader;
}

/** Reads a content, or a range of it, in order into buffers of the caller's. */
export interface ContentReader {
  /** Fills `target`, or what is left at its start; returns how many bytes these are. */
  read(target: Uint8Array): number;
}

/** A range of a sparse content, with its bytes. */
export interface Extent {
  readonly offset: number;
  readonly content: Content;
}

/** Content that can also be read at once at any offset: the content of a file in a tree. */
export interface FileContent extends Content {
  /**
   * Reads `length` bytes from `offset` (default: all from 0). Returns fewer only at the end.
   * The result must not be modified: it may be a view of shared memory.
   */
  read(offset?: number, length?: number): Uint8Array;
  /**
   * Where the bytes live, if not in memory: an immutable file of the cache and the range inside it.
   * A stage that stores a tree keeps this instead of the bytes, and workers can read it on their own.
   */
  readonly location?: ContentLocation | undefined;
  /** As for any content; of a range where one is given, which must lie inside. */
  reader?(offset?: number, length?: number): ContentReader;
}

/** A range of an immutable file. */
export interface ContentLocation {
  readonly path: string;
  readonly offset: number;
}

const CHUNK_BYTES = 1 << 20;

class MemoryContent implements FileContent {
  readonly size: number;
  private readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }
  read(offset = 0, length = this.size - offset): Uint8Array {
    return offset === 0 && length >= this.size ? this.bytes : this.bytes.subarray(offset, offset + length);
  }
  async *chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.size; at += CHUNK_BYTES) yield this.bytes.subarray(at, at + CHUNK_BYTES);
  }
  reader(offset = 0, length = this.size - offset): ContentReader {
    let left = this.read(offset, length);
    return {
      read(target) {
        const piece = left.subarray(0, target.length);
        target.set(piece);
        left = left.subarray(piece.length);
        return piece.length;
      },
    };
  }
}

/** Content held in memory. The caller must not modify `bytes` afterwards. */
export function contentOfBytes(bytes: Uint8Array): FileContent {
  return new MemoryContent(bytes);
}

/** Content of a string of bytes (each character one byte, 0–255). */
export function contentOfByteString(text: string): FileContent {
  return new MemoryContent(fromByteString(text));
}

/** Content of a text, encoded as UTF-8. */
export function contentOfText(text: string): FileContent {
  return new MemoryContent(new TextEncoder().encode(text));
}

/** Several contents, one after the other. */
export function concatContents(parts: readonly Content[]): Content {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return {
    size,
    ...(parts.every((part) => part.reader !== undefined) ? { reader: () => readerOf(parts) } : {}),
    async *chunks(passing) {
      if (passing === true) yield* gatheredChunks(parts, Math.min(size, CHUNK_BYTES));
      else for (const part of parts) yield* part.chunks();
    },
  };
}

function readerOf(parts: readonly Content[]): ContentReader {
  let next = 0;
  let reader: ContentReader | undefined;
  return {
    read(target) {
      let filled = 0;
      while (filled < target.length) {
        if (reader === undefined) {
          if (next === parts.length) break;
          reader = parts[next++]!.reader!();
        }
        const count = reader.read(target.subarray(filled));
        if (count === 0) reader = undefined;
        filled += count;
      }
      return filled;
    },
  };
}

/** The bytes of many small parts in few chunks, through one buffer. */
async function* gatheredChunks(parts: readonly Content[], bufferBytes: number): AsyncIterable<Uint8Array> {
  const buffer = new Uint8Array(bufferBytes);
  let filled = 0;
  for (const part of parts) {
    const reader = part.reader?.();
    if (reader === undefined) {
      if (filled > 0) yield buffer.subarray(0, filled);
      filled = 0;
      yield* part.chunks(true);
      continue;
    }
    for (let left = part.size; left > 0; ) {
      const count = reader.read(buffer.subarray(filled, filled + left));
      left -= count;
      filled += count;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** All bytes of a content in one array: for small contents only. */
export async function readContent(content: Content): Promise<Uint8Array> {
  const bytes = new Uint8Array(content.size);
  let at = 0;
  for await (const chunk of content.chunks()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A byte string: each byte one character (Latin-1), so that any file name or script survives unchanged. */
export function toByteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The bytes of a byte string. A character above 255 is the caller's bug. */
export function fromByteString(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** The UTF-8 encoding of a text, as a byte string: how text of a recipe enters the tree. */
export function utf8ToByteString(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The text that a byte string encodes in UTF-8: how a path of the tree is shown. */
export function byteStringToText(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
