/**
 * How the project's own decoders (xz, zstd) stream: a decoder is a generator over a `ByteQueue`. It yields decoded bytes as views
 * that are valid until it is resumed, or `undefined` when it wants more input. So one decoder serves synchronous and asynchronous
 * callers, and its memory is its window plus one piece of input.
 */

import { AssembleError } from "../errors/assemble-error.js";
import { ByteQueue } from "./byte-queue.js";

/** A running decoder. */
export type Decoder = Generator<Uint8Array | undefined, void, void>;

/** Starts a decoder over a queue. */
export type StartDecoder = (input: ByteQueue) => Decoder;

/** Waits until `count` bytes are in the queue; `truncated` makes the error for an input that ends before. */
export function* waitFor(input: ByteQueue, count: number, truncated: () => Error): Generator<undefined, void, void> {
  while (input.available < count) {
    if (input.ended) throw truncated();
    yield undefined;
  }
}

/**
 * Decodes a stream. Every chunk that comes out is the caller's own when `copy` is true (the default); else a view that is valid
 * until the next one is asked for.
 */
export async function* decodeStream(
  start: StartDecoder,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { readonly copy?: boolean } = {},
): AsyncGenerator<Uint8Array, void, void> {
  const queue = new ByteQueue();
  const decoder = start(queue);
  const copy = options.copy ?? true;
  for await (const chunk of input) {
    queue.push(chunk);
    for (let step = decoder.next(); ; step = decoder.next()) {
      if (step.done) throw new RangeError("the decoder ended before its input");
      if (step.value === undefined) break;
      yield copy ? step.value.slice() : step.value;
    }
  }
  queue.end();
  for (let step = decoder.next(); !step.done; step = decoder.next()) {
    if (step.value !== undefined) yield copy ? step.value.slice() : step.value;
  }
}

/** Decodes bytes that are all there, handing each piece of output to `onOutput` as a view that is valid during the call. */
export function decodeBytes(start: StartDecoder, input: Uint8Array, onOutput: (piece: Uint8Array) => void): void {
  const queue = new ByteQueue();
  const decoder = start(queue);
  queue.push(input);
  queue.end();
  for (let step = decoder.next(); !step.done; step = decoder.next()) {
    if (step.value !== undefined) onOutput(step.value);
  }
}

/**
 * The same with input that is read when it is wanted: `read` fills its argument from the start and returns how many bytes there
 * were, 0 at the end.
 */
export function decodeFrom(
  start: StartDecoder,
  read: (target: Uint8Array) => number,
  onOutput: (piece: Uint8Array) => void,
): void {
  const queue = new ByteQueue();
  const decoder = start(queue);
  try {
    for (let step = decoder.next(); !step.done; step = decoder.next()) {
      if (step.value !== undefined) onOutput(step.value);
      else if (queue.ended) throw new RangeError("the decoder wants more than its input");
      else queue.fill(read);
    }
  } finally {
    // It may be amid a stream: what it holds goes back too.
    decoder.return();
    queue.close();
  }
}

/** Decodes bytes that are all there into one array of at most `maxBytes`; `format` names it in the error `codec/too-large`. */
export function decodeWhole(
  start: StartDecoder,
  input: Uint8Array,
  limit: { readonly maxBytes: number; readonly format: string },
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  decodeBytes(start, input, (piece) => {
    size += piece.length;
    if (size > limit.maxBytes) throw tooLarge(limit);
    pieces.push(piece.slice());
  });
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The error for data that unpacks to more than its reader allows. */
export function tooLarge(limit: { readonly maxBytes: number; readonly format: string }): AssembleError {
  return new AssembleError(
    "codec/too-large",
    `Cannot decode ${limit.format} data: it unpacks to more than ${limit.maxBytes} bytes, less was wanted`,
  );
}
