import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { Lz4Compressor } from "#dist/codec/lz4/compress-lz4.js";
import { decodeLz4Block } from "#dist/codec/lz4/decode-lz4.js";

import { AssembleError } from "#dist/errors/assemble-error.js";
import { readErofs } from "#dist/filesystem/erofs/read-erofs.js";
import { type ErofsOptions, writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { inspectArtifact } from "#dist/report/inspect/inspect-artifact.js";
import { renderInspection } from "#dist/report/inspect/render-inspection.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { packingRoom } from "../../fixtures/packing/packing-room.js";
import { describeTree, noise, prose, richTree, steps, treeOf } from "../../fixtures/packing/trees.js";

// On a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const { cache, workers } = packingRoom();

const UUID = "11111111-2222-3333-4444-555555555555";
type Type = "lz4" | "deflate" | "zstd";
async function pack(tree: Tree, type?: Type, clusterBytes?: number, more: Partial<ErofsOptions> = {}) {
  const level = type === "zstd" ? 3 : 6;
  const packing = type === undefined ? undefined : { compression: { type, level }, clusterBytes, cache, workers };
  const content = await writeErofs(tree, { uuid: UUID, time: 1_700_000_000, packing, ...more });
  const bytes = await readContent(content);
  expect(bytes.length).toBe(content.size);
  return bytes;
}
const SETTINGS: readonly (readonly [Type | undefined, number | undefined])[] = [
  [undefined, undefined],
  ["lz4", 4096],
  ["lz4", 65536],
  ["zstd", 65536],
  ["deflate", 8192],
];
const read = (bytes: Uint8Array): Tree => readErofs(contentOfBytes(bytes)).tree;
const codeOf = (error: unknown): string => {
  if (error instanceof AssembleError) return error.code;
  throw error;
};

describe("an EROFS image", () => {
  it.each(SETTINGS)("keeps everything of the tree: %s, clusters of %s", async (type, clusterBytes) => {
    const tree = richTree();
    tree.write("/usr/share/mixed", Buffer.concat([prose(70_001), noise(30_000), new Uint8Array(900_000), prose(9)]));
    const bytes = await pack(tree, type, clusterBytes);
    expect(describeTree(read(bytes))).toEqual(describeTree(tree));
    expect(Buffer.compare(bytes, await pack(tree, type, clusterBytes))).toBe(0);
  });

  it("has these bytes", async () => {
    const tree = new Tree({ epoch: 5 });
    tree.mkdirs("/a/b");
    tree.write("/a/large", prose(50_000), { xattrs: new Map([["user.x", Uint8Array.of(1)]]) });
    tree.write("/a/small", "x", { xattrs: new Map([["user.x", Uint8Array.of(1)]]) });
    tree.link("/a/large", "/hard");
    const digests = [];
    for (const [type, clusterBytes] of SETTINGS)
      digests.push(
        createHash("sha256")
          .update(await pack(tree, type, clusterBytes, { label: "root" }))
          .digest("hex")
          .slice(0, 16),
      );
    expect(digests).toMatchInlineSnapshot(`
      [
        "d76463429cab513e",
        "7c8f1a2d6ffa9955",
        "9f23823f6ca68d10",
        "c57acc8fe634db26",
        "f01a68fca06e1b9a",
      ]
    `);
  });

  it("keeps what begins as noise and can be compressed later on", async () => {
    const tree = new Tree();
    for (const size of [3000, 30_000, 90_000])
      tree.write(`/${size}`, Buffer.concat([noise(size), new Uint8Array(700_000)]));
    for (const [type, clusterBytes] of SETTINGS)
      expect(describeTree(read(await pack(tree, type, clusterBytes)))).toEqual(describeTree(tree));
  });

  it("keeps random trees", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const tree = treeOf(list);
        expect(describeTree(read(await pack(tree)))).toEqual(describeTree(tree));
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it("is said to be one", async () => {
    const tree = new Tree({ epoch: 5 });
    tree.write("/file", prose(10_000));
    const inspection = await inspectArtifact(contentOfBytes(await pack(tree, "lz4", 4096, { label: "root" })));
    expect(inspection).toMatchObject({ kind: "erofs", uuid: UUID, label: "root", compression: "lz4", inodes: 2 });
    expect(renderInspection(inspection)).toContain("EROFS image");
  });

  it("refuses what it cannot hold", async () => {
    const tree = new Tree();
    tree.write("/a", "", { xattrs: new Map([["other.x", Uint8Array.of(1)]]) });
    await expect(pack(tree)).rejects.toMatchObject({ code: "filesystem/erofs-unrepresentable" });
    const label = pack(new Tree(), undefined, undefined, { label: "n".repeat(16) });
    await expect(label).rejects.toMatchObject({ code: "filesystem/erofs-options" });
    await expect(pack(new Tree(), "lz4", 5000)).rejects.toMatchObject({ code: "filesystem/erofs-options" });
  });
});

describe("the EROFS reader", () => {
  it.each(["none", "lz4", "zstd", "deflate"] as const)("reads or refuses damaged images: %s", async (name) => {
    const tree = new Tree();
    tree.mkdirs("/a/b");
    for (let i = 0; i < 20; i++) tree.write(`/a/b/${i}`, prose(300, i + 1));
    tree.write("/a/large", prose(40_000), { xattrs: new Map([["user.x", Uint8Array.of(1, 2)]]) });
    tree.symlink("a", "/link");
    const sound = await pack(tree, name === "none" ? undefined : name, 8192);
    const choice = new Uint32Array(noise(3600, 11).buffer);
    const codes = new Map<string, number>();
    for (let i = 0; i + 2 < choice.length; i += 3) {
      const bytes = sound.slice();
      // Half in the first blocks, where the metadata is; without the checksum, or all would end there.
      bytes[1032] = 2;
      bytes[1024 + (choice[i]! % ((i & 1) === 0 ? 12_000 : sound.length - 1024))]! ^= (choice[i + 1]! % 255) + 1;
      let code = "";
      try {
        for (const { node } of read(bytes).walk()) {
          if (node.type !== "file" || node.content.size > 1 << 24) continue;
          for await (const _ of node.content.chunks());
        }
      } catch (error) {
        code = codeOf(error);
      }
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes.keys()].filter((code) => !/^$|^filesystem\/erofs-(?:invalid|unsupported)$/.test(code))).toEqual(
      [],
    );
    // What is stored as it is can change without a trace.
    expect(codes.get("filesystem/erofs-invalid")).toBeGreaterThan(name === "none" ? 5 : 20);
  });

  it("notices a superblock with another checksum, and an image that is cut off", async () => {
    const bytes = await pack(richTree());
    const flipped = bytes.slice();
    flipped[1024 + 40]! ^= 1;
    for (const wrong of [flipped, bytes.subarray(0, bytes.length - 4096), bytes.subarray(0, 1200)])
      expect(() => read(wrong)).toThrow(expect.objectContaining({ code: "filesystem/erofs-invalid" }));
  });
});

describe("a filled LZ4 block", () => {
  it("holds what it says, and not more than it has room for", () => {
    const lz4 = new Lz4Compressor();
    for (const input of [prose(100_000), noise(9000), new Uint8Array(90_000), prose(13), Uint8Array.of(1, 2)])
      for (const capacity of [1024, 4096, 65536]) {
        const { consumed, block } = lz4.fill(input, { capacity, level: 4 });
        expect(block.length).toBeLessThanOrEqual(capacity);
        expect(Buffer.compare(decodeLz4Block(block, consumed), input.subarray(0, consumed))).toBe(0);
        expect(consumed).toBeGreaterThanOrEqual(Math.min(input.length, capacity - 4 - Math.ceil(capacity / 255)));
      }
  });
});
