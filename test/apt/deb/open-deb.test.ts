import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDeb } from "#dist/apt/deb/open-deb.js";
import { openUnpacked } from "#dist/apt/deb/open-unpacked.js";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { writeTar } from "#dist/codec/tar/write-tar.js";
import { compressZstd } from "#dist/codec/zstd/compress-zstd.js";
import { type Cache, openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { startWorkers, type Workers } from "#dist/io/workers.js";
import { randomNumbers, sampleData } from "../../codec/sample-data.js";
import { codeOfAsync, join as joinBytes } from "../../codec/support.js";
import {
  buildAr,
  buildDeb,
  buildTar,
  type FixtureEntry,
  type FixturePackage,
} from "../../fixtures/archive/build-deb.js";
import { storedGzip, storedXz } from "../../fixtures/archive/stored-compression.js";

let workers: Workers;
let directory: string;
let cache: Cache;
beforeAll(() => {
  workers = startWorkers({ jobs: 2 });
});
afterAll(() => workers.close());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "deb-test-"));
  cache = openCache({ directory: join(directory, "cache") });
});
afterEach(() => {
  cache.close();
  rmSync(directory, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const fileOf = (bytes: Uint8Array, digest = sha256(bytes)) => {
  const path = join(directory, `${digest}.deb`);
  writeFileSync(path, bytes);
  return { sha256: digest, what: "thing 1.0", content: contentOfFile(cache.files, { path, size: bytes.length }) };
};
const open = (bytes: Uint8Array) => openDeb({ cache, workers }, fileOf(bytes));

const spec: FixturePackage = {
  name: "thing",
  files: {
    "/usr/bin/thing": { content: sampleData(200_000), mode: 0o4755 },
    "usr/bin/hard": { type: "link", target: "usr/bin/thing" },
    "usr/bin/soft": { type: "symlink", target: "thing" },
    "usr/share/empty": "",
    "etc/thing.conf": { content: "a=b\n", uid: 3, gid: 4, user: "sys", group: "adm", mtime: 12345 },
    "dev/null": { type: "character", major: 1, minor: 3 },
    "run/pipe": { type: "fifo" },
  },
  conffiles: ["/etc/thing.conf"],
  scripts: { postinst: "#!/bin/sh\nexit 0\n" },
};

/** A .deb put together by hand. */
const handMade = (members: Readonly<Record<string, Uint8Array>>) =>
  new Uint8Array(buildAr(Object.entries({ "debian-binary": Buffer.from("2.0\n"), ...members })));
const tarOf = (entries: Readonly<Record<string, FixtureEntry>>) =>
  new Uint8Array(buildTar(new Map(Object.entries(entries))));
const control = tarOf({ "": { type: "directory" }, control: { content: "Package: thing\n" } });
const data = tarOf({ "": { type: "directory" }, file: { content: "hello" } });

describe("openDeb", () => {
  it.each(["xz", "gzip", "none"] as const)("unpacks a package packed with %s", async (compression) => {
    const deb = await open(buildDeb({ ...spec, compression }).bytes);
    expect(deb.entries.map(({ path, type, mode }) => [path, type, mode.toString(8)])).toEqual([
      ["./", "directory", "755"],
      ["./dev/", "directory", "755"],
      ["./dev/null", "char", "644"],
      ["./etc/", "directory", "755"],
      ["./etc/thing.conf", "file", "644"],
      ["./run/", "directory", "755"],
      ["./run/pipe", "fifo", "644"],
      ["./usr/", "directory", "755"],
      ["./usr/bin/", "directory", "755"],
      ["./usr/bin/soft", "symlink", "777"],
      ["./usr/bin/thing", "file", "4755"],
      ["./usr/share/", "directory", "755"],
      ["./usr/share/empty", "file", "644"],
      ["./usr/bin/hard", "hardlink", "644"],
    ]);
    const byPath = new Map(deb.entries.map((entry) => [entry.path, entry]));
    expect(byPath.get("./etc/thing.conf")).toMatchObject({
      ...{ uid: 3, gid: 4, user: "sys", group: "adm", mtime: 12345 },
      md5: undefined,
    });
    expect(byPath.get("./dev/null")).toMatchObject({ major: 1, minor: 3, content: undefined });
    expect(byPath.get("./usr/bin/soft")?.linkTarget).toBe("thing");
    expect(byPath.get("./usr/bin/hard")?.linkTarget).toBe("./usr/bin/thing");
    const content = byPath.get("./usr/bin/thing")!.content!;
    expect(Buffer.compare(await readContent(content), sampleData(200_000))).toBe(0);
    expect(content.digest).toBe(sha256(sampleData(200_000)));
    expect(byPath.get("./usr/share/empty")!.content!.read()).toHaveLength(0);
    expect([...deb.members.keys()]).toEqual(["conffiles", "control", "md5sums", "postinst"]);
    expect(deb.members.get("postinst")).toMatchObject({ mode: 0o755, mtime: 1704067200 });
    expect(Buffer.from(deb.members.get("postinst")!.bytes).toString()).toBe("#!/bin/sh\nexit 0\n");
  });

  it("unpacks zstd, and members of different kinds", async () => {
    const deb = await open(handMade({ "control.tar.zst": compressZstd(control, 3), "data.tar": data }));
    expect(deb.entries[1]!.content!.read()).toEqual(new Uint8Array(Buffer.from("hello")));
    // It ships no md5sums: dpkg will want to write them.
    expect(deb.entries[1]!.md5).toBe(md5(Buffer.from("hello")));
    expect(
      (await open(handMade({ "control.tar.gz": storedGzip(control), "data.tar.zst": compressZstd(data, 19) }))).entries,
    ).toHaveLength(2);
  });

  it("unpacks once, and opens what is there without the .deb", async () => {
    const { bytes } = buildDeb(spec);
    const first = await open(bytes);
    rmSync(join(directory, `${sha256(bytes)}.deb`));
    const refuse = () => Promise.reject(new Error("a worker was asked"));
    const never: Workers = { run: refuse, runApart: refuse, rest: async () => {}, jobs: 1, close: async () => {} };
    const file = {
      sha256: sha256(bytes),
      what: "thing",
      content: contentOfFile(cache.files, { path: "/nowhere", size: 1 }),
    };
    const second = await openDeb({ cache, workers: never }, file);
    const plain = (deb: typeof first) =>
      deb.entries.map(({ content, ...entry }) => ({ ...entry, content: content?.digest }));
    expect(plain(second)).toEqual(plain(first));
    expect(second.members).toEqual(first.members);
  });

  it("decodes the blocks of a large .deb in parallel, to the same", async () => {
    const big = sampleData(5_000_000, 2);
    const tar = tarOf({ "": { type: "directory" }, a: { content: big }, b: { content: big.subarray(1) } });
    // Two streams are two blocks, and nothing says that a stream ends with a file.
    const two = joinBytes(storedXz(tar.subarray(0, 6_000_000)), storedXz(tar.subarray(6_000_000)));
    const deb = await open(handMade({ "control.tar.xz": storedXz(control), "data.tar.xz": two }));
    expect(deb.entries.map((entry) => entry.content?.digest)).toEqual([
      undefined,
      sha256(big),
      sha256(big.subarray(1)),
    ]);
    const path = deb.entries[1]!.content!.location!.path;
    expect(Buffer.compare(readFileSync(path), tar)).toBe(0);

    const broken = Buffer.from(two);
    broken[2_000_000]! ^= 1;
    const file = fileOf(handMade({ "control.tar.xz": storedXz(control), "data.tar.xz": broken }));
    expect(await codeOfAsync(() => openDeb({ cache, workers }, file))).toBe("codec/xz-corrupt");
  });

  it("keeps xattrs and names that are not UTF-8", async () => {
    const capability = Uint8Array.of(1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const xattrs = new Map([["security.capability", capability]]);
    const file = { type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0 } as const;
    const named = await readContent(writeTar([{ ...file, path: "./\xe4x", xattrs, content: contentOfBytes(data) }]));
    const deb = handMade({ "control.tar": control, "data.tar": named });
    for (const { entries } of [await open(deb), await open(deb)]) {
      expect(entries[0]).toMatchObject({ path: "./\xe4x", xattrs });
      expect(entries[0]!.content!.digest).toBe(sha256(data));
    }
  });
});

describe("openDeb refuses", () => {
  const good = { "control.tar": control, "data.tar": data };
  it.each([
    ["no archive", Buffer.from("not a deb"), "deb/malformed"],
    ["an archive cut off", handMade(good).subarray(0, 2000), "deb/malformed"],
    ["another format", handMade({ ...good, "debian-binary": Buffer.from("3.0\n") }), "deb/unsupported"],
    ["no data archive", handMade({ "control.tar": control }), "deb/malformed"],
    ["archives in another order", handMade({ "data.tar": data, "control.tar": control }), "deb/malformed"],
    ["an unknown member between", handMade({ "control.tar": control, other: data, "data.tar": data }), "deb/malformed"],
    ["a compression that is not read", handMade({ "control.tar": control, "data.tar.bz2": data }), "deb/unsupported"],
    ["a control archive without a control file", handMade({ ...good, "control.tar": data }), "deb/malformed"],
    [
      "a control archive with a directory",
      handMade({ ...good, "control.tar": tarOf({ d: { type: "directory" } }) }),
      "deb/malformed",
    ],
    [
      "a truncated xz",
      handMade({ "control.tar": control, "data.tar.xz": storedXz(data).subarray(0, -30) }),
      "codec/xz-truncated",
    ],
    [
      "a truncated gzip",
      handMade({ "control.tar": control, "data.tar.gz": storedGzip(data).subarray(0, -30) }),
      "codec/gzip-truncated",
    ],
    ["something else than gzip", handMade({ "control.tar": control, "data.tar.gz": data }), "codec/gzip-corrupt"],
    [
      "a truncated tar",
      handMade({ "control.tar": control, "data.tar": data.subarray(0, 1024 + 3) }),
      "codec/tar-truncated",
    ],
    [
      "an absolute path",
      handMade({ ...good, "data.tar": tarOf({ x: { content: "", rawName: "/etc/x" } }) }),
      "deb/unsafe-path",
    ],
    [
      "a path with ..",
      handMade({ ...good, "data.tar": tarOf({ x: { content: "", rawName: "./a/../../x" } }) }),
      "deb/unsafe-path",
    ],
    [
      "a hard link with ..",
      handMade({ ...good, "data.tar": tarOf({ x: { type: "link", target: "../x" } }) }),
      "deb/unsafe-path",
    ],
  ])("%s", async (_what, bytes, code) => {
    const file = fileOf(new Uint8Array(bytes));
    const error = await openDeb({ cache, workers }, file).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^Cannot unpack thing 1\.0: /) });
    expect(readdirSync(join(directory, "cache/v1/deb"))).toEqual([]);
    expect(openUnpacked(cache, file.sha256)).toBeUndefined();
  });

  it("reads what stands between under a name with an underscore", async () => {
    const between = handMade({ "control.tar": control, _gpgorigin: Buffer.from("x"), "data.tar": data, more: data });
    expect((await open(between)).entries).toHaveLength(2);
  });

  it("survives mutations of a package", { timeout: 120_000 }, async () => {
    const whole = handMade({ "control.tar": control.subarray(0, 3072), "data.tar": data.subarray(0, 3072) });
    const random = randomNumbers(21);
    for (let round = 0; round < 150; round++) {
      const damaged = whole.slice(0, random(10) === 0 ? random(whole.length) : whole.length);
      for (let n = 1 + random(3); n > 0; n--) damaged[random(damaged.length)] = random(256);
      expect(await codeOfAsync(() => open(damaged))).toMatch(/^(deb\/|codec\/tar-|no error)/);
    }
  });
});

describe("a damaged cache", () => {
  it("is noticed in a .deb, which is dropped and fetched again", async () => {
    const { bytes } = buildDeb(spec);
    const digest = sha256(bytes);
    const path = join(directory, "cache/v1/blob", digest);
    const damaged = Buffer.from(bytes);
    damaged[1000]! ^= 1;
    writeFileSync(path, damaged);
    const file = { sha256: digest, what: "thing 1.0", content: (await cache.readBlob(digest))! };
    expect(await codeOfAsync(() => openDeb({ cache, workers }, file))).toBe("io/cache-damaged");
    expect(existsSync(path)).toBe(false);

    writeFileSync(path, damaged);
    const refetch = async () =>
      cache.writeBlob(
        digest,
        (async function* () {
          yield bytes;
        })(),
      );
    const again = { ...file, content: (await cache.readBlob(digest))!, refetch };
    expect((await openDeb({ cache, workers }, again)).entries).toHaveLength(14);
  });

  it("is noticed in the index, which is made anew", async () => {
    const { bytes } = buildDeb(spec);
    const entry = join(directory, "cache/v1/deb", `${sha256(bytes)}-2`);
    for (const damage of [
      () => truncateSync(join(entry, "index"), 100),
      () => rmSync(join(entry, "index")),
      () => {
        const index = readFileSync(join(entry, "index"));
        index[300]! ^= 1;
        writeFileSync(join(entry, "index"), index);
      },
    ]) {
      await open(bytes);
      damage();
      expect(openUnpacked(cache, sha256(bytes))).toBeUndefined();
      expect((await open(bytes)).entries).toHaveLength(14);
    }
  });

  it("is noticed in a file's bytes, and the package dropped", async () => {
    const { bytes } = buildDeb(spec);
    const file = (await open(bytes)).entries.find((entry) => entry.path === "./usr/bin/thing")!.content!;
    const { path, offset } = file.location!;
    const tar = readFileSync(path);
    tar[offset + 5]! ^= 1;
    writeFileSync(path, tar);
    expect(await codeOfAsync(async () => file.read())).toBe("io/cache-damaged");
    expect(openUnpacked(cache, sha256(bytes))).toBeUndefined();
  });
});
