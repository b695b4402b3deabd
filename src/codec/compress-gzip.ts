/**
 * Compresses with gzip (RFC 1952): deflate by pako, pinned to an exact version because `node:zlib` gives other bytes on other
 * versions and processors; a header without name and time.
 */
import { Deflate, gzip } from "pako";

type Level = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** One gzip member of the bytes. The header has neither a time nor a name, and says "unknown" for the system. */
export function compressGzip(bytes: Uint8Array, level: number): Uint8Array {
  const out = gzip(bytes, { level: level as Level });
  anonymise(out);
  return out;
}

const PIECE_BYTES = 1 << 18;

/** The same for a stream; the result does not depend on how the input is cut into chunks. */
export async function* compressGzipStream(
  chunks: AsyncIterable<Uint8Array>,
  level: number,
): AsyncGenerator<Uint8Array, void, void> {
  const deflate = new Deflate({ level: level as Level, gzip: true, chunkSize: PIECE_BYTES } as object);
  let ready: Uint8Array[] = [];
  let isFirst = true;
  deflate.onData = (data) => {
    const bytes = data as Uint8Array;
    if (isFirst) anonymise(bytes);
    isFirst = false;
    ready.push(bytes);
  };
  const take = (): Uint8Array[] => {
    const taken = ready;
    ready = [];
    return taken;
  };
  const piece = new Uint8Array(PIECE_BYTES);
  let used = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + PIECE_BYTES - used);
      piece.set(part, used);
      used += part.length;
      at += part.length;
      if (used < PIECE_BYTES) continue;
      deflate.push(piece, false);
      yield* take();
      used = 0;
    }
  }
  deflate.push(piece.subarray(0, used), true);
  yield* take();
}

/** No time, and "unknown" for the system. */
function anonymise(head: Uint8Array): void {
  head.fill(0, 4, 8);
  head[9] = 255;
}
