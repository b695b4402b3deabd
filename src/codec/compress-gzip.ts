/** Compresses with gzip (RFC 1952): one member with a header without name and time. */

import { Deflater, type DeflateStream } from "./deflate.js";

const PIECE_BYTES = 1 << 18;

/** One gzip member; the result does not depend on how the input is cut. */
export async function* compressGzipStream(
  chunks: AsyncIterable<Uint8Array>,
  level: number,
): AsyncGenerator<Uint8Array, void, void> {
  const member = new GzipMember(level);
  for await (const chunk of chunks) yield* member.push(chunk);
  yield* member.end();
}

/** The same from `size` bytes that are read in pieces: `read` fills the array that it is given, whole. */
export function* compressGzipPieces(
  size: number,
  options: { readonly level: number; readonly read: (target: Uint8Array) => void },
): Generator<Uint8Array, void, void> {
  const member = new GzipMember(options.level);
  const piece = new Uint8Array(Math.min(size, PIECE_BYTES));
  for (let at = 0; at < size; at += piece.length) {
    const target = piece.subarray(0, size - at);
    options.read(target);
    yield* member.push(target);
  }
  yield* member.end();
}

/** A gzip member in the making. */
class GzipMember {
  private readonly stream: DeflateStream;
  private isFirst = true;

  constructor(level: number) {
    this.stream = new Deflater().start({ level, container: "gzip" });
  }

  /** What is ready after more input, which is not held. */
  push(piece: Uint8Array): Iterable<Uint8Array> {
    return this.anonymous(this.stream.push(piece));
  }

  end(): Iterable<Uint8Array> {
    return this.anonymous(this.stream.end());
  }

  /** No time, and "unknown" for the system. */
  private *anonymous(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, void> {
    for (const piece of pieces) {
      if (this.isFirst) {
        piece.fill(0, 4, 8);
        piece[9] = 255;
      }
      this.isFirst = false;
      yield piece;
    }
  }
}
