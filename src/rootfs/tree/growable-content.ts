/**
 * The content of a file that is being written: a buffer that doubles, so that a thousand small appends stay linear.
 */
import type { FileContent } from "../../bytes/content.js";

/** Content in memory that can be written in place. */
export class GrowableContent implements FileContent {
  size: number;
  private buffer: Uint8Array;

  constructor(initial: Uint8Array) {
    this.size = initial.length;
    this.buffer = new Uint8Array(Math.max(256, initial.length * 2));
    this.buffer.set(initial);
  }

  /** Writes a byte string at `offset`; a gap is filled with zeros. */
  write(offset: number, bytes: string): void {
    const end = offset + bytes.length;
    if (end > this.buffer.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.buffer.subarray(0, this.size));
      this.buffer = larger;
    }
    for (let i = 0; i < bytes.length; i++) this.buffer[offset + i] = bytes.charCodeAt(i);
    if (end > this.size) this.size = end;
  }

  /** Cuts or zero-extends to `size` bytes. */
  truncate(size: number): void {
    if (size < this.size) this.buffer.fill(0, size, this.size);
    else if (size > this.size) this.write(size - 1, "\0");
    this.size = size;
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    return this.buffer.slice(offset, Math.min(this.size, offset + length));
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    yield this.read();
  }
}
