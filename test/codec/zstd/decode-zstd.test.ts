import { describe, expect, it } from "vitest";
import { decodeFrom } from "#dist/codec/decoder.js";
import { compressZstd } from "#dist/codec/zstd/compress-zstd.js";
import { decodeZstd, decodeZstdBytes, zstdDecoder } from "#dist/codec/zstd/decode-zstd.js";
import { randomNumbers, sampleData } from "../sample-data.js";
import { codeOf, collect, fromBase64, join, readerOf } from "../support.js";
import { zstdFixtures } from "./fixtures.js";

const data = sampleData(5000, 1);
const files = Object.entries(zstdFixtures).map(([name, text]) => [name, fromBase64(text)] as const);
const decode = (bytes: Uint8Array, maxBytes = 1 << 20) => decodeZstdBytes(bytes, { maxBytes });

describe("decodeZstd", () => {
  it.each(files)("decodes what zstd wrote: %s", async (_name, bytes) => {
    expect(decode(bytes)).toEqual(data);
    for (const size of [1, 7, 1000]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(await collect(decodeZstd(pieces))).toEqual(data);
    }
  });

  it("decodes from a reader that gives any number of bytes", () => {
    const noise = Uint8Array.from({ length: 900_000 }, (_, i) => (i * 2654435761) >>> 13);
    const input = join(noise, sampleData(600_000, 3), noise);
    const frame = compressZstd(input, 3);
    for (const count of [4093, 1e6]) {
      const pieces: Uint8Array[] = [];
      decodeFrom(zstdDecoder, readerOf(join(frame, frame), count), (piece) => pieces.push(piece.slice()));
      expect(Buffer.compare(join(...pieces), join(input, input))).toBe(0);
    }
  });

  it("reads several frames and skips what is not one", () => {
    const skippable = Uint8Array.of(0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
    expect(decode(join(files[0]![1], skippable, files[2]![1]))).toEqual(join(data, data));
  });

  it.each([0, 1, 100, 131_071, 131_072, 131_073, 700_000, 3_000_000])("decodes %i bytes of every level", (size) => {
    const input = sampleData(size, 5);
    for (const level of size > 1_000_000 ? [1] : [1, 3, 7, 19]) {
      expect(Buffer.compare(decode(compressZstd(input, level), size), input)).toBe(0);
    }
  });

  it("says truncated for a proper prefix", () => {
    for (const [, bytes] of files) {
      for (let end = 0; end < bytes.length; end += 3)
        expect(codeOf(() => decode(bytes.subarray(0, end)))).toBe("codec/zstd-truncated");
    }
  });

  it("never gives wrong bytes for a changed byte where there is a checksum", () => {
    let harmless = 0;
    let noticed = 0;
    for (const [name, bytes] of files) {
      if (name === "fast") continue;
      for (let at = 0; at < bytes.length; at += 2) {
        const damaged = bytes.slice();
        damaged[at]! ^= 1 << (at % 7);
        const code = codeOf(() => expect(Buffer.compare(decode(damaged), data)).toBe(0));
        expect(code).toMatch(/^(codec\/zstd-|no error)/);
        if (code === "no error") harmless++;
        else noticed++;
      }
    }
    // Unused header bits, a larger window, padding bits of a table.
    expect(harmless).toBeLessThan(20);
    expect(noticed).toBeGreaterThan(1000);
  });

  it("stays within its limits", () => {
    expect(codeOf(() => decode(files[0]![1], 4999))).toBe("codec/too-large");
    const long = files.find(([name]) => name === "long")![1];
    expect(codeOf(() => decodeZstdBytes(long, { maxBytes: 5000, maxWindowBytes: 1 << 20 }))).toBe(
      "codec/zstd-unsupported",
    );
  });

  it("survives mutations: an error or bytes within the limit", () => {
    const random = randomNumbers(11);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 3000; round++) {
      const [name, bytes] = files[random(files.length)]!;
      const damaged = bytes.slice(0, random(20) === 0 ? random(bytes.length) : bytes.length);
      // Below the header, so that the block's own checks are met and not only the header's.
      for (let n = 1 + random(4); n > 0; n--) damaged[6 + random(damaged.length)] = random(256);
      const outcome = codeOf(() => {
        const output = decode(damaged);
        if (name !== "fast") expect(Buffer.compare(output, data)).toBe(0);
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((key) => !/^(codec\/(zstd-|too-large)|no error)/.test(key))).toEqual([]);
    expect(outcomes.get("codec/zstd-corrupt")).toBeGreaterThan(1000);
  });
});
