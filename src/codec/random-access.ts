/** What the readers of archives need: bytes that can be read anywhere. A `FileContent` is one. */
export interface RandomAccess {
  readonly size: number;
  /** `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes in memory as `RandomAccess`. */
export function randomAccessOf(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}
