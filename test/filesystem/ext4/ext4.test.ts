import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentOfBytes, type FileContent, readContent } from "#dist/bytes/content.js";
import { extentsOf } from "#dist/bytes/sparse-content.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { type Ext4Options, writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import type { DirectoryNode } from "#dist/rootfs/tree/node.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { describeTree } from "../../fixtures/describe-tree.js";
import { randomTree } from "../../fixtures/random-tree.js";
import { seededBytes } from "../../fixtures/seeded-bytes.js";
import { seededNumbers } from "../../fixtures/seeded-numbers.js";
import { mutate } from "./mutate-ext4.js";

const OPTIONS: Ext4Options = {
  uuid: "11111111-2222-3333-4444-555555555555",
  hashSeed: "a1b2c3d4-2222-3333-4444-555555555555",
  time: 0,
};
const write = async (tree: Tree, options: Partial<Ext4Options> = {}): Promise<Uint8Array> =>
  readContent(await writeExt4(tree, { ...OPTIONS, ...options }));
const read = (bytes: Uint8Array) => readExt4(contentOfBytes(bytes));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const code = async (run: () => unknown): Promise<string | undefined> => {
  try {
    await run();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

function smallTree(): Tree {
  const tree = new Tree({ epoch: 1_700_000_000 });
  tree.mkdirs("/usr/bin");
  tree.write("/usr/bin/tool", seededBytes(100_000, 1), { mode: 0o4755 });
  tree.link("/usr/bin/tool", "/usr/bin/other");
  tree.symlink("usr/bin", "/bin");
  tree.symlink("x".repeat(100), "/long");
  tree.add("/null", { type: "char", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0, mtime: 1, links: 0 });
  tree.write("/etc", "").xattrs = new Map([["user.note", new Uint8Array([1, 2, 3])]]);
  return tree;
}

/** The same tree with every directory's entries put in from the last to the first. */
function shuffled(directory: DirectoryNode): void {
  const entries = [...directory.entries].reverse();
  directory.entries.clear();
  for (const [name, node] of entries) {
    directory.entries.set(name, node);
    if (node.type === "directory") shuffled(node);
  }
}

describe("writeExt4", () => {
  it("writes the same bytes for ever", async () => {
    const found = [];
    for (const options of [{}, { blockSize: 1024 }, { size: 32 << 20, journal: true, label: "root" }] as const) {
      const bytes = await write(smallTree(), options);
      found.push({ bytes: bytes.length, sha256: sha256(bytes) });
    }
    expect(found).toMatchInlineSnapshot(`
      [
        {
          "bytes": 159744,
          "sha256": "ca9ac34117791ec0b640260b9ae8c3ca7c6451a9e78a3d8dae92a1890e9eecb0",
        },
        {
          "bytes": 128000,
          "sha256": "0013faf478e05e8459ac3e9b14daf023531c9c4e3328686b6ddee423a91c94b7",
        },
        {
          "bytes": 33554432,
          "sha256": "823526cf0a4b6b9f97e2622f412c368cdfedc16d5820e9aa8e4e5b80ae3919cc",
        },
      ]
    `);
  });

  it("says where it has data: of a large, empty file system that is little", async () => {
    const image = await writeExt4(smallTree(), { ...OPTIONS, size: 1 << 30, journal: true });
    const small = await writeExt4(smallTree(), { ...OPTIONS, size: 32 << 20, journal: true });
    const told = [...extentsOf(image)];
    expect(told.reduce((sum, { content }) => sum + content.size, 0)).toBeLessThan(4 << 20);
    expect(told.length).toBeGreaterThan(5);
    const bytes = new Uint8Array(small.size);
    for (const { offset, content } of extentsOf(small)) {
      const data = await readContent(content);
      expect(data.length).toBe(content.size);
      bytes.set(data, offset);
    }
    expect(sha256(bytes)).toBe(sha256(await readContent(small)));
  });

  it("writes the same bytes whatever the order of entries, and each time it is read", async () => {
    const tree = randomTree(11, { nodes: 100, fileBytes: 1 << 13, wideDirectory: 300 });
    const image = await writeExt4(tree, OPTIONS);
    const first = await readContent(image);
    expect(sha256(await readContent(image))).toBe(sha256(first));
    shuffled(tree.root);
    expect(sha256(await write(tree))).toBe(sha256(first));
  });

  it("is read back as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1 << 30 }),
        fc.constantFrom(1024, 2048, 4096),
        fc.boolean(),
        async (seed, blockSize, journal) => {
          const tree = randomTree(seed, { nodes: 100, fileBytes: 1 << 14, wideDirectory: seed % 3 === 0 ? 400 : 0 });
          const bytes = await write(tree, { blockSize: blockSize as 1024, journal });
          const image = read(bytes);
          const without = tree.root.entries.has("lost+found") ? [] : ["/lost+found"];
          expect(describeTree(image.tree, without)).toEqual(describeTree(tree));
          expect(image.uuid).toBe(OPTIONS.uuid);
          expect(image.features.includes("has_journal")).toBe(journal);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("makes the smallest file system: one block less does not hold the tree", async () => {
    for (const blockSize of [1024, 4096] as const) {
      const { size } = await writeExt4(smallTree(), { ...OPTIONS, blockSize });
      const inodes = 0;
      expect((await writeExt4(smallTree(), { ...OPTIONS, blockSize, inodes, size })).size).toBe(size);
      expect(await code(() => write(smallTree(), { blockSize, inodes, size: size - blockSize }))).toBe(
        "ext4/too-small",
      );
    }
  });

  it("leaves holes out and keeps the size", async () => {
    const bytes = new Uint8Array(1 << 20);
    bytes.set(seededBytes(10, 1), 600_000);
    const tree = new Tree();
    tree.write("/sparse", bytes);
    tree.write("/zeros", new Uint8Array(100_000));
    const image = await write(tree);
    expect(image.length).toBeLessThan(80_000);
    expect(describeTree(read(image).tree, ["/lost+found"])).toEqual(describeTree(tree));
  });

  it("writes a file of many extents as a tree", async () => {
    const bytes = new Uint8Array(1024 * 2000);
    for (let block = 0; block < 2000; block += 2) bytes[block * 1024] = 1 + (block % 255);
    const tree = new Tree();
    tree.write("/comb", bytes);
    const { tree: again } = read(await write(tree, { blockSize: 1024 }));
    expect(Buffer.compare(again.read("/comb"), bytes)).toBe(0);
    expect(again.file("/comb").content.read(2 * 1024, 1)).toEqual(new Uint8Array([3]));
  });

  it("refuses what ext4 cannot hold", async () => {
    const refused: [string, (tree: Tree) => unknown][] = [
      ["ext4/unrepresentable", (tree) => tree.write("/a", "", { mtime: 2 ** 40 })],
      ["ext4/unrepresentable", (tree) => tree.symlink("x".repeat(4096), "/a")],
      ["ext4/unrepresentable", (tree) => tree.write("/a", "", { xattrs: new Map([["other.a", new Uint8Array(1)]]) })],
      ["ext4/unrepresentable", (tree) => tree.write("/a", "", { xattrs: new Map([["user.a", new Uint8Array(5000)]]) })],
      ["ext4/lost-found", (tree) => tree.write("/lost+found", "")],
    ];
    for (const [wanted, change] of refused) {
      const tree = new Tree();
      change(tree);
      expect(await code(() => write(tree))).toBe(wanted);
    }
    const linked = new Tree();
    linked.write("/first", "");
    for (let i = 0; i < 65_000; i++) linked.link("/first", `/l${i}`);
    expect(await code(() => write(linked))).toBe("ext4/unrepresentable");
    expect(await code(() => write(new Tree(), { label: "x".repeat(17) }))).toBe("ext4/options");
    expect(await code(() => write(new Tree(), { size: 1 << 20, journal: true }))).toBe("ext4/options");
    expect(await code(() => write(new Tree(), { size: 1 << 10 }))).toBe("ext4/too-small");
  });
});

describe("readExt4", () => {
  it("finds each of 300 flipped bits in superblock, descriptors and inodes", async () => {
    const bytes = await write(smallTree(), { blockSize: 1024 });
    const inodeTable = new DataView(bytes.buffer).getUint32(2048 + 8, true) * 1024;
    const next = seededNumbers(17);
    for (let i = 0; i < 300; i++) {
      // Inode 2 is the root, 12 the first of the tree: those between are not read.
      const places = [
        1024 + (next() % 1024),
        2048 + (next() % 64),
        inodeTable + 256 + (next() % 256),
        inodeTable + 11 * 256 + (next() % 256),
      ];
      const at = places[i % 4]!;
      const bit = 1 << (next() % 8);
      // The bit that says that there are checksums: nothing vouches for it.
      if (at === 1024 + 0x65 && bit === 4) continue;
      const copy = bytes.slice();
      copy[at]! ^= bit;
      expect(await code(() => read(copy))).toMatch(/^ext4\/(corrupt|unsupported)$/);
    }
  });

  it("ends with an error or a tree for 1,000 mutations, with checksums and without", async () => {
    const bytes = await write(randomTree(5, { nodes: 25, fileBytes: 4096 }), { blockSize: 1024 });
    const outcomes = mutate(bytes, { count: 1000, seed: 4 });
    expect([...outcomes.keys()].filter((outcome) => !/^ext4\/(corrupt|unsupported|tree)$/.test(outcome))).toEqual([]);
    expect(outcomes.get("ext4/tree")).toBeGreaterThan(20);
    expect(outcomes.get("ext4/corrupt")).toBeGreaterThan(200);
  });

  it("refuses an image that is cut off, and what is none", async () => {
    const bytes = await write(smallTree());
    const cut: FileContent = contentOfBytes(bytes.subarray(0, bytes.length - 4096));
    expect(await code(() => readExt4(cut))).toBe("ext4/corrupt");
    expect(await code(() => read(new Uint8Array(4096)))).toBe("ext4/corrupt");
    expect(await code(() => read(new Uint8Array(0)))).toBe("ext4/corrupt");
  });
});
