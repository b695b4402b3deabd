/** A disk of a few MiB with data here and there, and its bytes. */

import { createHash } from "node:crypto";
import { type Content, contentOfBytes } from "#dist/bytes/content.js";
import { sparseContent } from "#dist/bytes/sparse-content.js";

export const SEED = "630b5f72-a36a-4e83-b23d-6ef47c82fd9c";

/** Bytes that are neither zeros nor the same everywhere. */
export function pattern(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff || 1;
  return bytes;
}

/** A sparse disk with these ranges of data. */
export function diskWith(size: number, ranges: readonly (readonly [number, number])[]): Content {
  return sparseContent(
    size,
    ranges.map(([offset, length], i) => ({ offset, content: contentOfBytes(pattern(length, i)) })),
  );
}

/** sha256 in hex. */
export async function sha256(content: Content): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content.chunks()) hash.update(chunk);
  return hash.digest("hex");
}
