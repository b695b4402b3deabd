import { describe, expect, it } from "vitest";
import { type Content, contentOfBytes, readContent } from "#dist/bytes/content.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import type { ArtifactEntry } from "#dist/report/inspect/artifact-entry.js";
import { type Segment, walkInitramfs } from "#dist/report/inspect/walk-initramfs.js";
import { storedGzip, storedXz } from "../../fixtures/archive/stored-compression.js";
import { makeNewc } from "../../fixtures/cpio/make-newc.js";
import { storedZstd } from "../../fixtures/cpio/stored-zstd.js";

async function walk(bytes: Uint8Array) {
  const segments: Segment[] = [];
  const entries: (Omit<ArtifactEntry, "chunks"> & { text: string })[] = [];
  for await (const entry of walkInitramfs(contentOfBytes(bytes), segments)) {
    const { chunks, ...rest } = entry;
    const text = new TextDecoder().decode(await readContent({ size: entry.size, chunks } as Content));
    entries.push({ ...rest, text });
  }
  return { segments, entries };
}

const early = makeNewc([{ path: "kernel/x86/microcode.bin", data: "MICRO" }]);
const root = makeNewc([
  { path: ".", mode: 0o40755 },
  { path: "./etc/", mode: 0o41777 },
  { path: "etc/passwd", data: "root:x\n", mode: 0o100600, uid: 7, mtime: 99 },
  { path: "bin", data: "usr/bin", mode: 0o120777 },
  { path: "dev/console", mode: 0o20600, rdev: [5, 1] },
  { path: "a", ino: 77, nlink: 2 },
  { path: "b", ino: 77, nlink: 2, data: "shared" },
  { path: "s", mode: 0o104755, data: "suid" },
]);

describe("walkInitramfs", () => {
  it("reads every kind of file", async () => {
    const { entries } = await walk(root);
    const common = { uid: 0, gid: 0, mtimeSeconds: 0, size: 0, text: "" };
    expect(entries).toEqual([
      { ...common, path: "", type: "directory", mode: 0o755 },
      { ...common, path: "etc", type: "directory", mode: 0o1777 },
      { ...common, path: "etc/passwd", type: "file", mode: 0o600, uid: 7, mtimeSeconds: 99, size: 7, text: "root:x\n" },
      { ...common, path: "bin", type: "symlink", mode: 0o777, target: "usr/bin" },
      { ...common, path: "dev/console", type: "char", mode: 0o600, device: [5, 1] },
      { ...common, path: "a", type: "file", mode: 0o644 },
      { ...common, path: "b", type: "file", mode: 0o644, size: 6, text: "shared", hardLinkTo: "a" },
      { ...common, path: "s", type: "file", mode: 0o4755, size: 4, text: "suid" },
    ]);
  });

  const parts: Record<string, [Uint8Array, string]> = {
    newc: [early, "newc"],
    gzip: [storedGzip(root), "gzip"],
    zstd: [storedZstd(root), "zstd"],
    "zstd with checksum and many blocks": [storedZstd(root, { blockBytes: 100, checksum: true }), "zstd"],
  };
  const names = Object.keys(parts);
  it.each(names.flatMap((a) => names.map((b) => [a, b])))("reads %s, zeros, then %s", async (a, b) => {
    const [first, formatA] = parts[a]!;
    const [second, formatB] = parts[b]!;
    for (const zeros of [0, 4, 500, 70_000]) {
      const { segments, entries } = await walk(Buffer.concat([first, new Uint8Array(zeros), second]));
      const count = (part: Uint8Array) => (part === early ? 1 : 8);
      expect(entries).toHaveLength(count(first) + count(second));
      expect(segments).toEqual([
        { format: formatA, offset: 0, size: first.length, unpackedSize: unpacked(first), entries: count(first) },
        {
          format: formatB,
          offset: first.length + zeros,
          size: second.length,
          unpackedSize: unpacked(second),
          entries: count(second),
        },
      ]);
    }
  });
  const unpacked = (part: Uint8Array) => (part === early ? early.length : root.length);

  it("reads several archives inside one compressed part, and xz at the end", async () => {
    const both = Buffer.concat([early, new Uint8Array(100), root]);
    const { segments, entries } = await walk(Buffer.concat([storedGzip(both), storedXz(early)]));
    expect(entries.map(({ path }) => path).filter((path) => path.startsWith("kernel"))).toHaveLength(2);
    expect(segments.map(({ format, entries: count }) => [format, count])).toEqual([
      ["gzip", 9],
      ["xz", 1],
    ]);
  });

  it("lets a caller stop early", async () => {
    for (const bytes of [root, storedGzip(root), storedZstd(root)])
      for await (const entry of walkInitramfs(contentOfBytes(bytes))) {
        expect(entry.path).toBe("");
        break;
      }
  });

  it("refuses to give bytes that have gone by", async () => {
    const seen: ArtifactEntry[] = [];
    for await (const entry of walkInitramfs(contentOfBytes(root))) seen.push(entry);
    await expect(readContent(seen[2]!)).rejects.toThrow(RangeError);
  });

  const damaged = (at: number, value: string): Uint8Array => {
    const bytes = Buffer.from(root);
    bytes.write(value, at, "latin1");
    return bytes;
  };
  const broken: [string, Uint8Array, string][] = [
    ["text", Buffer.from("hello"), "inspect/format-unknown"],
    ["something behind the archive", Buffer.concat([root, Buffer.from("hello")]), "inspect/format-unknown"],
    ["a cut archive", root.subarray(0, 600), "codec/cpio-invalid"],
    ["an archive without trailer", root.subarray(0, 112), "codec/cpio-invalid"],
    ["a header that is no number", damaged(20, "zz"), "codec/cpio-invalid"],
    ["a name of 4 GiB", damaged(94, "ffffffff"), "codec/cpio-invalid"],
    ["a name of no bytes", damaged(94, "00000000"), "codec/cpio-invalid"],
    ["a file of 4 GiB", damaged(54, "ffffffff"), "codec/cpio-invalid"],
    ["an unknown type", damaged(14, "0000f000"), "codec/cpio-invalid"],
    ["gzip with a wrong checksum", new Uint8Array(storedGzip(root)).fill(0, -8, -4), "inspect/gzip-invalid"],
    ["gzip cut in its trailer", storedGzip(root).subarray(0, -3), "inspect/gzip-invalid"],
    ["gzip cut in its data", storedGzip(root).subarray(0, 300), "inspect/gzip-invalid"],
    ["gzip cut in its header", storedGzip(root).subarray(0, 8), "inspect/gzip-invalid"],
    ["zstd cut in a block", storedZstd(root).subarray(0, -3), "inspect/zstd-invalid"],
    ["zstd cut in its header", storedZstd(root).subarray(0, 4), "inspect/zstd-invalid"],
    ["zstd with a reserved block", storedZstd(root, { blockType: 3 }), "inspect/zstd-invalid"],
  ];
  it.each(broken)("refuses %s", async (_, bytes, code) => {
    await expect(walk(bytes)).rejects.toMatchObject({ code });
  });

  it("ends in a result or a named error for 3,000 mutations", async () => {
    const sources = [root, storedGzip(root), storedZstd(root)];
    let state = 99;
    const next = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    let refused = 0;
    for (let round = 0; round < 3000; round++) {
      let bytes = sources[round % 3]!.slice();
      for (let n = next(3); n >= 0; n--) bytes[next(bytes.length)] = next(256);
      if (next(8) === 0) bytes = bytes.subarray(0, next(bytes.length));
      try {
        await walk(bytes);
      } catch (error) {
        if (!(error instanceof AssembleError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});
