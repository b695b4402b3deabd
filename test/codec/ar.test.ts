import { describe, expect, it } from "vitest";
import { readAr } from "#dist/codec/ar.js";
import { randomAccessOf } from "#dist/codec/random-access.js";
import { buildAr } from "../fixtures/archive/build-deb.js";
import { randomNumbers } from "./sample-data.js";
import { codeOf, join } from "./support.js";

const members = [
  ["debian-binary", Buffer.from("2.0\n")],
  ["odd", Buffer.from("abc")],
  ["empty", Buffer.alloc(0)],
  ["data.tar.xz", Buffer.alloc(1000, 7)],
] as const;
const archive = new Uint8Array(buildAr(members));
const read = (bytes: Uint8Array) => [...readAr(randomAccessOf(bytes))];

describe("readAr", () => {
  it("finds members of even and odd size", () => {
    expect(
      read(archive).map(({ name, offset, size }) => [name, Buffer.from(archive.subarray(offset, offset + size))]),
    ).toEqual(members.map(([name, bytes]) => [name, bytes]));
  });

  it("takes GNU's trailing slash off and does without the last padding", () => {
    const slashed = Buffer.from(archive);
    slashed.write("odd/ ", 8 + 60 + 4, "latin1");
    expect(read(slashed)[1]?.name).toBe("odd");
    expect(read(new Uint8Array(buildAr([["a", Buffer.from("x")]])).slice(0, -1))).toHaveLength(1);
  });

  it("refuses what is cut off or broken", () => {
    for (const end of [0, 7, 8 + 59, 8 + 60 + 3, archive.length - 1])
      expect(codeOf(() => read(archive.subarray(0, end)))).toBe("codec/ar-corrupt");
    for (const [at, text] of [
      [8 + 48, "-1        "],
      [8 + 48, "99999999999"],
      [8 + 48, "          "],
      [8 + 58, "xx"],
      [8, "#1/20           "],
      [8, "/               "],
    ] as const) {
      const broken = Buffer.from(archive);
      broken.write(text, at, "latin1");
      expect(codeOf(() => read(broken))).toBe("codec/ar-corrupt");
    }
    expect(codeOf(() => read(join(archive, new Uint8Array(10))))).toBe("codec/ar-corrupt");
  });

  it("survives mutations", () => {
    const random = randomNumbers(3);
    for (let round = 0; round < 3000; round++) {
      const broken = archive.slice();
      for (let n = 1 + random(6); n > 0; n--) broken[random(400)] = random(256);
      expect(codeOf(() => read(broken))).toMatch(/^(codec\/ar-corrupt|no error)$/);
    }
  });
});
