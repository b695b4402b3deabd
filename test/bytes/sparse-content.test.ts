import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { sliceContent } from "#dist/bytes/slice-content.js";
import { dataRuns, extentsOf, runChunks, sparseContent, zeroContent } from "#dist/bytes/sparse-content.js";

const pieces = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.uint8Array({ maxLength: 300 })), {
  maxLength: 12,
});

function build(list: readonly (readonly [number, Uint8Array])[]) {
  let at = 0;
  const extents = list.map(([gap, bytes]) => {
    const offset = at + gap;
    at = offset + bytes.length;
    return { offset, content: contentOfBytes(bytes) };
  });
  const size = at + 17;
  const whole = new Uint8Array(size);
  for (const { offset, content } of extents) whole.set(content.read(), offset);
  return { content: sparseContent(size, extents), whole };
}

describe("sparseContent", () => {
  it("has its extents' bytes and zeros between them, also where it lies in another", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const { content, whole } = build(list);
        expect(await readContent(content)).toEqual(whole);
        const outer = sparseContent(content.size + 100, [{ offset: 50, content }]);
        expect((await readContent(outer)).subarray(50, 50 + content.size)).toEqual(whole);
        for (const { offset, content: inner } of extentsOf(outer))
          expect(await readContent(inner)).toEqual(whole.subarray(offset - 50, offset - 50 + inner.size));
      }),
    );
  });

  it("can be cut anywhere, and stays sparse", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(), fc.nat(), async (list, a, b) => {
        const { content, whole } = build(list);
        const [from, to] = [a % (content.size + 1), b % (content.size + 1)].sort((x, y) => x - y) as [number, number];
        expect(await readContent(sliceContent(content, from, to - from))).toEqual(whole.subarray(from, to));
      }),
    );
  });

  it("gives runs of whole units that together hold all data", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.constantFrom(1, 16, 64, 512), async (list, unit) => {
        const { content, whole } = build(list);
        const copy = new Uint8Array(Math.ceil(content.size / unit) * unit + unit);
        let last = -1;
        for (const run of dataRuns(content, unit)) {
          expect(run.start % unit).toBe(0);
          expect(run.end % unit).toBe(0);
          expect(run.start).toBeGreaterThan(last);
          last = run.end;
          let at = run.start;
          for await (const chunk of runChunks(run)) {
            copy.set(chunk, at);
            at += chunk.length;
          }
          expect(at).toBe(run.end);
        }
        expect(copy.subarray(0, content.size)).toEqual(whole);
      }),
    );
  });

  it("refuses extents that overlap, are out of order, or leave it", () => {
    const one = contentOfBytes(new Uint8Array(10));
    expect(() => sparseContent(30, [{ offset: 25, content: one }])).toThrow(RangeError);
    expect(() =>
      sparseContent(30, [
        { offset: 0, content: one },
        { offset: 9, content: one },
      ]),
    ).toThrow(RangeError);
    expect(() => sparseContent(30, [{ offset: -1, content: one }])).toThrow(RangeError);
  });

  it("costs nothing when it is empty", () => {
    expect(dataRuns(zeroContent(2 ** 46), 4096)).toEqual([]);
  });
});
