import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compressZstd, ZstdCompressor } from "#dist/codec/zstd/compress-zstd.js";
import { decodeZstdBytes } from "#dist/codec/zstd/decode-zstd.js";
import { sampleData } from "../sample-data.js";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

// Held against libzstd 1.5.7 itself in test/heavy/codec.test.ts.
it.each([
  [1, 5706, "0b0bd0641dc1de76818e046a6d449ab42226dd1fb7a1fcdf5b18df4ffce72fb5"],
  [3, 5387, "72431deafe63877556864904b06c4cf1e5ae41d7854106af9ad06b01227b3869"],
  [15, 4752, "ae81ce16d2b3325aad02b501b725e87c31ab405408cb3287be25ca6f5e30d523"],
  [19, 4740, "2696217875ce6b04c99c0b41a878e447dda358248825371be256fb43c0c0d6b2"],
  [22, 4644, "cafb3662a098100187e7d285f4a6f82b5ef2207a0a583a538cf0cd25e8188f6e"],
])("gives the bytes of zstd 1.5.7 at level %i", (level, size, digest) => {
  const output = compressZstd(sampleData(50_000, 3), level);
  expect([output.length, sha256(output)]).toEqual([size, digest]);
});

it("gives the same bytes whatever was compressed before", () => {
  const zstd = new ZstdCompressor();
  const compress = (bytes: Uint8Array, level: number) =>
    zstd.compress(bytes.length, { level, fill: (target) => target.set(bytes) });
  const first = sha256(compress(sampleData(50_000, 3), 19));
  compress(sampleData(2_000_000, 4), 1);
  compress(new Uint8Array(0), 22);
  expect(sha256(compress(sampleData(50_000, 3), 19))).toBe(first);
});

it("refuses levels that zstd has not", () => {
  for (const level of [0, -1, 23, 1.5, Number.NaN])
    expect(() => compressZstd(new Uint8Array(1), level)).toThrow(RangeError);
});

it("gives a stream the same bytes whatever the thread compressed before, and the decoder reads them", () => {
  const input = sampleData(3_000_000, 7);
  const zstd = new ZstdCompressor();
  const stream = (bytes: Uint8Array, level: number): Uint8Array => {
    let at = 0;
    const read = (target: Uint8Array): void => {
      target.set(bytes.subarray(at, at + target.length));
      at += target.length;
    };
    const pieces = Array.from(zstd.compressStream(bytes.length, { level, read }), (piece) => piece.slice());
    expect(at).toBe(bytes.length);
    return new Uint8Array(Buffer.concat(pieces));
  };
  for (const level of [3, 12]) {
    const first = stream(input, level);
    zstd.compress(1000, { level: 7, fill: (target) => target.fill(7) });
    stream(input.subarray(0, 1_048_576), level);
    expect(sha256(stream(input, level))).toBe(sha256(first));
    expect(Buffer.compare(decodeZstdBytes(first, { maxBytes: input.length }), input)).toBe(0);
  }
  expect(decodeZstdBytes(stream(new Uint8Array(0), 3), { maxBytes: 10 })).toHaveLength(0);
});

it("is the pinned build", () => {
  expect(sha256(readFileSync("wasm/zstd/zstd.wasm"))).toBe(
    "22da06d176a2023490f9dba5475a4b5d513b622834a73eff18ec5577b98d06d9",
  );
});
