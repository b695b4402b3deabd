import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readContent } from "#dist/bytes/content.js";
import { type Cache, cacheKey, defaultCacheDirectory, openCache } from "#dist/io/cache.js";
import { cacheInfo, pruneCache } from "#dist/io/cache-prune.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { cachedStep, findStep } from "#dist/io/step.js";
import { sampleData } from "../codec/sample-data.js";
import { codeOf, codeOfAsync } from "../codec/support.js";

let directory: string;
let cache: Cache;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cache-test-"));
  cache = openCache({ directory });
});
afterEach(() => {
  cache.close();
  rmSync(directory, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const data = sampleData(3_000_000, 3);
const digest = sha256(data);
async function* pieces(bytes: Uint8Array = data): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}
/** Every file below the cache, but for leases. */
const files = (): string[] =>
  (
    readdirSync(directory, { recursive: true, withFileTypes: true }) as {
      parentPath: string;
      name: string;
      isFile(): boolean;
    }[]
  )
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("lease"))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();

describe("blobs", () => {
  it("are kept under their sha256", async () => {
    expect(await cache.readBlob(digest)).toBeUndefined();
    const content = await cache.writeBlob(digest, pieces());
    expect(files()).toEqual([`v1/blob/${digest}`]);
    expect(Buffer.compare(await readContent(content), data)).toBe(0);
    expect(content.digest).toBe(digest);
    expect(content.location).toEqual({ path: join(directory, "v1/blob", digest), offset: 0 });
    expect((await cache.readBlob(digest))?.size).toBe(data.length);
  });

  it("leave nothing behind when they are wrong, broken off or aborted", async () => {
    expect(await codeOfAsync(() => cache.writeBlob(digest, pieces(data.subarray(1))))).toBe("io/wrong-hash");
    async function* breaking() {
      yield data.subarray(0, 1000);
      throw new Error("broken off");
    }
    await expect(cache.writeBlob(digest, breaking())).rejects.toThrow("broken off");
    const aborted = new AbortController();
    const other = openCache({ directory, signal: aborted.signal });
    async function* aborting() {
      yield data.subarray(0, 1000);
      aborted.abort();
      yield data.subarray(1000);
    }
    await expect(other.writeBlob(digest, aborting())).rejects.toThrow(/abort/i);
    other.close();
    expect(files()).toEqual([]);
    expect(await cache.readBlob(digest)).toBeUndefined();
  });

  it("are hashed again when they are read, and dropped when they changed", async () => {
    const changed = await cache.writeBlob(digest, pieces());
    const path = changed.location!.path;
    const bytes = readFileSync(path);
    bytes[2_500_000]! ^= 1;
    writeFileSync(path, bytes);
    // A part far from the change is refused too.
    const part = (await cache.readBlob(digest))!;
    expect(codeOf(() => part.read(5, 10))).toBe("io/cache-damaged");
    expect(await cache.readBlob(digest)).toBeUndefined();

    await cache.writeBlob(digest, pieces());
    writeFileSync(path, bytes);
    await expect(codeOfAsync(async () => readContent((await cache.readBlob(digest))!))).resolves.toBe(
      "io/cache-damaged",
    );
    expect(await cache.readBlob(digest)).toBeUndefined();

    const cut = await cache.writeBlob(digest, pieces());
    truncateSync(path, 1000);
    expect(codeOf(() => cut.read())).toBe("io/cache-damaged");
    expect(existsSync(path)).toBe(false);
  });

  it("of every kind are dropped when anything read from them has changed", async () => {
    const names = { blob: digest, deb: `${digest}-2`, step: "zstd-1/key" } as const;
    for (const [kind, name] of Object.entries(names) as [keyof typeof names, string][]) {
      const entry = await cache.add(kind, name, async (temporary) => {
        if (kind !== "deb") return writeFileSync(temporary, data);
        mkdirSync(temporary);
        writeFileSync(join(temporary, "data.tar"), data);
      });
      const path = kind === "deb" ? join(entry.path, "data.tar") : entry.path;
      const bytes = data.slice();
      bytes[2_900_000]! ^= 1;
      writeFileSync(path, bytes);
      const slice = { path, offset: 100, size: data.length - 100, digest: sha256(data.subarray(100)) };
      expect(codeOf(() => contentOfFile(cache.files, slice).read(0, 4))).toBe("io/cache-damaged");
      expect(cache.find(kind, name)).toBeUndefined();
    }
    // A file that is not the cache's stays.
    const outside = join(directory, "outside");
    writeFileSync(outside, data);
    const wrong = contentOfFile(cache.files, { path: outside, size: 5, digest });
    expect(codeOf(() => wrong.read())).toBe("io/cache-damaged");
    expect(existsSync(outside)).toBe(true);
  });

  it("may be written by two builds at once", async () => {
    const other = openCache({ directory });
    const contents = await Promise.all([cache, other, cache].map((one) => one.writeBlob(digest, pieces())));
    for (const content of contents) expect(sha256(await readContent(content))).toBe(digest);
    other.close();
    expect(files()).toEqual([`v1/blob/${digest}`]);
  });
});

describe("directories", () => {
  const write = (text: string) => async (path: string) => {
    mkdirSync(path);
    writeFileSync(join(path, "a"), text);
  };

  it("of two builds are one of both", async () => {
    const other = openCache({ directory });
    await Promise.all([cache.add("deb", "x-1", write("same")), other.add("deb", "x-1", write("same"))]);
    other.close();
    expect(files()).toEqual(["v1/deb/x-1/a"]);
  });

  it("that fail halfway are gone", async () => {
    const half = async (path: string) => {
      await write("half")(path);
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    expect(await codeOfAsync(() => cache.add("deb", "x-1", half))).toBe("io/disk-full");
    expect(files()).toEqual([]);
    expect(cache.find("deb", "x-1")).toBeUndefined();
  });
});

describe("steps", () => {
  const step = { name: "test", version: 2, key: cacheKey(["a", "b"]) };

  it("are computed once, and verified", async () => {
    let runs = 0;
    const compute = () => {
      runs++;
      return data;
    };
    for (let i = 0; i < 3; i++) {
      const content = await cachedStep(cache, step, compute);
      expect([content.digest, content.size]).toEqual([digest, data.length]);
      expect(sha256(content.read())).toBe(digest);
    }
    expect(runs).toBe(1);
    expect(files()).toEqual([`v1/step/test-2/${step.key}`]);
    expect((await cachedStep(cache, { ...step, key: "0" }, () => pieces())).digest).toBe(digest);
  });

  it("are computed anew when they were damaged", async () => {
    const path = (await cachedStep(cache, step, () => data)).location!.path;
    for (const damage of [
      () => truncateSync(path, 3),
      () => truncateSync(path, data.length),
      () => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0])])),
      () => {
        const bytes = readFileSync(path);
        bytes[7]! ^= 1;
        writeFileSync(path, bytes);
      },
    ]) {
      damage();
      expect(findStep(cache, step)).toBeUndefined();
      expect(existsSync(path)).toBe(false);
      expect((await cachedStep(cache, step, () => data)).digest).toBe(digest);
    }
  });

  it("that fail leave nothing", async () => {
    await expect(cachedStep(cache, step, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(files()).toEqual([]);
  });

  it("have keys that tell apart what was joined", () => {
    expect(cacheKey(["a", "b"])).not.toBe(cacheKey(["ab"]));
    expect(cacheKey(["a", "b"])).not.toBe(cacheKey(["a", "b", ""]));
    expect(cacheKey(["1:a"])).not.toBe(cacheKey(["a"]));
  });
});

describe("info and prune", () => {
  const DAY = 86_400_000;
  /** Adds an entry of `size` bytes whose last use was `days` ago. */
  const add = async (name: string, size: number, days: number) => {
    const bytes = sampleData(size, 1);
    await cache.add("blob", name, async (path) => writeFileSync(path, bytes));
    const time = new Date(Date.now() - days * DAY);
    utimesSync(join(directory, "v1/blob", name), time, time);
  };

  it("count, and go by age, then by size", async () => {
    await add("old", 1000, 40);
    await add("middle", 2000, 20);
    await add("new", 4000, 2);
    expect(cacheInfo(directory)).toMatchObject({
      bytes: 7000,
      entries: 3,
      running: 1,
      kinds: { blob: { entries: 3 } },
    });
    expect(pruneCache(directory, {})).toMatchObject({ removedEntries: 0 });
    expect(pruneCache(directory, { olderThanMs: 30 * DAY })).toEqual({
      removedEntries: 1,
      removedBytes: 1000,
      leftBytes: 6000,
    });
    expect(pruneCache(directory, { maxBytes: 5000 })).toEqual({
      removedEntries: 1,
      removedBytes: 2000,
      leftBytes: 4000,
    });
    expect(files()).toEqual(["v1/blob/new"]);
  });

  it("leave what a running build uses", async () => {
    await add("used", 1000, 40);
    await add("unused", 1000, 40);
    expect(cache.find("blob", "used")).toBeDefined();
    expect(pruneCache(directory, { maxBytes: 0 })).toMatchObject({ removedEntries: 1 });
    expect(files()).toEqual(["v1/blob/used"]);
    cache.close();
    expect(pruneCache(directory, { maxBytes: 0 })).toMatchObject({ removedEntries: 1, leftBytes: 0 });
  });

  it("remove what dead builds left, and only that", async () => {
    const lease = join(directory, "v1/lease", "1-2-dead");
    const left = join(directory, "v1/tmp", "1-2-dead");
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, "0"), "half");
    writeFileSync(lease, "");
    const running = cache.add("blob", "running", async (path) => {
      writeFileSync(path, "data");
      pruneCache(directory);
      expect(existsSync(left)).toBe(true);
      const longAgo = new Date(Date.now() - DAY);
      utimesSync(lease, longAgo, longAgo);
      pruneCache(directory);
    });
    await running;
    expect(existsSync(left)).toBe(false);
    expect(existsSync(lease)).toBe(false);
    expect(files()).toEqual(["v1/blob/running"]);
  });

  it("cope with a cache that is not there", () => {
    expect(cacheInfo(join(directory, "nowhere"))).toMatchObject({ bytes: 0, entries: 0 });
    expect(pruneCache(join(directory, "nowhere"), { maxBytes: 0 })).toMatchObject({ removedEntries: 0 });
  });
});

describe("openCache", () => {
  it("finds the platform's directory", () => {
    expect(defaultCacheDirectory({ TDX_ASSEMBLE_CACHE: "/x", HOME: "/h" }, "linux")).toBe("/x");
    expect(defaultCacheDirectory({ HOME: "/h", XDG_CACHE_HOME: "/c" }, "linux")).toBe("/c/tdx-assemble");
    expect(defaultCacheDirectory({ HOME: "/h", XDG_CACHE_HOME: "" }, "linux")).toBe("/h/.cache/tdx-assemble");
    expect(defaultCacheDirectory({ HOME: "/h" }, "darwin")).toBe("/h/Library/Caches/tdx-assemble");
  });

  it("releases its lease and what it left aside", async () => {
    await expect(cache.add("blob", "x", async () => {})).rejects.toThrow();
    expect(readdirSync(join(directory, "v1/lease"))).toHaveLength(1);
    cache.close();
    expect(readdirSync(join(directory, "v1/lease"))).toEqual([]);
    expect(readdirSync(join(directory, "v1/tmp"))).toEqual([]);
  });

  it("says when it cannot be made", () => {
    writeFileSync(join(directory, "file"), "");
    expect(codeOf(() => openCache({ directory: join(directory, "file", "cache") }))).toBe("io/failed");
    expect(statSync(join(directory, "file")).size).toBe(0);
  });
});
