import { closeSync, cpSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Content, contentOfBytes, readContent } from "#dist/bytes/content.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { type Ext4Options, writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { makeDirectory } from "#dist/rootfs/tree/node.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { mutate } from "../filesystem/ext4/mutate-ext4.js";
import { describeTree } from "../fixtures/describe-tree.js";
import { describeWithDebugfs } from "../fixtures/oracle/debugfs.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { randomTree } from "../fixtures/random-tree.js";
import { seededBytes } from "../fixtures/seeded-bytes.js";

const scratch = oracleScratch();
afterAll(() => scratch.remove());

/** How many random trees: 1,000 for a long run. */
const TREES = 50;

const OPTIONS: Ext4Options = {
  uuid: "11111111-2222-3333-4444-555555555555",
  hashSeed: "a1b2c3d4-2222-3333-4444-555555555555",
  time: 1_700_000_000,
};

/** The options of a random tree: every block size, with and without a size and a journal. */
function optionsOf(seed: number): Ext4Options {
  return {
    ...OPTIONS,
    blockSize: ([1024, 2048, 4096] as const)[seed % 3]!,
    journal: seed % 4 === 0,
    label: "root",
    ...(seed % 3 === 1 ? { size: (48 + (seed % 100)) << 20 } : {}),
  };
}

async function writeImage(image: Content): Promise<void> {
  const file = openSync(join(scratch.outside, "image"), "w");
  try {
    for await (const chunk of image.chunks()) writeSync(file, chunk);
  } finally {
    closeSync(file);
  }
}

/** Runs e2fsck, which must have nothing to remark: five passes and a summary. */
function check(): void {
  const said = runInOracle(scratch.inside, ["e2fsck", "-fn", "image"]).trim().split("\n");
  expect(said.filter((line) => !line.startsWith("Pass "))).toEqual([expect.stringMatching(/^\w+: \d+\/\d+ files/)]);
  expect(said.length).toBe(6);
}

describe("ext4 against e2fsprogs", () => {
  it(`is clean for e2fsck and holds the tree for debugfs: ${TREES} random trees`, async () => {
    for (let seed = 1; seed <= TREES; seed++) {
      const wideDirectory = seed % 7 === 0 ? 20 * seed : 0;
      const tree = randomTree(seed, { nodes: seed % 10 === 0 ? 800 : 120, fileBytes: 1 << 16, wideDirectory });
      await writeImage(await writeExt4(tree, optionsOf(seed)));
      check();
      const lines = describeWithDebugfs(scratch, "image").filter((line) => !line.startsWith("/lost+found directory"));
      expect(lines).toEqual(describeTree(tree));
    }
  });

  it("has the features of mke2fs, but for resize_inode", async () => {
    for (const journal of [true, false]) {
      await writeImage(await writeExt4(new Tree(), { ...OPTIONS, size: 64 << 20, journal }));
      const features = (image: string) =>
        /^Filesystem features: +(.*)$/m.exec(runInOracle(scratch.inside, ["dumpe2fs", "-h", image]))![1]!.split(" ");
      const ours = features("image");
      const without = ["-O", journal ? "^resize_inode" : "^resize_inode,^has_journal,^orphan_file"];
      runInOracle(scratch.inside, ["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", ...without, "theirs", "64M"]);
      expect(ours).toEqual(features("theirs"));
      const image = readExt4(contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, "image")))));
      expect([...image.features].sort()).toEqual([...ours].sort());
    }
  });

  it("indexes a directory in two levels, and more subdirectories than can be counted", async () => {
    const tree = new Tree();
    tree.mkdir("/many");
    for (let i = 0; i < 12_000; i++)
      tree.directory("/many").entries.set(`${"n".repeat(20 + (i % 200))}${i}`, tree.write("/f", ""));
    tree.file("/f").links = 12_001;
    tree.mkdir("/directories");
    const { entries } = tree.directory("/directories");
    for (let i = 0; i < 65_010; i++) entries.set(`d${i}`, makeDirectory({ mode: 0o755, uid: 0, gid: 0, mtime: 0 }));
    await writeImage(await writeExt4(tree, { ...OPTIONS, blockSize: 1024 }));
    check();
    const index = runInOracle(scratch.inside, ["debugfs", "-R", "htree /many", "image"]);
    expect(index).toContain("Number of entries (count)");
    expect(index).toMatch(/Indirect levels: 1/);
    expect(runInOracle(scratch.inside, ["debugfs", "-R", "stat /directories", "image"])).toMatch(/Links: 1\b/);
  });

  it("writes deep extent trees and files across groups", async () => {
    const comb = new Uint8Array(1024 * 40_000);
    for (let block = 0; block < 40_000; block += 2) comb[block * 1024 + 5] = 1;
    const tree = new Tree();
    tree.write("/comb", comb);
    tree.write("/large", seededBytes(60 << 20, 3));
    const image = await writeExt4(tree, { ...OPTIONS, blockSize: 1024 });
    await writeImage(image);
    check();
    expect(runInOracle(scratch.inside, ["debugfs", "-R", "dump_extents /comb", "image"])).toContain("/ 2");
    for (const name of ["comb", "large"]) {
      runInOracle(scratch.inside, ["debugfs", "-R", `dump /${name} ${name}`, "image"]);
      const dumped = readFileSync(join(scratch.outside, name));
      expect(Buffer.compare(dumped, tree.read(`/${name}`))).toBe(0);
    }
    // The copies of the superblock lead to the same file system.
    expect(runInOracle(scratch.inside, ["e2fsck", "-fn", "-b", "8193", "-B", "1024", "image"])).toContain(
      "non-contiguous",
    );
  });

  it("reads what mke2fs makes of a directory", async () => {
    const source = join(scratch.outside, "source");
    mkdirSync(source);
    cpSync(new URL("../../src/filesystem", import.meta.url).pathname, join(source, "code"), { recursive: true });
    for (let i = 0; i < 900; i++) writeFileSync(join(source, `file-${i}`), `content ${i}`);
    for (const blockSize of [1024, 4096]) {
      const options = ["-q", "-F", "-t", "ext4", "-b", String(blockSize), "-d", "source"];
      runInOracle(scratch.inside, ["mke2fs", ...options, "theirs", "64M"]);
      const image = readExt4(contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, "theirs")))));
      expect(describeTree(image.tree)).toEqual(describeWithDebugfs(scratch, "theirs"));
      expect(image.tree.root.entries.size).toBe(902);
      // e2fsck -D gives the directories an index of its own making.
      runInOracle(scratch.inside, ["sh", "-c", "e2fsck -fyD theirs || [ $? = 1 ]"]);
      const indexed = readExt4(contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, "theirs")))));
      expect(describeTree(indexed.tree)).toEqual(describeTree(image.tree));
    }
  });

  it("ends with an error or a tree for 10,000 mutations", async () => {
    const tree = randomTree(5, { nodes: 40, fileBytes: 4096, wideDirectory: 30 });
    const outcomes = mutate(await readContent(await writeExt4(tree, { ...OPTIONS, blockSize: 1024 })), {
      count: 10_000,
      seed: 8,
    });
    expect([...outcomes.keys()].sort()).toEqual(["ext4/corrupt", "ext4/tree", "ext4/unsupported"]);
  });
});
