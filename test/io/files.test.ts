import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concatContents, contentOfBytes } from "#dist/bytes/content.js";
import { sliceContent } from "#dist/bytes/slice-content.js";
import { sparseContent } from "#dist/bytes/sparse-content.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { ioError } from "#dist/io/io-error.js";
import { OpenFiles } from "#dist/io/open-files.js";
import { readAhead, readRange } from "#dist/io/read-ahead.js";
import { randomNumbers, sampleData } from "../codec/sample-data.js";
import { codeOf, codeOfAsync, collect } from "../codec/support.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "files-test-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const data = sampleData(2_500_000, 6);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("writeFileAtomically", () => {
  it("writes a file with its mode and makes its directory", async () => {
    const path = join(directory, "new/deep/file");
    const written = await writeFileAtomically(path, [data.subarray(0, 10), data.subarray(10)], { mode: 0o600 });
    expect(written).toEqual({ size: data.length, sha256: sha256(data) });
    expect(Buffer.compare(readFileSync(path), data)).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await writeFileAtomically(path, [Uint8Array.of(1)]);
    expect(readdirSync(join(directory, "new/deep"))).toEqual(["file"]);
  });

  it("leaves the old file and nothing else when it fails", async () => {
    const path = join(directory, "kept");
    writeFileSync(path, "old");
    const before = readdirSync(directory);
    async function* failing() {
      yield data;
      throw new Error("broken off");
    }
    await expect(writeFileAtomically(path, failing())).rejects.toThrow("broken off");
    const controller = new AbortController();
    async function* aborting() {
      yield data;
      controller.abort();
      yield data;
    }
    await expect(writeFileAtomically(path, aborting(), { signal: controller.signal })).rejects.toThrow(/abort/i);
    const check = () => {
      throw new Error("refused");
    };
    await expect(writeFileAtomically(path, [data], { check })).rejects.toThrow("refused");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory)).toEqual(before);
  });

  it("writes what can be read at once through buffers that are used again, holes left out", async () => {
    const path = join(directory, "at-once");
    const piece = contentOfBytes(data);
    const parts = concatContents([piece, piece, sliceContent(piece, 7, 1_000_000), piece]);
    const bytes = Buffer.concat([data, data, data.subarray(7, 1_000_007), data]);
    const steps: number[] = [];
    const written = await writeFileAtomically(path, parts, { onBytes: (count) => steps.push(count) });
    expect(written).toEqual({ size: bytes.length, sha256: sha256(bytes) });
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(bytes.length);

    const hole = 5_000_000;
    const end = parts.size + hole;
    const sparse = sparseContent(end + piece.size + hole, [
      { offset: 0, content: parts },
      { offset: end, content: piece },
    ]);
    const whole = Buffer.concat([bytes, Buffer.alloc(hole), data, Buffer.alloc(hole)]);
    expect(await writeFileAtomically(path, sparse)).toEqual({ size: whole.length, sha256: sha256(whole) });
    expect(Buffer.compare(readFileSync(path), whole)).toBe(0);
  });

  it("leaves nothing of what fails, or is broken off, while it is read at once", async () => {
    const path = join(directory, "failing/file");
    const controller = new AbortController();
    const readerWith = (count: number, what: () => void) => {
      const { reader: open } = concatContents(Array.from({ length: 8 }, () => contentOfBytes(data)));
      const reader = () => {
        const inner = open!();
        let calls = 0;
        return {
          read: (target: Uint8Array) => {
            if (++calls === count) what();
            return inner.read(target);
          },
        };
      };
      return { ...contentOfBytes(data), size: 8 * data.length, chunks: () => [] as never, reader };
    };
    const broken = () => {
      throw new Error("cannot be read");
    };
    for (const count of [1, 3, 9])
      await expect(writeFileAtomically(path, readerWith(count, broken))).rejects.toThrow("cannot be read");
    const aborting = readerWith(3, () => controller.abort());
    await expect(writeFileAtomically(path, aborting, { signal: controller.signal })).rejects.toThrow(/abort/i);
    expect(readdirSync(join(directory, "failing"))).toEqual([]);
  });

  it("says what the disk says", async () => {
    writeFileSync(join(directory, "plain"), "");
    expect(await codeOfAsync(() => writeFileAtomically(join(directory, "plain/x"), [data]))).toBe("io/failed");
    const code = (name: string) =>
      codeOf(() => {
        throw ioError(Object.assign(new Error(name), { code: name }), "write x");
      });
    expect([code("ENOSPC"), code("EDQUOT"), code("EROFS"), code("EACCES"), code("EIO")]).toEqual([
      "io/disk-full",
      "io/disk-full",
      "io/not-permitted",
      "io/not-permitted",
      "io/failed",
    ]);
  });
});

describe("OpenFiles", () => {
  it("reads from more files than it keeps open", () => {
    const files = new OpenFiles(3);
    const paths = Array.from({ length: 10 }, (_, i) => join(directory, `many-${i}`));
    for (const [i, path] of paths.entries()) writeFileSync(path, Buffer.alloc(10, i));
    const random = randomNumbers(4);
    const open = () => readdirSync("/proc/self/fd").length;
    const before = existsSync("/proc/self/fd") ? open() : 0;
    for (let round = 0; round < 100; round++) {
      const i = random(10);
      expect(files.read(paths[i]!, 2, 4)).toEqual(new Uint8Array([i, i, i, i]));
    }
    if (before > 0) expect(open() - before).toBeLessThanOrEqual(3);
    expect(files.read(paths[0]!, 8, 10)).toHaveLength(2);
    expect(codeOf(() => files.read(join(directory, "none"), 0, 1))).toBe("io/failed");
    files.forget(paths[0]!);
    files.close();
    expect(files.read(paths[0]!, 0, 1)).toHaveLength(1);
    files.close();
  });
});

describe("contentOfFile", () => {
  it("is a slice that can be read anywhere", async () => {
    const path = join(directory, "slice");
    writeFileSync(path, data);
    const dropped: string[] = [];
    const files = new OpenFiles(4, (damaged) => void dropped.push(damaged));
    const slice = data.subarray(1000, 2_400_000);
    const range = { path, offset: 1000, size: slice.length };
    const content = contentOfFile(files, { ...range, digest: sha256(slice) });
    expect(Buffer.compare(await collect(content.chunks()), slice)).toBe(0);
    expect(Buffer.compare(content.read(), slice)).toBe(0);
    expect(content.read(10, 5)).toEqual(slice.slice(10, 15));
    expect(content.read(slice.length - 3, 100)).toHaveLength(3);
    expect(content.read(slice.length + 3, 100)).toHaveLength(0);
    expect(content.location).toEqual({ path, offset: 1000 });
    const sizes: number[] = [];
    for await (const chunk of content.chunks()) sizes.push(chunk.length);
    expect(sizes.slice(0, -1).every((size) => size >= 65536)).toBe(true);

    for (const wrong of [
      contentOfFile(files, { ...range, digest: sha256(data) }),
      contentOfFile(files, { ...range, size: data.length }),
    ]) {
      expect(codeOf(() => wrong.read())).toBe("io/cache-damaged");
      expect(await codeOfAsync(() => collect(wrong.chunks()))).toBe("io/cache-damaged");
    }
    expect(dropped).toEqual([path, path, path, path]);
    // A part of something damaged is damaged, wherever the change is.
    expect(codeOf(() => contentOfFile(files, { ...range, digest: sha256(data) }).read(10, 5))).toBe("io/cache-damaged");
    files.close();
  });
});

describe("concatContents", () => {
  it("passes on many small parts in few chunks, held to their digests", async () => {
    const path = join(directory, "joined");
    writeFileSync(path, data);
    const files = new OpenFiles();
    const part = (offset: number, size: number, digest?: string) =>
      contentOfFile(files, { path, offset, size, digest });
    const small = Array.from({ length: 50 }, (_, i) => part(1000 * i, 1000));
    const parts = [
      ...small,
      contentOfBytes(data.subarray(5, 70_000)),
      sparseContent(5000, [{ offset: 100, content: part(3, 7) }]),
      concatContents([
        ...small.slice(0, 7),
        contentOfBytes(new Uint8Array(0)),
        sliceContent(part(0, 900_000), 10, 800_000),
      ]),
      part(0, data.length, sha256(data)),
    ];
    const joined = concatContents(parts);
    const passed: Uint8Array[] = [];
    for await (const chunk of joined.chunks(true)) passed.push(chunk.slice());
    expect(passed.length).toBeLessThan(10 + data.length / 2 ** 20);
    const whole = await collect(joined.chunks());
    expect(whole.length).toBe(joined.size);
    expect(Buffer.compare(Buffer.concat(passed), whole)).toBe(0);
    const damaged = concatContents([...small, part(0, data.length, sha256(data.subarray(1)))]);
    expect(await codeOfAsync(() => collect(damaged.chunks(true)))).toBe("io/cache-damaged");
    files.close();
  });
});

describe("sliceContent", () => {
  it("passes a file's bytes on in one buffer, held to the file's digest", async () => {
    const path = join(directory, "sliced");
    writeFileSync(path, data);
    const files = new OpenFiles();
    const content = contentOfFile(files, { path, offset: 7, size: data.length - 7, digest: sha256(data.subarray(7)) });
    const disk = sparseContent(3 << 20, [{ offset: 1 << 20, content: sliceContent(content, 5, 900_001) }]);
    const passed: Uint8Array[] = [];
    const buffers = new Set<ArrayBufferLike>();
    for await (const chunk of disk.chunks(true)) {
      passed.push(chunk.slice());
      if (chunk.length === 256 << 10) buffers.add(chunk.buffer);
    }
    expect(buffers.size).toBe(1);
    expect(Buffer.compare(Buffer.concat(passed), await collect(disk.chunks()))).toBe(0);
    const slice = passed.slice(1, 5);
    expect(Buffer.compare(Buffer.concat(slice), data.subarray(12, 900_013))).toBe(0);
    writeFileSync(path, Uint8Array.from(data).fill(1, 2_000_000));
    const damaged = contentOfFile(files, { path, size: data.length, digest: sha256(data) });
    expect(await codeOfAsync(() => collect(sliceContent(damaged, 5, 900).chunks(true)))).toBe("io/cache-damaged");
    files.close();
  });
});

describe("readAhead and readRange", () => {
  it("give the bytes of the file", () => {
    const path = join(directory, "ahead");
    // More than a buffer, so that it is read in several pieces.
    const long = data.subarray(0, 700_000);
    writeFileSync(path, long);
    const files = new OpenFiles();
    const ahead = readAhead(files, { path, size: long.length });
    const random = randomNumbers(8);
    for (let round = 0; round < 300; round++) {
      const offset = random(long.length);
      const length = random(300_000);
      expect(Buffer.compare(ahead.read(offset, length), long.subarray(offset, offset + length))).toBe(0);
    }
    expect(ahead.read(long.length + 5, 10)).toHaveLength(0);
    const range = readRange(files, { path, offset: 7, size: 600_000 });
    const pieces = Array.from(range, (piece) => piece.slice());
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.compare(Buffer.concat(pieces), long.subarray(7, 600_007))).toBe(0);
    files.close();
  });
});
