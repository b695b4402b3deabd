import { describe, expect, it } from "vitest";
import { decodeBytes, decodeFrom } from "#dist/codec/decoder.js";
import { decodeXz, decodeXzBytes, xzDecoder } from "#dist/codec/xz/decode-xz.js";
import { decodeIndexedBlock, readXzIndex } from "#dist/codec/xz/xz-index.js";
import { randomNumbers, sampleData } from "../sample-data.js";
import { codeOf, collect, fromBase64, join, readerOf } from "../support.js";
import { xzFixtures } from "./fixtures.js";

const data = sampleData(5000, 1);
const files = Object.entries(xzFixtures).map(([name, text]) => [name, fromBase64(text)] as const);
const crc64 = files[0]![1];

const decode = (bytes: Uint8Array, maxBytes = 1 << 20) => decodeXzBytes(bytes, { maxBytes });

describe("decodeXz", () => {
  it.each(files)("decodes what xz wrote: %s", (_name, bytes) => {
    expect(decode(bytes)).toEqual(data);
  });

  it.each(files)("decodes it in pieces of any size: %s", async (_name, bytes) => {
    for (const size of [1, 7, 1000]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(await collect(decodeXz(pieces))).toEqual(data);
    }
  });

  it.each(files)("decodes it from a reader that gives any number of bytes: %s", (_name, bytes) => {
    for (const count of [1, 7, 1000, 1e6]) {
      const pieces: Uint8Array[] = [];
      decodeFrom(xzDecoder, readerOf(join(bytes, bytes), count), (piece) => pieces.push(piece.slice()));
      expect(join(...pieces)).toEqual(join(data, data));
    }
    expect(codeOf(() => decodeFrom(xzDecoder, readerOf(bytes.subarray(0, -1), 9), () => {}))).toBe(
      "codec/xz-truncated",
    );
  });

  it("reads concatenated streams and padding between and after them", () => {
    const padding = new Uint8Array(8);
    expect(decode(join(crc64, padding, files[1]![1], padding))).toEqual(join(data, data));
    expect(codeOf(() => decode(join(crc64, new Uint8Array(3))))).toBe("codec/xz-truncated");
    expect(codeOf(() => decode(join(crc64, new Uint8Array([0, 0, 0, 1]))))).toBe("codec/xz-corrupt");
  });

  it("says truncated for a proper prefix", () => {
    for (const [, bytes] of files) {
      for (let end = 0; end < bytes.length; end += 5) {
        expect(codeOf(() => decode(bytes.subarray(0, end)))).toBe("codec/xz-truncated");
      }
    }
  });

  it("notices single changed bytes", () => {
    for (const [name, bytes] of files) {
      for (let at = 0; at < bytes.length; at += 5) {
        const damaged = bytes.slice();
        damaged[at]! ^= 1 << (at & 7);
        const code = codeOf(() => {
          // Without a check a change can go unnoticed, but must not go wrong.
          if (name === "none") decode(damaged);
          else expect(decode(damaged)).toEqual("an error");
        });
        expect(code).toMatch(name === "none" ? /^(codec\/|no error)/ : /^codec\//);
      }
    }
  });

  it("stays within its limits", () => {
    expect(codeOf(() => decode(crc64, 4999))).toBe("codec/too-large");
    expect(codeOf(() => decodeXzBytes(files[1]![1], { maxBytes: 5000, maxDictionaryBytes: 1 << 20 }))).toBe(
      "codec/xz-unsupported",
    );
  });

  it("survives mutations: an error or the right bytes", () => {
    const random = randomNumbers(7);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 1500; round++) {
      const [name, bytes] = files[random(files.length)]!;
      const damaged = bytes.slice(0, random(20) === 0 ? random(bytes.length) : bytes.length);
      for (let n = 1 + random(4); n > 0; n--) damaged[random(damaged.length)] = random(256);
      const outcome = codeOf(() => {
        const output = decode(damaged);
        if (name !== "none") expect(output).toEqual(data);
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((key) => !/^(codec\/(xz-|too-large)|no error)/.test(key))).toEqual([]);
    expect(outcomes.get("codec/xz-corrupt")).toBeGreaterThan(500);
  });
});

describe("readXzIndex", () => {
  const access = (bytes: Uint8Array) => ({
    size: bytes.length,
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  });

  it.each(files)("finds blocks that decode on their own: %s", (_name, bytes) => {
    const file = join(bytes, new Uint8Array(4), crc64);
    const output = new Uint8Array(10000);
    for (const block of readXzIndex(access(file))!) {
      let at = block.uncompressedOffset;
      decodeBytes(
        (queue) => decodeIndexedBlock(queue, block),
        file.subarray(block.offset, block.offset + block.size),
        (piece) => {
          output.set(piece, at);
          at += piece.length;
        },
      );
      expect(at).toBe(block.uncompressedOffset + block.uncompressedSize);
    }
    expect(output).toEqual(join(data, data));
  });

  it("counts blocks", () => {
    expect(readXzIndex(access(fromBase64(xzFixtures["blocks"]!)))).toHaveLength(4);
  });

  it("refuses damage", () => {
    for (let at = crc64.length - 24; at < crc64.length; at++) {
      const damaged = crc64.slice();
      damaged[at]! ^= 4;
      expect(codeOf(() => readXzIndex(access(damaged)))).toMatch(/^codec\/xz-/);
    }
    expect(codeOf(() => readXzIndex(access(new Uint8Array(0))))).toBe("codec/xz-truncated");
  });
});
