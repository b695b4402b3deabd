import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { randomAccessOf } from "#dist/codec/random-access.js";
import { readTar } from "#dist/codec/tar/read-tar.js";
import { encodeTarHeader, type WritableTarEntry, writeTar } from "#dist/codec/tar/write-tar.js";
import { buildTar } from "../../fixtures/archive/build-deb.js";
import { randomNumbers, sampleData } from "../sample-data.js";
import { codeOf, join } from "../support.js";
import { everyKind as all, owner } from "./every-kind.js";

const read = (bytes: Uint8Array) => [...readTar(randomAccessOf(bytes))];
const written = async (entries: readonly WritableTarEntry[]) => {
  const content = writeTar(entries);
  const bytes = await readContent(content);
  expect(bytes.length).toBe(content.size);
  return bytes;
};

describe("writeTar and readTar", () => {
  it("give back what was written", async () => {
    const bytes = await written(all);
    const entries = read(bytes);
    expect(entries).toHaveLength(all.length);
    for (const [i, { content, xattrs, ...entry }] of all.entries()) {
      const found = entries[i]!;
      expect(found).toMatchObject({
        ...entry,
        path: entry.type === "directory" ? entry.path.replace(/\/?$/, "/") : entry.path,
      });
      expect([...(found.xattrs ?? [])].sort()).toEqual([...(xattrs ?? [])].sort());
      const expected = content === undefined ? new Uint8Array(0) : await readContent(content);
      expect(Buffer.compare(bytes.subarray(found.offset, found.offset + found.size), expected)).toBe(0);
    }
  });

  it("gives the same bytes as ever", async () => {
    // Read by GNU tar and Python's tarfile in test/heavy/codec.test.ts.
    expect(
      createHash("sha256")
        .update(await written(all))
        .digest("hex"),
    ).toBe("f8df5c6bb8c07cd278fc4a4f677bb675775f274b4a1de4dfd422b9cd154c1337");
  });

  it("gives the same bytes whatever the order of xattrs", async () => {
    const shuffled = all.map((entry) => ({ ...entry, xattrs: entry.xattrs && new Map([...entry.xattrs].reverse()) }));
    expect(Buffer.compare(await written(shuffled), await written(all))).toBe(0);
  });

  it("holds for any names, numbers and sizes", async () => {
    const name = fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 400,
    });
    const entry = fc.record({
      path: name.map((text) => `./${text.replaceAll("/", "_")}`),
      link: name,
      size: fc.integer({ min: 0, max: 1500 }),
      mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      uid: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      mode: fc.integer({ min: 0, max: 0o7777 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (list) => {
        const entries = list.flatMap(({ path, link, size, mtime, uid, mode }): WritableTarEntry[] => [
          { path, type: "file", mode, uid, gid: uid, mtime, content: contentOfBytes(sampleData(size)) },
          { path, type: "symlink", mode, uid, gid: uid, mtime, linkTarget: link },
        ]);
        const bytes = await written(entries);
        expect(
          read(bytes).map(({ path, type, mode, uid, mtime, linkTarget, size }) => ({
            path,
            type,
            mode,
            uid,
            mtime,
            linkTarget,
            size,
          })),
        ).toEqual(
          entries.map(({ path, type, mode, uid, mtime, linkTarget, content }) => ({
            path,
            type,
            mode,
            uid,
            mtime,
            linkTarget,
            size: content?.size ?? 0,
          })),
        );
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it("refuses to write numbers that are none", () => {
    const entry: WritableTarEntry = { ...owner, path: "x", type: "fifo", mode: 0o644 };
    expect(() => encodeTarHeader({ ...entry, mtime: 1.5 })).toThrow(RangeError);
    expect(() => encodeTarHeader({ ...entry, mode: -1 })).toThrow(RangeError);
    expect(() => encodeTarHeader({ ...entry, type: "char", major: 2 ** 21 })).toThrow(RangeError);
  });
});

describe("readTar", () => {
  const gnu = new Uint8Array(
    buildTar(
      new Map([
        ["a/".repeat(80), { type: "directory" as const }],
        ["file", { content: "hello", mode: 0o644, uid: 7, user: "seven" }],
        ["link", { type: "symlink" as const, target: "t".repeat(150) }],
        ["null", { type: "character" as const, major: 1, minor: 3 }],
      ]),
    ),
  );

  it("reads GNU's long names", () => {
    const entries = read(gnu);
    expect(entries.map(({ path, type }) => [path, type])).toEqual([
      [`./${"a/".repeat(80)}/`, "directory"],
      ["./file", "file"],
      ["./link", "symlink"],
      ["./null", "char"],
    ]);
    expect(entries[1]).toMatchObject({ uid: 7, user: "seven", size: 5 });
    expect(entries[2]?.linkTarget).toBe("t".repeat(150));
    expect(entries[3]).toMatchObject({ major: 1, minor: 3 });
  });

  /** A header with its checksum made right after a change. */
  const patched = (change: (header: Buffer) => void): Uint8Array => {
    const header = Buffer.from(encodeTarHeader({ ...owner, path: "file", type: "file", mode: 0o644 }));
    change(header);
    header.fill(" ", 148, 156);
    header.write(
      header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0"),
      148,
    );
    return join(header, new Uint8Array(1024));
  };

  it("reads base-256 numbers, positive and negative", () => {
    const large = patched((header) => {
      header.write("8000000000000000012a05f200", 124, "hex");
      header.fill(0xff, 136, 147);
      header[147] = 0xfe;
      header.write("80000000b2d05e00", 108, "hex");
    });
    expect(codeOf(() => read(large))).toBe("codec/tar-truncated");
    const negative = patched((header) => {
      header.fill(0xff, 136, 147);
      header[147] = 0xfe;
      header.write("80000000b2d05e00", 108, "hex");
    });
    expect(read(negative)[0]).toMatchObject({ mtime: -2, uid: 3_000_000_000 });
  });

  it("takes a name that ends with a slash for a directory, as before ustar", () => {
    const old = patched((header) => {
      header.write("dir/\0", 0);
      header[156] = 0;
      header.fill(0, 257, 265);
    });
    expect(read(old)[0]).toMatchObject({ path: "dir/", type: "directory" });
  });

  const pax = (records: string, flag = "x"): Uint8Array =>
    join(
      patched((header) => {
        header.write(flag, 156);
        header.write(records.length.toString(8).padStart(11, "0"), 124);
      }).subarray(0, 512),
      Buffer.from(records.padEnd(Math.ceil(records.length / 512) * 512, "\0"), "latin1"),
    );
  const record = (key: string, value: string): string => {
    const rest = ` ${key}=${value}\n`;
    const length = rest.length + 2 > 99 ? rest.length + 3 : rest.length + 2;
    return `${length}${rest}`;
  };
  const plain = patched(() => {});

  it("reads pax headers: global ones, fractions, libarchive's xattrs", () => {
    const global = pax(record("uname", "everyone") + record("mtime", "12.75"), "g");
    const local = pax(record("mtime", "-1.5") + record("LIBARCHIVE.xattr.user.a%3Db", "AQI="));
    const [first, second] = read(join(global, local, plain.subarray(0, 512), plain));
    expect(first).toMatchObject({ user: "everyone", mtime: -2 });
    expect([...(first?.xattrs ?? [])]).toEqual([["user.a=b", Uint8Array.of(1, 2)]]);
    expect(second).toMatchObject({ user: "everyone", mtime: 12, xattrs: undefined });
  });

  it.each([
    ["a broken record", pax("99 path=x\n"), "codec/tar-corrupt"],
    ["a record without a length", pax("path=xxx\n"), "codec/tar-corrupt"],
    ["a number that is none", pax(record("uid", "zero")), "codec/tar-corrupt"],
    ["a sparse file", pax(record("GNU.sparse.major", "1")), "codec/tar-unsupported"],
  ])("refuses %s", (_what, header, code) => {
    expect(codeOf(() => read(join(header, plain)))).toBe(code);
  });

  it("refuses damage", () => {
    const sum = plain.slice();
    sum[3]! ^= 1;
    expect(codeOf(() => read(sum))).toBe("codec/tar-corrupt");
    expect(codeOf(() => read(patched((header) => header.write("S", 156))))).toBe("codec/tar-unsupported");
    expect(codeOf(() => read(patched((header) => header.write("x9", 124))))).toBe("codec/tar-corrupt");
    expect(codeOf(() => read(patched((header) => header.write("L77777777777", 124))))).toBe("codec/tar-corrupt");
    const huge = patched((header) => {
      header.write("L", 156);
      header.write("77777777777", 124);
    });
    expect(codeOf(() => read(huge))).toBe("codec/tar-corrupt");
    for (const end of [0, 100, 512, 1023, gnu.length - 10240])
      expect(codeOf(() => read(gnu.subarray(0, end)))).toBe("codec/tar-truncated");
  });

  it("survives mutations", async () => {
    const random = randomNumbers(5);
    const sources = [
      gnu.subarray(0, 6144),
      (await written(all.filter((entry) => (entry.content?.size ?? 0) < 100))).subarray(0, 10240),
    ];
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 3000; round++) {
      const broken = sources[random(2)]!.slice();
      const block = 512 * random(broken.length / 512);
      for (let n = 1 + random(4); n > 0; n--) broken[block + random(512)] = random(256);
      // Half of them get a right checksum, to come further.
      if (random(2) === 0) {
        broken.fill(0x20, block + 148, block + 156);
        const sum = broken.subarray(block, block + 512).reduce((total, byte) => total + byte, 0);
        broken.set(Buffer.from(sum.toString(8).padStart(6, "0")), block + 148);
      }
      const outcome = codeOf(() => read(broken));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((key) => !/^(codec\/tar-|no error)/.test(key))).toEqual([]);
    expect(outcomes.get("codec/tar-corrupt")).toBeGreaterThan(500);
  });
});
