import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type DeflateContainer, Deflater } from "#dist/codec/deflate.js";
import { noise, prose } from "../fixtures/packing/trees.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const mixed = Buffer.concat([prose(300_000, 1), noise(100_000, 2), new Uint8Array(200_000), prose(400_001, 3)]);
const deflater = new Deflater();
const INFLATE: Readonly<Record<DeflateContainer, (bytes: Uint8Array) => Uint8Array>> = {
  raw: inflateRawSync,
  zlib: inflateSync,
  gzip: gunzipSync,
};

describe("Deflater", () => {
  it.each(["raw", "zlib", "gzip"] as const)(
    "gives what is inflated to its input, whole and in pieces: %s",
    (container) => {
      for (const level of [1, 6, 9]) {
        const whole = deflater.compress(mixed, { level, container });
        expect(Buffer.compare(INFLATE[container](whole), mixed)).toBe(0);
        for (const step of [777_777, 2 ** 18, 65_521]) {
          const stream = deflater.start({ level, container });
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < mixed.length; at += step) pieces.push(...stream.push(mixed.subarray(at, at + step)));
          pieces.push(...stream.end());
          expect(Buffer.compare(Buffer.concat(pieces), whole)).toBe(0);
        }
      }
      const nothing = [...deflater.start({ level: 9, container }).end()];
      expect(INFLATE[container](Buffer.concat(nothing))).toHaveLength(0);
    },
  );

  it("gives the same bytes whatever it made before", () => {
    const first = sha256(new Deflater().compress(mixed, { level: 9, container: "zlib" }));
    deflater.compress(noise(100_000), { level: 3, container: "raw" });
    deflater.fill(mixed, { level: 9, capacity: 8192, guess: 20_000 });
    expect(sha256(deflater.compress(mixed, { level: 9, container: "zlib" }))).toBe(first);
  });

  it.each([4096, 8192, 65_536])("fills %d bytes", (capacity) => {
    let filled = 0;
    let count = 0;
    for (let at = 0; at < mixed.length; count++) {
      const input = mixed.subarray(at, at + 8 * capacity);
      const found = deflater.fill(input, { level: 9, capacity, guess: 2 * capacity });
      if (found === undefined) {
        at += capacity;
        continue;
      }
      const { consumed, block } = found;
      expect(block.length).toBeLessThanOrEqual(capacity);
      expect(Buffer.compare(inflateRawSync(block), input.subarray(0, consumed))).toBe(0);
      if (consumed < input.length) filled = Math.max(filled, block.length);
      at += consumed;
    }
    expect(count).toBeGreaterThan(2);
    expect(filled).toBeGreaterThan(0.98 * capacity);
  });

  it("finds nothing to fill with noise", () => {
    expect(deflater.fill(noise(300_000), { level: 9, capacity: 65_536, guess: 65_536 })).toBeUndefined();
  });

  it("refuses other levels", () => {
    for (const level of [0, 10, 1.5])
      expect(() => deflater.compress(mixed, { level, container: "raw" })).toThrow(RangeError);
  });

  it("is the pinned build", () => {
    expect(sha256(readFileSync("wasm/zlib/zlib.wasm"))).toBe(
      "592bd90ebe1eaea21ba6e1f04a2c58fb48f5e7979ad4fbf55671466bb96e9c39",
    );
  });
});
