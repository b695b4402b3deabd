/**
 * Buffers for bytes in passing, kept for the next who needs one. A new buffer for each file that is read would be garbage of the
 * image's size: the collector does not see it (it lies outside of V8's heap), and what the allocator has grown to it does not give back.
 */

/** Bytes of a buffer. */
export const SCRATCH_BYTES = 256 << 10;

const KEPT_MAX = 8;

/** The buffers of this thread that nobody has. What is in them means nothing to the next one. */
const spare: Uint8Array[] = [];

/** A buffer of `SCRATCH_BYTES`, the caller's until `releaseScratch`. */
export function takeScratch(): Uint8Array {
  return spare.pop() ?? new Uint8Array(SCRATCH_BYTES);
}

/** Gives a buffer back; nobody may read it, or a view of it, any more. */
export function releaseScratch(buffer: Uint8Array): void {
  if (spare.length < KEPT_MAX) spare.push(buffer);
}
