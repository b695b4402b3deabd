import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lz4Compressor } from "#dist/codec/lz4/compress-lz4.js";
import { decodeLz4Block } from "#dist/codec/lz4/decode-lz4.js";

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
/** Words of a small vocabulary: compresses as text does. */
const text = fc
  .array(fc.constantFrom("the ", "quick ", "\0\0\0\0\0\0\0\0", "a", "bc", "lorem ipsum dolor "), { maxLength: 400 })
  .map((words) => new Uint8Array(Buffer.from(words.join(""), "latin1")));
const inputs = fc.oneof(text, fc.uint8Array({ maxLength: 600 }));

const lz4 = new Lz4Compressor();

describe("LZ4 blocks", () => {
  it("give back what was compressed", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 12 }), (bytes, level) => {
        const compressed = lz4.compress(bytes, level);
        expect(Buffer.compare(decodeLz4Block(compressed, bytes.length), bytes)).toBe(0);
        expect(compressed.length).toBeLessThanOrEqual(bytes.length + Math.floor(bytes.length / 255) + 16);
      }),
      { numRuns: 300 },
    );
  });

  it("keep the rules for the end of a block: five literals at last, the last match twelve bytes before", () => {
    fc.assert(
      fc.property(text, (bytes) => {
        const compressed = lz4.compress(bytes, 9);
        const { lastLiterals, lastMatch } = walk(compressed);
        if (lastMatch === undefined) return;
        expect(lastLiterals).toBeGreaterThanOrEqual(5);
        expect(bytes.length - lastMatch).toBeGreaterThanOrEqual(12);
      }),
    );
  });

  it("always have the same bytes", () => {
    const sample = new Uint8Array(200_000);
    for (let i = 0, x = 1; i < sample.length; i++) {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0;
      sample[i] = (i >> 5) % 3 === 0 ? 0x41 + (x >>> 30) : 0x61 + (i % 23);
    }
    const digests = [1, 9, 12].map((level) =>
      createHash("sha256").update(lz4.compress(sample, level)).digest("hex").slice(0, 16),
    );
    expect(digests).toMatchInlineSnapshot(`
      [
        "d752f8f25c980a74",
        "ba03976373298fea",
        "ba03976373298fea",
      ]
    `);
  });

  it("are made by the module that README names", () => {
    const digest = createHash("sha256").update(readFileSync("wasm/lz4/lz4.wasm")).digest("hex");
    expect(digest).toBe("ce24f6b4f039f339302eb60d5436f8d82c40dbabfd5f6cd2eeb1fd8fa28496ab");
    expect(readFileSync("wasm/lz4/README.md", "latin1")).toContain(digest);
  });

  it("of long runs are short, and quickly made", () => {
    expect(lz4.compress(new Uint8Array(1 << 20), 12).length).toBeLessThan(4200);
  });

  it.each([
    ["no bytes", bytesOf()],
    ["literals that are cut off", bytesOf(0x50, 1, 2)],
    ["an offset that is cut off", bytesOf(0x10, 1, 1)],
    ["an offset of zero", bytesOf(0x14, 1, 0, 0, 0)],
    ["an offset before the data", bytesOf(0x14, 1, 2, 0, 0)],
    ["a length that is cut off", bytesOf(0xf0, 255)],
    ["more than was allowed", bytesOf(0x1f, 1, 1, 0, 255, 255, 0, 0)],
  ])("are refused when they have %s", (_, bytes) => {
    expect(() => decodeLz4Block(bytes, 100)).toThrow(expect.objectContaining({ code: "codec/lz4-corrupt" }));
  });
});

/** Follows the sequences: how many literals come last, and where in the output the last match begins. */
function walk(compressed: Uint8Array): { readonly lastLiterals: number; readonly lastMatch: number | undefined } {
  let at = 0;
  let size = 0;
  let lastMatch: number | undefined;
  const length = (first: number): number => {
    let sum = first;
    if (first === 15)
      for (;;) {
        const byte = compressed[at++]!;
        sum += byte;
        if (byte !== 255) break;
      }
    return sum;
  };
  for (;;) {
    const token = compressed[at++]!;
    const literals = length(token >> 4);
    at += literals;
    size += literals;
    if (at >= compressed.length) return { lastLiterals: literals, lastMatch };
    at += 2;
    lastMatch = size;
    size += length(token & 15) + 4;
  }
}
