import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readContent } from "#dist/bytes/content.js";
import { packSquashfs } from "#dist/filesystem/squashfs/library.js";
import { Superblock } from "#dist/filesystem/squashfs/structures.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { damageCodes, readAll } from "../../fixtures/packing/read-image.js";
import { prose } from "../../fixtures/packing/trees.js";

// On a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Of each image; test/nightly/mutations.test.ts has 10,000. */
const MUTATIONS = 300;
const images = new Map<string, Uint8Array>();
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "squashfs-test-"));
  const tree = new Tree();
  tree.mkdirs("/a/b/c");
  tree.write("/a/large", prose(30_000), { xattrs: new Map([["user.x", Uint8Array.of(1, 2)]]) });
  tree.write("/a/hole", new Uint8Array(20_000));
  for (let i = 0; i < 20; i++) tree.write(`/a/b/${i}`, prose(300, i + 1));
  tree.symlink("a", "/link");
  tree.link("/a/large", "/hard");
  for (const type of ["zstd", "gzip", "lz4", "none"] as const) {
    const level = type === "none" ? 0 : 5;
    const { content, close } = await packSquashfs(tree, {
      compression: { type, level },
      blockSize: 4096,
      cacheDir: directory,
      jobs: 1,
    });
    images.set(type, await readContent(content));
    close();
  }
  rmSync(directory, { recursive: true });
});
afterAll(() => images.clear());

const patched = (type: string, values: Partial<Superblock>): Uint8Array => {
  const bytes = images.get(type)!.slice();
  Superblock.encodeInto(bytes, 0, { ...Superblock.decode(bytes), ...values });
  return bytes;
};

describe("the squashfs reader", () => {
  it.each(["zstd", "gzip", "lz4", "none"])("reads or refuses images with damaged bytes: %s", async (type) => {
    const sound = images.get(type)!;
    expect(await readAll(sound)).toBeUndefined();
    const codes = await damageCodes(sound, MUTATIONS);
    expect(
      [...codes.keys()].filter(
        (code) => !/^(?:undefined|filesystem\/squashfs-(?:invalid|unsupported))$/.test(`${code}`),
      ),
    ).toEqual([]);
    expect(codes.get("filesystem/squashfs-invalid")).toBeGreaterThan(MUTATIONS / 5);
  });

  it("refuses an image that is cut off, wherever", async () => {
    const sound = images.get("zstd")!;
    const { bytesUsed } = Superblock.decode(sound);
    for (let size = 0; size < bytesUsed; size += 97)
      expect(await readAll(sound.subarray(0, size))).toBe("filesystem/squashfs-invalid");
  });

  it.each<[string, Partial<Superblock>, string]>([
    ["another signature", { magic: 1 }, "invalid"],
    ["another version", { versionMajor: 3 }, "unsupported"],
    ["lzo", { compressor: 3 }, "unsupported"],
    ["an unknown compressor", { compressor: 77 }, "unsupported"],
    ["a huge block", { blockSize: 2 ** 31, blockLog: 31 }, "invalid"],
    ["a block size that its logarithm denies", { blockLog: 13 }, "invalid"],
    ["more inodes than it has room for", { inodeCount: 0xffffffff }, "invalid"],
    ["a table behind its end", { idTableStart: 2 ** 50 }, "invalid"],
    ["a root behind its end", { rootInode: 2 ** 47 }, "invalid"],
    ["no fragment table", { fragmentTableStart: 0xffff_ffff_ffff_ffffn }, "invalid"],
  ])("refuses %s", async (_, values, code) => {
    expect(await readAll(patched("none", values))).toBe(`filesystem/squashfs-${code}`);
  });

  it("refuses a directory that holds itself", async () => {
    const bytes = images.get("none")!.slice();
    const { directoryTableStart, inodeTableStart, rootInode } = Superblock.decode(bytes);
    // The entry "a" of the root leads to the root itself.
    const at = Buffer.from(bytes).indexOf("\x01\0\0\0a", directoryTableStart, "latin1");
    const entry = at < 0 ? Buffer.from(bytes).indexOf("\0\0a\x01", directoryTableStart, "latin1") - 4 : at - 4;
    expect(entry).toBeGreaterThan(directoryTableStart);
    expect(inodeTableStart).toBeLessThan(directoryTableStart);
    new DataView(bytes.buffer).setUint16(entry, rootInode % 65536, true);
    expect(await readAll(bytes)).toBe("filesystem/squashfs-invalid");
  });
});
