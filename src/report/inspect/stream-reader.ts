/**
 * Reads a stream of chunks in exact pieces: for archives that are decompressed on the way and never held whole.
 */

/** A place in a stream of bytes. Only one read may run at a time. */
export class StreamReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private chunk: Uint8Array = new Uint8Array(0);
  private at = 0;
  private taken = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.source = chunks[Symbol.asyncIterator]();
  }

  /** Bytes read or skipped so far. */
  get position(): number {
    return this.taken;
  }

  /** Reads `length` bytes; fewer only at the end of the stream. */
  async take(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    if (pieces.length === 1) return pieces[0]!;
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let filled = 0;
    for (const piece of pieces) {
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  /** Passes over `length` bytes and tells how many there were. */
  async skip(length: number): Promise<number> {
    const before = this.taken;
    for await (const piece of this.pieces(length)) void piece;
    return this.taken - before;
  }

  /** The next `length` bytes as they come. */
  async *pieces(length: number): AsyncIterable<Uint8Array> {
    let left = length;
    while (left > 0 && (await this.fill())) {
      const piece = this.chunk.subarray(this.at, this.at + left);
      this.at += piece.length;
      this.taken += piece.length;
      left -= piece.length;
      yield piece;
    }
  }

  /** The next byte without taking it; undefined at the end. */
  async peek(): Promise<number | undefined> {
    return (await this.fill()) ? this.chunk[this.at] : undefined;
  }

  /** Lets the source go. */
  async close(): Promise<void> {
    await this.source.return?.();
  }

  private async fill(): Promise<boolean> {
    while (this.at === this.chunk.length) {
      const next = await this.source.next();
      if (next.done === true) return false;
      this.chunk = next.value;
      this.at = 0;
    }
    return true;
  }
}
