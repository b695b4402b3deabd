import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { contentOfBytes, contentOfText, type FileContent, readContent } from "#dist/bytes/content.js";
import type { SquashfsCompression } from "#dist/filesystem/squashfs/compression.js";
import { IdTable } from "#dist/filesystem/squashfs/id-table.js";
import { packSquashfs } from "#dist/filesystem/squashfs/library.js";
import { openSquashfs } from "#dist/filesystem/squashfs/read-squashfs.js";
import { type SquashfsOptions, writeSquashfs } from "#dist/filesystem/squashfs/write-squashfs.js";
import { openCache } from "#dist/io/cache.js";
import type { AssembleEvent } from "#dist/io/event.js";
import { startWorkers } from "#dist/io/workers.js";
import type { DirectoryNode } from "#dist/rootfs/tree/node.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { packingRoom } from "../../fixtures/packing/packing-room.js";
import { describeImage } from "../../fixtures/packing/read-image.js";
import { describeTree, prose, richTree, sha256, steps, treeOf } from "../../fixtures/packing/trees.js";

// On a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const { directory, cache, workers } = packingRoom();

type Settings = Partial<Omit<SquashfsOptions, "cache">>;
async function pack(tree: Tree, settings: Settings = {}): Promise<Uint8Array> {
  const { content } = await writeSquashfs(tree, { cache, workers, ...settings });
  const bytes = await readContent(content);
  expect(bytes.length).toBe(content.size);
  return bytes;
}

const zstd = (level: number): SquashfsCompression => ({ type: "zstd", level });
const SETTINGS: readonly (readonly [string, Settings])[] = [
  ["zstd 3", { compression: zstd(3) }],
  ["zstd 15, blocks of 4 KiB", { compression: zstd(15), blockSize: 4096 }],
  ["zstd 1, blocks of 1 MiB", { compression: zstd(1), blockSize: 1 << 20 }],
  ["gzip 9", { compression: { type: "gzip", level: 9 } }],
  ["gzip 1", { compression: { type: "gzip", level: 1 } }],
  ["lz4 9", { compression: { type: "lz4", level: 9 } }],
  ["none", { compression: { type: "none", level: 0 } }],
];

describe("a squashfs image", () => {
  it("has these bytes", async () => {
    const tree = richTree();
    const digests: Record<string, string> = {};
    for (const [name, settings] of SETTINGS) digests[name] = sha256(await pack(tree, settings));
    expect(digests).toMatchInlineSnapshot(`
      {
        "gzip 1": "ddb6e28cda3e57cce5153f8431e6db7d3c663f285ce816536fba384a4710f763",
        "gzip 9": "4a8afefcc7e54e3ef6487226f4d8a61bc90795c539b30686ab42699e0a5e2d97",
        "lz4 9": "1b532730c05d2c2c12bde65c54751dbe6904774cab3d4c474d42ae17bc7a7d89",
        "none": "9945bb4267022cb706216b5ea84fd57b49743e5d032b4581adee11c3ed2e715f",
        "zstd 1, blocks of 1 MiB": "962964959f90dff108d6068d9eb9e436a2e0faf6b7b7491323712a3f6cd1892b",
        "zstd 15, blocks of 4 KiB": "aa3c7ada4b144047305053807c086277b5431fb6ccf3849a0a08b3205acdb347",
        "zstd 3": "9ebd67b5eac2f475550c0d09290d677c92de57e3a720af5492dda548fbec856f",
      }
    `);
  });

  it.each(SETTINGS)("keeps everything of the tree: %s", async (_, settings) => {
    const tree = richTree();
    const image = await pack(tree, settings);
    expect(await describeImage(contentOfBytes(image))).toEqual(describeTree(tree));
    expect(image.length % 4096).toBe(0);
  });

  it("keeps random trees", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(...SETTINGS), async (list, [, settings]) => {
        const tree = treeOf(list);
        const image = await pack(tree, { ...settings, blockSize: 4096 });
        expect(await describeImage(contentOfBytes(image))).toEqual(describeTree(tree));
      }),
      { numRuns: 60 },
    );
  });

  it("is the same whatever order the tree was made in, with one worker or two, with a cache or without", async () => {
    const image = sha256(await pack(richTree(), { compression: zstd(3) }));
    const shuffled = richTree();
    reverse(shuffled.root);
    const one = startWorkers({ jobs: 1 });
    const other = mkdtempSync(join(tmpdir(), "squashfs-test-"));
    const fresh = openCache({ directory: other });
    try {
      const { content, cached } = await writeSquashfs(shuffled, {
        compression: zstd(3),
        cache: fresh,
        workers: one,
      });
      expect(cached).toBe(0);
      expect(sha256(await readContent(content))).toBe(image);
    } finally {
      await one.close();
      fresh.close();
      rmSync(other, { recursive: true });
    }
  });

  describe("without compression", () => {
    const settings: Settings = { compression: { type: "none", level: 0 } };
    const size = async (...files: (Uint8Array | FileContent)[]) => {
      const tree = new Tree();
      for (const [i, content] of files.entries()) tree.write(`/${i}`, content);
      const image = await pack(tree, settings);
      const stored = openSquashfs(contentOfBytes(image)).entries();
      const read = new Map([...stored].map(({ path, content }) => [path, content?.read()]));
      for (const [i, content] of files.entries()) {
        const bytes = content instanceof Uint8Array ? content : content.read();
        expect(Buffer.compare(read.get(String(i))!, bytes)).toBe(0);
      }
      return image.length;
    };

    it("stores equal files once, and blocks of zeros not at all", async () => {
      const one = await size(prose(1_000_000));
      expect(one).toBeGreaterThan(1_000_000);
      expect(await size(prose(1_000_000), prose(1_000_000))).toBe(one);
      expect(await size(new Uint8Array(5_000_000))).toBeLessThanOrEqual(8192);
      const holes = new Uint8Array(1_000_000);
      // Only its last byte says that the second block is none.
      holes[262_143] = 1;
      expect(await size(holes)).toBeLessThanOrEqual(8192 + 131_072);
    });

    it.each([9_000, 200_000])("tells files of one size and end apart: %d bytes", async (length) => {
      const bytes = prose(length);
      const other = Uint8Array.from(bytes);
      other[0]! ^= 1;
      const known: FileContent = {
        size: length,
        digest: sha256(bytes),
        read: (from = 0, count = length) => bytes.subarray(from, from + count),
        chunks: () => contentOfBytes(bytes).chunks(),
      };
      const two = await size(bytes, other);
      expect(two).toBeGreaterThan(2 * length);
      expect(await size(bytes, other, bytes.slice(), known)).toBe(two);
      expect(await size(known, other, bytes)).toBe(two);
    });
  });

  it("is read block by block, at any offset", async () => {
    const bytes = prose(1_000_003, 3);
    for (const entry of openSquashfs(contentOfBytes(await pack(richTree(), { compression: zstd(3) }))).entries()) {
      if (entry.path !== "usr/share/large") continue;
      for (const [offset, length] of [
        [0, 1],
        [999_999, 100],
        [131_071, 2],
        [5, 400_000],
        [131_072, 131_072],
        [2_000_000, 5],
      ] as const)
        expect(Buffer.compare(entry.content!.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
      return;
    }
    expect.unreachable();
  });

  it("compresses only what changed", async () => {
    const tree = richTree();
    for (let i = 0; i < 12; i++) tree.write(`/usr/large-${i}`, prose(900_000, 100 + i));
    const write = () => writeSquashfs(tree, { compression: zstd(2), cache, workers });
    const { batches, cached } = await write();
    expect(batches).toBeGreaterThan(4);
    expect(cached).toBe(0);
    expect((await write()).cached).toBe(batches);
    tree.write("/usr/large-1", prose(900_001, 500));
    const third = await write();
    expect(third.cached).toBeGreaterThan(batches / 2);
    expect(third.cached).toBeLessThan(third.batches);
  });

  it("keeps what may not enter the cache out of it", async () => {
    const tree = new Tree();
    tree.write("/secret", prose(5000, 1));
    tree.write("/public", prose(5000, 2));
    const placeOf = (file: unknown) => ({ section: "", group: "", cacheable: file !== tree.file("/secret") });
    const write = () => writeSquashfs(tree, { compression: zstd(4), cache, workers, placeOf });
    expect(await write()).toMatchObject({ batches: 2, cached: 0 });
    const again = await write();
    expect(again).toMatchObject({ batches: 2, cached: 1 });
    expect(await describeImage(contentOfBytes(await readContent(again.content)))).toEqual(describeTree(tree));
  });

  it("says which access control lists it leaves out", async () => {
    const tree = new Tree();
    tree.mkdir("/journal", { xattrs: new Map([["system.posix_acl_access", new Uint8Array(44)]]) });
    const events: AssembleEvent[] = [];
    const image = await pack(tree, { onEvent: (event) => events.push(event) });
    expect(events.filter(({ type }) => type === "warning")).toEqual([
      expect.objectContaining({ code: "filesystem/squashfs-acl", message: expect.stringContaining("/journal") }),
    ]);
    const [, journal] = openSquashfs(contentOfBytes(image)).entries();
    expect(journal?.xattrs.size).toBe(0);
  });

  it.each<[string, (tree: Tree) => void]>([
    [
      "an attribute of another kind",
      (tree) => tree.write("/f", "", { xattrs: new Map([["system.x", Uint8Array.of(1)]]) }),
    ],
    ["a long value", (tree) => tree.write("/f", "", { xattrs: new Map([["user.x", new Uint8Array(65537)]]) })],
    ["an empty target", (tree) => tree.symlink("", "/l")],
    [
      "a large device number",
      (tree) => tree.add("/d", { type: "char", major: 4096, minor: 0, mode: 0, uid: 0, gid: 0, mtime: 0, links: 0 }),
    ],
  ])("cannot hold %s", async (_, change) => {
    const tree = new Tree();
    change(tree);
    await expect(pack(tree, { compression: { type: "none", level: 0 } })).rejects.toMatchObject({
      code: "filesystem/squashfs-unrepresentable",
    });
  });

  it("cannot hold more than 65,535 users and groups", () => {
    const ids = new IdTable();
    for (let id = 0; id < 65535; id++) expect(ids.indexOf(id)).toBe(id);
    expect(ids.indexOf(7)).toBe(7);
    expect(() => ids.indexOf(65535)).toThrow(expect.objectContaining({ code: "filesystem/squashfs-unrepresentable" }));
  });

  it.each([0, 2048, 5000, 2 << 20, Number.NaN])("has no blocks of %d bytes", async (blockSize) => {
    await expect(pack(new Tree(), { blockSize })).rejects.toMatchObject({ code: "filesystem/squashfs-options" });
  });

  it("is made without a recipe too", async () => {
    const tree = new Tree({ epoch: 0 });
    tree.mkdirs("/etc");
    tree.write("/etc/hostname", contentOfText("vm\n"));
    const { content, close } = await packSquashfs(tree, {
      compression: { type: "gzip", level: 9 },
      cacheDir: directory,
      jobs: 1,
    });
    expect(await describeImage(contentOfBytes(await readContent(content)))).toEqual(describeTree(tree));
    close();
  });
});

function reverse(node: DirectoryNode): void {
  const entries = [...node.entries].reverse();
  node.entries.clear();
  for (const [name, child] of entries) {
    node.entries.set(name, child);
    if (child.type === "directory") reverse(child);
  }
}
