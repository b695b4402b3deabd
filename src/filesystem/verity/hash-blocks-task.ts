/** The worker's task: digests of blocks, each hashed with the salt before it (dm-verity, hash type 1). */

import { createHash } from "node:crypto";
import { defineTask } from "../../io/workers.js";
import { DIGEST_BYTES, type VerityAlgorithm } from "./geometry.js";

/** Blocks to hash. */
export interface HashBlocksInput {
  /** Whole blocks. */
  readonly bytes: Uint8Array;
  readonly blockSize: number;
  readonly algorithm: VerityAlgorithm;
  readonly salt: Uint8Array;
}

/** The task. */
export const hashBlocksTask = defineTask<HashBlocksInput, Uint8Array>(import.meta.url, "hashBlocks");

/** The digests of the blocks, one after the other. */
export function hashBlocks({ bytes, blockSize, algorithm, salt }: HashBlocksInput): Uint8Array {
  const width = DIGEST_BYTES[algorithm];
  const digests = new Uint8Array((bytes.length / blockSize) * width);
  const salted = createHash(algorithm).update(salt);
  for (let at = 0, to = 0; at < bytes.length; at += blockSize, to += width)
    digests.set(
      salted
        .copy()
        .update(bytes.subarray(at, at + blockSize))
        .digest(),
      to,
    );
  return digests;
}
