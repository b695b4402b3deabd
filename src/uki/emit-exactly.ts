/**
 * Joins planned pieces into one content, in chunks of a useful size, and holds each piece to the size that offsets were
 * computed from: a source that changes under the writer must not shift what follows.
 */

import type { Content } from "../bytes/content.js";

const CHUNK_BYTES = 1 << 16;

/** The pieces one after the other. Reading throws RangeError when a piece has not the bytes that it states. */
export function emitExactly(pieces: readonly Content[]): Content {
  return {
    size: pieces.reduce((sum, piece) => sum + piece.size, 0),
    chunks: (passing) => emit(pieces, passing),
  };
}

async function* emit(pieces: readonly Content[], passing?: boolean): AsyncIterable<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for (const [index, piece] of pieces.entries()) {
    let seen = 0;
    for await (const chunk of piece.chunks(passing)) {
      seen += chunk.length;
      if (seen > piece.size) break;
      if (filled + chunk.length <= CHUNK_BYTES) {
        buffer.set(chunk, filled);
        filled += chunk.length;
        continue;
      }
      // A large chunk goes out as it is; what was gathered before it is filled up first.
      const head = Math.min(CHUNK_BYTES - filled, chunk.length);
      buffer.set(chunk.subarray(0, filled === 0 ? 0 : head), filled);
      if (filled > 0) yield buffer.slice();
      const rest = filled === 0 ? chunk : chunk.subarray(head);
      filled = 0;
      if (rest.length >= CHUNK_BYTES) yield rest;
      else {
        buffer.set(rest);
        filled = rest.length;
      }
    }
    if (seen !== piece.size)
      throw new RangeError(`piece ${index} gave ${seen > piece.size ? "more" : seen} bytes, ${piece.size} were stated`);
  }
  if (filled > 0) yield buffer.slice(0, filled);
}
