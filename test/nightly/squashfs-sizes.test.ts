/**
 * Squashfs images as small as mksquashfs makes them, and sizes that small tests do not have.
 */

import { openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentOfBytes, type FileContent } from "#dist/bytes/content.js";
import { readTar } from "#dist/codec/tar/read-tar.js";
import { openSquashfs } from "#dist/filesystem/squashfs/read-squashfs.js";
import type { SquashfsOptions } from "#dist/filesystem/squashfs/write-squashfs.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { importTarEntries } from "#dist/rootfs/tree/import-entries.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { COMPRESSIONS, MKSQUASHFS_OPTIONS, MKSQUASHFS_QUIET, packIntoOracle } from "../fixtures/packing/mksquashfs.js";
import { oracleRoom } from "../fixtures/packing/packing-room.js";
import { prose, sha256 } from "../fixtures/packing/trees.js";

const room = oracleRoom();
const { scratch, run, cache } = room;
const pack = (tree: Tree, name: string, settings: Partial<SquashfsOptions> = {}): Promise<Uint8Array> =>
  packIntoOracle(tree, { room, name, ...settings });

describe("mksquashfs", () => {
  it.each(COMPRESSIONS)("makes images that are not smaller by more than 1 %: $type", async (compression) => {
    run(
      "sh",
      "-c",
      "tar -cf files.tar -C / usr/sbin usr/lib/python3 usr/share/perl5 etc; rm -rf files; mkdir files; tar -xf files.tar -C files",
    );
    const tree = tarTree(join(scratch.outside, "files.tar"));
    const own = await pack(tree, "files.squashfs", { compression });
    const options = [...MKSQUASHFS_QUIET, ...MKSQUASHFS_OPTIONS[compression.type], "-all-time", "0"];
    run("mksquashfs", "files", "theirs.squashfs", ...options);
    const theirs = statSync(join(scratch.outside, "theirs.squashfs")).size;
    expect(theirs).toBeGreaterThan(1_000_000);
    expect(own.length / theirs).toBeLessThan(1.01);
  });
});

function tarTree(path: string): Tree {
  const tree = new Tree();
  const descriptor = openSync(path, "r");
  const { size } = statSync(path);
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    readSync(descriptor, bytes, 0, bytes.length, offset);
    return bytes;
  };
  const entries = [...readTar({ size, read })].map((entry) => ({
    ...entry,
    ...(entry.type === "file" && {
      content: contentOfFile(cache.files, { path, offset: entry.offset, size: entry.size }),
    }),
  }));
  importTarEntries(tree, entries, { source: path, target: "/" });
  return tree;
}

describe("large images", () => {
  it("hold a file of over 4 GiB, mostly a hole", async () => {
    const size = 2 ** 32 + 300_000;
    const end = prose(200_000, 3);
    const zeros = new Uint8Array(4 << 20);
    const read = (offset = 0, length = size - offset): Uint8Array => {
      const last = Math.min(size, offset + length);
      if (last <= size - end.length) return zeros.subarray(0, last - offset);
      const bytes = new Uint8Array(last - offset);
      for (let at = Math.max(offset, size - end.length); at < last; at++)
        bytes[at - offset] = end[at - size + end.length]!;
      return bytes;
    };
    const content: FileContent = {
      size,
      digest: "5".repeat(64),
      read,
      async *chunks() {
        for (let at = 0; at < size; at += zeros.length) yield read(at, zeros.length);
      },
    };
    const tree = new Tree();
    tree.write("/hole", content, { mtime: 1 });
    const image = await pack(tree, "hole.squashfs");
    expect(image.length).toBeLessThan(200_000);
    expect(run("unsquashfs", "-lln", "hole.squashfs")).toContain(`${size} `);
    const tail = run("sh", "-c", `unsquashfs -cat hole.squashfs hole | tail -c ${end.length} | sha256sum`);
    expect(tail.slice(0, 64)).toBe(sha256(end));
    const [, entry] = openSquashfs(contentOfBytes(image)).entries();
    expect(Buffer.compare(entry!.content!.read(size - end.length), end)).toBe(0);
  });

  it("hold 100,000 files, 40,000 of them in one directory", async () => {
    const tree = new Tree();
    for (let i = 0; i < 100_000; i++) {
      const directory = i < 40_000 ? "/all" : `/${i % 300}`;
      if (tree.lookup(directory) === undefined) tree.mkdir(directory);
      tree.write(`${directory}/file-${i}`, `content ${i % 5000}\n`);
    }
    tree.link("/all/file-7", "/last");
    await pack(tree, "many.squashfs", { compression: { type: "zstd", level: 3 } });
    run("rm", "-rf", "out");
    run("unsquashfs", "-quiet", "-no-progress", "-d", "out", "many.squashfs");
    expect(Number(run("sh", "-c", "find out -type f | wc -l"))).toBe(100_001);
    expect(run("cat", "out/all/file-39999", "out/299/file-99899")).toBe("content 4999\ncontent 4899\n");
    expect(run("stat", "-c", "%h", "out/last").trim()).toBe("2");
  });
});
