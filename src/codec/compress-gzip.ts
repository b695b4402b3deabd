/**
 * Compresses with gzip (RFC 1952): deflate by pako, pinned to an exact version because `node:zlib` gives other bytes on other
 * versions and processors; a header without name and time.
 */
import { Deflate } from "pako";

type Level = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

const PIECE_BYTES = 1 << 18;

/** One gzip member; the result does not depend on how the input is cut. */
export async function* compressGzipStream(
  chunks: AsyncIterable<Uint8Array>,
  level: number,
): AsyncGenerator<Uint8Array, void, void> {
  const member = new GzipMember(level);
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield* member.push(chunk.subarray(at, at + PIECE_BYTES));
  }
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
  private readonly deflate: Deflate;
  private ready: Uint8Array[] = [];
  private isFirst = true;

  constructor(level: number) {
    this.deflate = new Deflate({ level: level as Level, gzip: true, chunkSize: PIECE_BYTES } as object);
    this.deflate.onData = (data) => {
      const bytes = data as Uint8Array;
      if (this.isFirst) anonymise(bytes);
      this.isFirst = false;
      this.ready.push(bytes);
    };
  }

  /** What is ready after more input, which is not held. */
  push(piece: Uint8Array): Uint8Array[] {
    this.deflate.push(piece, false);
    return this.take();
  }

  end(): Uint8Array[] {
    this.deflate.push(new Uint8Array(0), true);
    return this.take();
  }

  private take(): Uint8Array[] {
    const taken = this.ready;
    this.ready = [];
    return taken;
  }
}

/** No time, and "unknown" for the system. */
function anonymise(head: Uint8Array): void {
  head.fill(0, 4, 8);
  head[9] = 255;
}
