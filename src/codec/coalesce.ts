/** Joins small pieces into chunks worth handling: writers emit headers of a few bytes between files of any size. */

const CHUNK = 1 << 18;

/**
 * The same bytes in chunks of 256 KiB or more, but for the last. Chunks are the receiver's own, if the pieces are; with `passing` they are valid
 * until the next is asked for.
 */
export async function* coalesce(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  passing = false,
): AsyncGenerator<Uint8Array, void, void> {
  let buffer = new Uint8Array(CHUNK);
  let used = 0;
  for await (const piece of pieces) {
    if (piece.length >= CHUNK) {
      if (used > 0) yield buffer.slice(0, used);
      used = 0;
      yield piece;
      continue;
    }
    if (used + piece.length > CHUNK) {
      // Full chunks only: the rest of the piece begins the next.
      const fits = CHUNK - used;
      buffer.set(piece.subarray(0, fits), used);
      yield buffer;
      if (!passing) buffer = new Uint8Array(CHUNK);
      buffer.set(piece.subarray(fits));
      used = piece.length - fits;
    } else {
      buffer.set(piece, used);
      used += piece.length;
    }
  }
  if (used > 0) yield buffer.subarray(0, used);
}
