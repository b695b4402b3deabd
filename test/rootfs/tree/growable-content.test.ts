import fc from "fast-check";
import { expect, test } from "vitest";
import { readContent } from "#dist/bytes/content.js";
import { GrowableContent } from "#dist/rootfs/tree/growable-content.js";

const MIB = 1 << 20;
const place = fc.oneof(
  fc.nat(40),
  fc.nat(80).map((n) => MIB - 40 + n),
  fc.nat(80).map((n) => 2 * MIB - 40 + n),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant("write"), at: place, length: fc.nat(90) }),
  fc.record({ kind: fc.constant("append"), at: place, length: fc.nat(90) }),
  fc.record({ kind: fc.constant("truncate"), at: place, length: fc.constant(0) }),
);

test("is what a plain buffer would hold, across the borders of its pieces", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), place, fc.nat(100), async (steps, from, count) => {
      const content = new GrowableContent(new Uint8Array([1, 2, 3]));
      let plain = Buffer.from([1, 2, 3]);
      for (const [number, { kind, at, length }] of steps.entries()) {
        const offset = kind === "append" ? plain.length : at;
        const size = kind === "truncate" ? at : Math.max(plain.length, length === 0 ? 0 : offset + length);
        plain = Buffer.concat([plain, Buffer.alloc(Math.max(0, size - plain.length))]).subarray(0, size);
        if (kind === "truncate") content.truncate(at);
        else if (length > 0) {
          plain.fill(200 + number, offset, offset + length);
          content.write(offset, String.fromCharCode(200 + number).repeat(length));
        }
      }
      expect(content.size).toBe(plain.length);
      expect(Buffer.compare(content.read(), plain)).toBe(0);
      expect(Buffer.compare(await readContent(content), plain)).toBe(0);
      expect(Buffer.compare(content.read(from, count), plain.subarray(from, from + count))).toBe(0);
    }),
    { numRuns: 60 },
  );
});
