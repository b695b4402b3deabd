import { expect, it } from "vitest";
import { packExtents } from "#dist/filesystem/erofs/pack-extents.js";
import { noise } from "../../fixtures/packing/trees.js";

const BLOCK = 4096;

it.each([
  // What is left is 2,000 bytes: 1,192 up to the end of their cluster, and the rest in a cluster of its own.
  [9000, [7000, 1192, 808]],
  [8192, [7000, 1192]],
  [8000, [7000, 1000]],
  [7000 + BLOCK, [7000, 1192, 2904]],
  // One that is not the last may.
  [7000 + BLOCK + 1, [7000, BLOCK, 1]],
])("the last plain extent of %d bytes lies in one cluster", (size, wanted) => {
  const bytes = noise(size);
  const block = new Uint8Array(BLOCK).fill(1);
  const fill = (input: Uint8Array) => (input.length === size ? { consumed: 7000, block } : undefined);
  const { extents, stored } = packExtents(bytes, fill, BLOCK);
  expect(extents.map((extent) => extent.size)).toEqual(wanted);
  expect(stored.length).toBe(wanted.length);
  // Each at its offset in the cluster.
  expect(stored[1]!.subarray(7000 % BLOCK, (7000 % BLOCK) + 100)).toEqual(bytes.subarray(7000, 7100));
});
