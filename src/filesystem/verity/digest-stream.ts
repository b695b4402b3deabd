/**
 * Digests of all blocks of a content, in order, hashed in workers a few batches ahead. Batches have a fixed size, so nothing depends on the
 * number of workers.
 */

import type { Content } from "../../bytes/content.js";
import type { Workers } from "../../io/workers.js";
import type { VerityAlgorithm } from "./geometry.js";
import { hashBlocks, hashBlocksTask } from "./hash-blocks-task.js";

/** How to hash. */
export interface DigestOptions {
  readonly blockSize: number;
  readonly algorithm: VerityAlgorithm;
  readonly salt: Uint8Array;
  /** Without them the hashing is done here. */
  readonly workers?: Workers | undefined;
}

const BATCH_BYTES = 1 << 20;

/** Yields the digests of a batch of blocks at a time. The content's size must be whole blocks. */
export async function* digestStream(content: Content, options: DigestOptions): AsyncGenerator<Uint8Array, void, void> {
  const { workers, blockSize, algorithm, salt } = options;
  const ahead = 2 * (workers?.jobs ?? 0) + 1;
  const running: { readonly bytes: Uint8Array; readonly digests: Promise<Uint8Array> }[] = [];
  const spare: Uint8Array[] = [];
  for await (const bytes of sharedBatches(content.chunks(true), spare)) {
    const input = { bytes, blockSize, algorithm, salt };
    const digests = workers === undefined ? Promise.resolve(hashBlocks(input)) : workers.run(hashBlocksTask, input);
    // A failure is seen when its turn comes; until then it must not count as unhandled.
    digests.catch(() => undefined);
    running.push({ bytes, digests });
    if (running.length < ahead) continue;
    const first = running.shift()!;
    yield await first.digests;
    spare.push(first.bytes);
  }
  for (const { digests } of running) yield await digests;
}

/** Batches in memory that workers see too, so that nothing is copied for them; it is taken from `spare`, if there is any. */
async function* sharedBatches(
  chunks: AsyncIterable<Uint8Array>,
  spare: Uint8Array[],
): AsyncGenerator<Uint8Array, void, void> {
  let batch: Uint8Array | undefined;
  let used = 0;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; ) {
      batch ??= spare.pop() ?? new Uint8Array(new SharedArrayBuffer(BATCH_BYTES));
      const piece = chunk.subarray(at, at + batch.length - used);
      batch.set(piece, used);
      at += piece.length;
      used += piece.length;
      if (used < batch.length) continue;
      yield batch;
      batch = undefined;
      used = 0;
    }
  if (batch !== undefined) yield batch.subarray(0, used);
}

/** The same bytes in pieces of exactly `size`, but for the last. */
export async function* exactPieces(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, void> {
  let piece: Uint8Array | undefined;
  let used = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (used === 0 && chunk.length - at >= size) {
        yield chunk.subarray(at, at + size);
        at += size;
        continue;
      }
      piece ??= new Uint8Array(size);
      const count = Math.min(size - used, chunk.length - at);
      piece.set(chunk.subarray(at, at + count), used);
      used += count;
      at += count;
      if (used < size) continue;
      yield piece;
      piece = undefined;
      used = 0;
    }
  }
  if (piece !== undefined) yield piece.subarray(0, used);
}
