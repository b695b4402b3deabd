import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { makeDirectory } from "#dist/rootfs/tree/node.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { mutate } from "../filesystem/ext4/mutate-ext4.js";
import { describeTree } from "../fixtures/describe-tree.js";
import { describeWithDebugfs } from "../fixtures/oracle/debugfs.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { checkRandomExt4, EXT4_OPTIONS, ext4Judge } from "../fixtures/oracle/random-ext4.js";
import { randomTree } from "../fixtures/random-tree.js";
import { seededBytes } from "../fixtures/seeded-bytes.js";

const scratch = oracleScratch();
afterAll(() => scratch.remove());

const { writeImage, check } = ext4Judge(scratch);

describe("ext4 against e2fsprogs", () => {
  it("is clean for e2fsck and holds the tree for debugfs: 50 random trees of the 1,000 of the nights", async () => {
    await checkRandomExt4(scratch, { from: 1, to: 50 });
  });

  it("has the features of mke2fs, but for resize_inode", async () => {
    for (const journal of [true, false]) {
      await writeImage(await writeExt4(new Tree(), { ...EXT4_OPTIONS, size: 64 << 20, journal }));
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
    await writeImage(await writeExt4(tree, { ...EXT4_OPTIONS, blockSize: 1024 }));
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
    const image = await writeExt4(tree, { ...EXT4_OPTIONS, blockSize: 1024 });
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
    const outcomes = mutate(await readContent(await writeExt4(tree, { ...EXT4_OPTIONS, blockSize: 1024 })), {
      count: 10_000,
      seed: 8,
    });
    expect([...outcomes.keys()].sort()).toEqual(["ext4/corrupt", "ext4/tree", "ext4/unsupported"]);
  });
});
