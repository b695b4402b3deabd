import { expect, it } from "vitest";
import { packExtents } from "#dist/filesystem/erofs/pack-extents.js";
import { noise } from "../../fixtures/packing/trees.js";

const BLOCK = 4096;

it.each([
  // What is left is 2,000 bytes of two clusters.
  [9000, [7000, 2000]],
  [8192, [7000, 1192]],
  [8000, [7000, 1000]],
  [7000 + BLOCK, [7000, BLOCK]],
  [7000 + BLOCK + 1, [7000, BLOCK, 1]],
])("plain extents of %d bytes have a block each, wherever they begin", (size, wanted) => {
  const bytes = noise(size);
  const block = new Uint8Array(BLOCK).fill(1);
  const fill = (input: Uint8Array) => (input.length === size ? { consumed: 7000, block } : undefined);
  const { extents, stored } = packExtents(bytes, fill, BLOCK);
  expect(extents.map((extent) => extent.size)).toEqual(wanted);
  expect(stored.length).toBe(wanted.length);
  // A ring that begins at the offset in the cluster.
  const start = 7000 % BLOCK;
  expect(stored[1]!.subarray(start, start + 1000)).toEqual(bytes.subarray(7000, 8000));
  expect(stored[1]!.subarray(0, Math.max(0, Math.min(size, 7000 + BLOCK) - 8192))).toEqual(
    bytes.subarray(8192, 7000 + BLOCK),
  );
});
