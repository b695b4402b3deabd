import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modeTypes } from "#dist/bytes/mode-types.js";
import { align4, encodeNewcHeader, encodeNewcTrailer, type NewcHeader, readNewc } from "#dist/codec/newc.js";
import { randomAccessOf } from "#dist/codec/random-access.js";
import { makeNewc } from "../fixtures/cpio/make-newc.js";
import { randomNumbers } from "./sample-data.js";
import { codeOf, join } from "./support.js";

const read = (bytes: Uint8Array) => [...readNewc(randomAccessOf(bytes))];
const base: NewcHeader = {
  name: "file",
  ino: 1,
  mode: modeTypes.file | 0o644,
  uid: 0,
  gid: 0,
  nlink: 1,
  mtime: 0,
  size: 0,
  rdevMajor: 0,
  rdevMinor: 0,
};
const member = (header: Partial<NewcHeader>, data: Uint8Array = new Uint8Array(0)): Uint8Array =>
  join(
    encodeNewcHeader({ ...base, ...header, size: data.length }),
    data,
    new Uint8Array(align4(data.length) - data.length),
  );

const archive = join(
  member({ name: "dir", mode: modeTypes.directory | 0o755, nlink: 2 }),
  member({ name: "dir/\xe4\xff", ino: 2, mtime: 0xffffffff, uid: 0xfffffffe, gid: 3 }, Buffer.from("12345")),
  member({ name: "null", ino: 3, mode: modeTypes.char | 0o666, rdevMajor: 1, rdevMinor: 3, devMajor: 8, devMinor: 1 }),
  encodeNewcTrailer(),
);

describe("newc", () => {
  it("writes the bytes that it always wrote", () => {
    // Read by GNU cpio in test/heavy/codec.test.ts.
    expect(createHash("sha256").update(archive).digest("hex")).toBe(
      "55bac237196bb1f7b1f1bd483a9a6dcfc85057f6d0872b36a3fb42fcfbdfe92c",
    );
    expect(Buffer.from(encodeNewcTrailer()).toString("latin1")).toBe(
      `070701${"00000000".repeat(4)}00000001${"00000000".repeat(6)}0000000B00000000TRAILER!!!\0\0\0\0`,
    );
  });

  it("reads what was written", () => {
    const [dir, file, device] = read(archive);
    expect(dir).toMatchObject({ name: "dir", nlink: 2, mode: 0o040755 });
    expect(file).toMatchObject({ name: "dir/\xe4\xff", mtime: 0xffffffff, uid: 0xfffffffe, gid: 3, size: 5 });
    expect(Buffer.from(archive.subarray(file!.offset, file!.offset + 5)).toString()).toBe("12345");
    expect(device).toMatchObject({ rdevMajor: 1, rdevMinor: 3, devMajor: 8, devMinor: 1 });
  });

  it("reads archives that follow each other, with zeros between", () => {
    expect(read(join(archive, new Uint8Array(512), archive, new Uint8Array(8))).map(({ name }) => name)).toEqual([
      ...["dir", "dir/\xe4\xff", "null"],
      ...["dir", "dir/\xe4\xff", "null"],
    ]);
    expect(read(new Uint8Array(makeNewc([{ path: "a", data: "abc" }, { path: "b" }])))).toMatchObject([
      { name: "a", size: 3 },
      { name: "b", size: 0 },
    ]);
  });

  it("holds for any header", () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const name = fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(name, u32, u32, fc.uint8Array({ maxLength: 50 }), (path, ino, mtime, data) => {
        const bytes = join(member({ name: path, ino, mtime }, data), encodeNewcTrailer());
        if (path === "TRAILER!!!") return;
        expect(read(bytes)).toMatchObject([{ name: path, ino, mtime, size: data.length }]);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("refuses to write what does not fit", () => {
    for (const wrong of [{ size: 2 ** 32 }, { mtime: -1 }, { ino: 1.5 }, { name: "x".repeat(4096) }, { name: "a\0b" }])
      expect(codeOf(() => encodeNewcHeader({ ...base, ...wrong }))).toBe("codec/newc-unrepresentable");
  });

  it("refuses what is cut off or broken", () => {
    for (let end = 1; end < archive.length; end += 3)
      expect(codeOf(() => read(archive.subarray(0, end)))).toBe("codec/newc-truncated");
    const broken = (at: number, text: string) => {
      const copy = Buffer.from(archive);
      copy.write(text, at, "latin1");
      return codeOf(() => read(copy));
    };
    expect(broken(0, "070707")).toBe("codec/newc-corrupt");
    expect(broken(6, "xyz")).toBe("codec/newc-corrupt");
    expect(broken(94, "00000000")).toBe("codec/newc-corrupt");
    expect(broken(94, "00002000")).toBe("codec/newc-corrupt");
    expect(broken(110, "\0")).toBe("codec/newc-corrupt");
    expect(broken(54, "FFFFFFFF")).toBe("codec/newc-truncated");
    expect(codeOf(() => read(join(member({}), new Uint8Array(8))))).toBe("codec/newc-corrupt");
  });

  it("survives mutations", () => {
    const random = randomNumbers(9);
    for (let round = 0; round < 3000; round++) {
      const broken = archive.slice();
      for (let n = 1 + random(4); n > 0; n--)
        broken[random(broken.length)] = random(4) === 0 ? 0x30 + random(10) : random(256);
      expect(codeOf(() => read(broken))).toMatch(/^(codec\/newc-(corrupt|truncated)|no error)$/);
    }
  });
});
