/**
 * The content of a file that is being written: pieces, of which only the last grows, so that appending costs what is appended.
 */
import type { FileContent } from "../../bytes/content.js";

const PIECE_BYTES = 1 << 20;

/** Content in memory that can be written in place. */
export class GrowableContent implements FileContent {
  size = 0;
  /** PIECE_BYTES each; where one is shorter, zeros follow. */
  private readonly pieces: Buffer[] = [];

  constructor(initial: Uint8Array) {
    this.write(0, Buffer.from(initial.buffer, initial.byteOffset, initial.byteLength).toString("latin1"));
  }

  /** Writes a byte string at `offset`; a gap is filled with zeros. */
  write(offset: number, bytes: string): void {
    for (let done = 0; done < bytes.length; ) {
      const within = (offset + done) % PIECE_BYTES;
      const length = Math.min(PIECE_BYTES - within, bytes.length - done);
      const piece = this.piece(Math.floor((offset + done) / PIECE_BYTES), within + length);
      piece.write(bytes.slice(done, done + length), within, "latin1");
      done += length;
    }
    this.size = Math.max(this.size, offset + bytes.length);
  }

  /** Cuts or zero-extends to `size` bytes. */
  truncate(size: number): void {
    if (size < this.size) {
      const kept = Math.ceil(size / PIECE_BYTES);
      this.pieces.length = Math.min(this.pieces.length, kept);
      if (size % PIECE_BYTES > 0) this.pieces[kept - 1]?.fill(0, size % PIECE_BYTES);
    }
    this.size = size;
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const end = Math.min(this.size, offset + length);
    const result = new Uint8Array(Math.max(0, end - offset));
    for (let at = offset; at < end; ) {
      const within = at % PIECE_BYTES;
      const count = Math.min(PIECE_BYTES - within, end - at);
      const piece = this.pieces[Math.floor(at / PIECE_BYTES)];
      if (piece !== undefined) result.set(piece.subarray(within, within + count), at - offset);
      at += count;
    }
    return result;
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.size; at += PIECE_BYTES) yield this.read(at, PIECE_BYTES);
  }

  private piece(index: number, needed: number): Buffer {
    while (this.pieces.length <= index) this.pieces.push(Buffer.alloc(0));
    const old = this.pieces[index]!;
    if (old.length >= needed) return old;
    const larger = Buffer.alloc(Math.min(PIECE_BYTES, Math.max(256, 2 * needed)));
    larger.set(old);
    this.pieces[index] = larger;
    return larger;
  }
}
