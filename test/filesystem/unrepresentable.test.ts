/**
 * What no format can hold: names, targets and sizes beyond its fields, each refused with the format's own code, before a byte is written.
 * A name of more than 255 bytes is none of a tree already.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { FileContent } from "#dist/bytes/content.js";
import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { withCarriedFile } from "#dist/initramfs/carried-file.js";
import { writeInitramfs } from "#dist/initramfs/write-initramfs.js";
import { openCache } from "#dist/io/cache.js";
import { startWorkers } from "#dist/io/workers.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { codeOf, codeOfAsync } from "../codec/support.js";

const UUID = "11111111-2222-3333-4444-555555555555";
const directory = mkdtempSync(join(tmpdir(), "unrepresentable-"));
const cache = openCache({ directory });
const workers = startWorkers({ jobs: 1 });
afterAll(async () => {
  await workers.close();
  cache.close();
  rmSync(directory, { recursive: true });
});

/** Of a size that nobody reads. */
const vast = (size: number): FileContent => ({
  size,
  read() {
    throw new Error("what cannot be held was read");
  },
  // biome-ignore lint/correctness/useYield: it must not be read
  async *chunks() {
    throw new Error("what cannot be held was read");
  },
});
const treeWith = (change: (tree: Tree) => void): Tree => {
  const tree = new Tree();
  change(tree);
  return tree;
};
const writers: Readonly<Record<string, (tree: Tree, type?: "none") => Promise<unknown>>> = {
  erofs: (tree) => writeErofs(tree, { uuid: UUID, time: 0 }),
  ext4: (tree) => writeExt4(tree, { uuid: UUID, hashSeed: UUID, time: 0 }),
  initramfs: (tree, type = "none") =>
    writeInitramfs(tree, { cache, workers, compression: { type, level: 0 }, originOf: () => ({ kind: "recipe" }) }),
};

describe("refused", () => {
  it("by the tree, for all of them: a name of 256 bytes", () => {
    new Tree().write(`/${"n".repeat(255)}`, "");
    expect(() => new Tree().write(`/${"n".repeat(256)}`, "")).toThrow("File name too long");
  });

  it.each<[string, string, (tree: Tree) => unknown, string]>([
    [
      "erofs",
      "a target of 5,000 bytes",
      (tree) => tree.symlink("t".repeat(5000), "/l"),
      "filesystem/erofs-unrepresentable",
    ],
    ["ext4", "a file of 16 TiB", (tree) => tree.write("/f", vast(2 ** 44)), "ext4/unrepresentable"],
    [
      "initramfs",
      "a path of 5,000 bytes",
      (tree) => {
        const path = `/${"n".repeat(200)}`.repeat(25);
        tree.mkdirs(path);
      },
      "codec/newc-unrepresentable",
    ],
    ["initramfs", "a file of 4 GiB", (tree) => tree.write("/f", vast(2 ** 32)), "initramfs/file-too-large"],
    [
      "initramfs",
      "a capability",
      (tree) => tree.write("/f", "", { xattrs: new Map([["security.capability", new Uint8Array(20)]]) }),
      "initramfs/xattr",
    ],
    [
      "initramfs",
      "a socket",
      (tree) => tree.add("/s", { type: "socket", mode: 0, uid: 0, gid: 0, mtime: 0, links: 0 }),
      "initramfs/socket",
    ],
  ])("by %s: %s", async (format, _, change, code) => {
    expect(await codeOfAsync(() => writers[format]!(treeWith((tree) => void change(tree))))).toBe(code);
  });

  it("by an initramfs that carries the root: one of 4 GiB; a compression that the kernel is not given", async () => {
    const root = { name: "root", content: vast(2 ** 32), mtime: 0 };
    expect(codeOf(() => withCarriedFile(vast(0), root))).toBe("initramfs/file-too-large");
    expect(await codeOfAsync(() => writers["initramfs"]!(new Tree(), "xz" as "none"))).toBe("initramfs/compression");
  });
});
