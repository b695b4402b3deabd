/**
 * The input side of the streaming decoders: chunks of any size go in, exact runs of bytes come out.
 */

import { releaseScratch, takeScratch } from "../bytes/scratch.js";

/** A first-in, first-out queue of bytes; holds no more than what was pushed and not yet taken. */
export class ByteQueue {
  private readonly chunks: Uint8Array[] = [];
  private head: Uint8Array = new Uint8Array(0);
  private headAt = 0;
  private waiting = 0;
  private closed = false;
  private takenBytes = 0;
  /** What `fill` reads into. */
  private own: Uint8Array | undefined;

  /** Bytes that can be taken now. */
  get available(): number {
    return this.head.length - this.headAt + this.waiting;
  }

  /** Bytes taken since the start: the position in the input. */
  get position(): number {
    return this.takenBytes;
  }

  /** Whether no more bytes will be pushed. */
  get ended(): boolean {
    return this.closed;
  }

  /** Appends bytes, which must not be modified afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.waiting += chunk.length;
  }

  /**
   * Reads more input into the queue's own buffer, behind what was not yet taken: `read` fills its argument from the start and returns
   * how many bytes there were, 0 at the end of the input. What `take` gave before is no longer valid. Not to be mixed with `push`.
   */
  fill(read: (target: Uint8Array) => number): void {
    const rest = this.head.subarray(this.headAt);
    let buffer = (this.own ??= takeScratch());
    if (rest.length === buffer.length) {
      buffer = new Uint8Array(2 * rest.length);
      this.own = buffer;
    }
    buffer.set(rest);
    const count = read(buffer.subarray(rest.length));
    this.head = buffer.subarray(0, rest.length + count);
    this.headAt = 0;
    if (count === 0) this.end();
  }

  /** Gives the buffer of `fill` back. */
  close(): void {
    if (this.own !== undefined) releaseScratch(this.own);
    this.own = undefined;
    this.head = new Uint8Array(0);
    this.headAt = 0;
  }

  /** Says that the input is complete. */
  end(): void {
    this.closed = true;
  }

  /** The next byte, which stays in the queue; -1 when there is none now. */
  peek(): number {
    if (this.headAt === this.head.length && !this.advance()) return -1;
    return this.head[this.headAt]!;
  }

  /** The next `count` bytes in one array: a view when they lie in one chunk, else a copy. */
  take(count: number): Uint8Array {
    if (count > this.available) throw new RangeError(`${count} bytes asked for, ${this.available} are there`);
    this.takenBytes += count;
    if (this.headAt === this.head.length) this.advance();
    if (this.headAt + count <= this.head.length) {
      this.headAt += count;
      return this.head.subarray(this.headAt - count, this.headAt);
    }
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (;;) {
      const part = this.head.subarray(this.headAt, this.headAt + count - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.headAt += part.length;
      if (filled === count) return bytes;
      this.advance();
    }
  }

  private advance(): boolean {
    const next = this.chunks.shift();
    if (next === undefined) return false;
    this.waiting -= next.length;
    this.head = next;
    this.headAt = 0;
    return true;
  }
}
