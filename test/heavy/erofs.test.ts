/**
 * EROFS images against erofs-utils: what fsck.erofs extracts, and sizes against mkfs.erofs at the same settings.
 */

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { readErofs } from "#dist/filesystem/erofs/read-erofs.js";
import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { oracleRoom } from "../fixtures/packing/packing-room.js";
import { describeTree, noise, prose } from "../fixtures/packing/trees.js";

const { scratch, run, cache, workers } = oracleRoom();

it.each([
  [undefined, 0, 4096, []],
  ["lz4", 12, 4096, ["-zlz4hc,12", "-C4096"]],
  ["lz4", 12, 65536, ["-zlz4hc,12", "-C65536"]],
  ["zstd", 15, 65536, ["-zzstd,15", "-C65536"]],
  ["deflate", 9, 65536, ["-zdeflate,9", "-C65536"]],
] as const)(
  "is extracted as it is, and as small as mkfs.erofs makes it: %s %d, clusters of %d",
  async (type, level, clusterBytes, options) => {
    const tree = new Tree({ epoch: 0 });
    tree.mkdirs("/a/b");
    for (let i = 0; i < 300; i++) tree.write(`/a/b/${i}`, prose((i * 97) % 30_000, i + 1));
    tree.write("/a/mixed", Buffer.concat([prose(300_001), noise(90_000), new Uint8Array(700_000), prose(9)]));
    tree.symlink("mixed", "/a/link");
    tree.link("/a/mixed", "/hard");
    const packing = type === undefined ? undefined : { compression: { type, level }, clusterBytes, cache, workers };
    const uuid = "11111111-2222-3333-4444-555555555555";
    const image = await readContent(await writeErofs(tree, { uuid, time: 0, packing }));
    writeFileSync(join(scratch.outside, "own.erofs"), image);
    run("rm", "-rf", "out", "theirs.erofs");
    run("fsck.erofs", "--extract=out", "--preserve", "own.erofs");
    for (const { path, node } of tree.walk()) {
      if (node.type !== "file") continue;
      const bytes = readFileSync(join(scratch.outside, "out", path));
      expect(Buffer.compare(bytes, node.content.read())).toBe(0);
    }
    expect(run("readlink", "out/a/link").trim()).toBe("mixed");
    expect(run("stat", "-c", "%a %u %h %Y", "out/hard").trim()).toBe("644 0 2 0");
    run("mkfs.erofs", "--quiet", "-T0", "--all-time", ...options, "theirs.erofs", "out");
    const theirs = readErofs(contentOfBytes(readFileSync(join(scratch.outside, "theirs.erofs"))));
    expect(describeTree(theirs.tree)).toEqual(describeTree(tree));
    expect(image.length / statSync(join(scratch.outside, "theirs.erofs")).size).toBeLessThan(1.005);
  },
);
