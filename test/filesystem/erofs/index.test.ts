import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import { encodeIndex, indexBytes } from "#dist/filesystem/erofs/cluster-index.js";
import { extentWord } from "#dist/filesystem/erofs/extent-table.js";
import { openIndex } from "#dist/filesystem/erofs/read-index.js";
import { DATA_LAYOUT } from "#dist/filesystem/erofs/structures.js";

const BLOCK = 4096;
const { compressedCompact, compressedFull } = DATA_LAYOUT;

type Extent = readonly [size: number, blocks: number, plain: boolean];
const tableOf = (extents: readonly Extent[]) => [
  Uint32Array.from(extents.flatMap(([size, blocks, plain]) => [size, extentWord({ size, blocks, plain })])),
];
const sizeOf = (extents: readonly Extent[]) => extents.reduce((sum, [size]) => sum + size, 0);

/** All that a reader finds in an index of these extents. */
function clustersOf(layout: number, extents: readonly Extent[], start: number) {
  const size = sizeOf(extents);
  const index = encodeIndex(layout, tableOf(extents), { size, start, firstBlock: 77, algorithm: 3 });
  expect(index.length).toBe(indexBytes(layout, { size, start }));
  const image = contentOfBytes(Buffer.concat([new Uint8Array(start), index]));
  const opened = openIndex(
    { image, superblock: { featureIncompat: 3 } } as Parameters<typeof openIndex>[0],
    { nid: 1, size, layout, end: start } as Parameters<typeof openIndex>[1],
  );
  expect(opened).toMatchObject({ algorithm: 3, interlaced: true });
  return Array.from({ length: Math.ceil(size / BLOCK) }, (_, cluster) => {
    const { type, offset, block, blocks } = opened.cluster(cluster);
    return { type, offset, blocks, block: type === 2 ? undefined : block };
  });
}

/** Extents of more bytes than they take, plain ones of one block, and a last one of any size. */
const compressed = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 200_000 }))
  .map(([blocks, more]): Extent => [blocks * BLOCK + more, blocks, false]);
const small = fc.integer({ min: 1, max: 6000 }).map((more): Extent => [BLOCK + more, 1, false]);
const plain = fc.constant<Extent>([BLOCK, 1, true]);
const extentsOfAll = fc
  .array(fc.oneof(compressed, small, small, plain, plain), { minLength: 1, maxLength: 60 })
  .chain((list) =>
    fc.constantFrom(
      list,
      list.filter(([, blocks]) => blocks === 1),
    ),
  )
  .filter((list) => list.length > 0);

it("says the same in either form, wherever it begins", () => {
  fc.assert(
    fc.property(extentsOfAll, fc.integer({ min: 4, max: 11 }), (extents, eights) => {
      const compact = clustersOf(compressedCompact, extents, 8 * eights);
      expect(compact).toEqual(clustersOf(compressedFull, extents, 8 * eights));
    }),
    { numRuns: 150, seed: 5 },
  );
});

it("has at most 4 bytes a cluster, and next to 2 where there are many", () => {
  for (const [clusters, bytes] of [
    [1, 16],
    [2, 16],
    [3, 24],
    [6, 32],
    [22, 64],
    [65_536, 131_112],
  ] as const)
    expect(indexBytes(compressedCompact, { size: clusters * BLOCK, start: 0 })).toBe(bytes);
  expect(indexBytes(compressedFull, { size: 65_536 * BLOCK, start: 0 })).toBe(16 + 8 * 65_536);
});

it("is mkfs.erofs's", () => {
  // /a of 1,090,010 bytes in clusters of 64 KiB.
  const large: Extent[] = [
    [132_040, 16, false],
    [132_427, 16, false],
    [78_231, 16, false],
    [747_312, 13, false],
  ];
  const encode = (extents: Extent[], firstBlock: number): Uint8Array =>
    encodeIndex(compressedCompact, tableOf(extents), { size: sizeOf(extents), start: 0, firstBlock, algorithm: 0 });
  const packs = encode(large, 1).subarray(8);
  expect(createHash("sha256").update(packs.subarray(0, -8)).digest("hex")).toMatch(/^9a0778d4684e29fb/);
  expect(Buffer.from(packs.subarray(-8)).toString("hex")).toBe("da0100003e000000");
  // What begins with noise, in clusters of 4 KiB.
  const sizes = [
    4096, 4096, 4096, 4096, 4096, 4438, 4495, 4432, 4475, 4163, 4096, 4105, 4389, 4440, 4544, 4430, 4550, 4518, 1446,
  ];
  const mixed = sizes.map((size, i): Extent => [size, 1, size === 4096 || i === 18]);
  const hex = Buffer.from(encode(mixed, 138).subarray(8)).toString("hex");
  expect(hex).toBe(
    "0000000089000000000000008b000000000000108d0000005611e5128f0000003514b01591000000f305f31593000000fc152117950000007918391a97000000871b4d1d99000000f30e99049b000000",
  );
});
