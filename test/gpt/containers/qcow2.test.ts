import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyQcow2 } from "#dist/gpt/containers/qcow2.js";
import { QCOW2_MAGIC, Qcow2Header } from "#dist/gpt/containers/qcow2-layout.js";

describe("emptyQcow2", () => {
  it("is small, and the same bytes each time", () => {
    const disk = emptyQcow2(2048 * 2 ** 30);
    expect(disk.size).toBe(4 * 65536);
    expect(createHash("sha256").update(disk.read()).digest("hex")).toBe(
      "06e51371bc6e17b74edaac88c909c5503d5005214cab8c24a6f3dd1391890608",
    );
  });

  it("states a table that covers the whole disk, for any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 46 }), (size) => {
        const disk = emptyQcow2(size);
        const header = Qcow2Header.decode(disk.read());
        expect(header.magic).toBe(QCOW2_MAGIC);
        expect(header.size % 512).toBe(0);
        expect(header.size - size).toBeLessThan(512);
        expect(header.l1Size * 8192 * 65536).toBeGreaterThanOrEqual(size);
        expect(header.l1TableOffset + header.l1Size * 8).toBeLessThanOrEqual(disk.size);
      }),
      { numRuns: 50 },
    );
  });

  it.each([0, -1, Number.NaN, 2 ** 46 + 1])("refuses %d bytes", (size) => {
    expect(() => emptyQcow2(size)).toThrow(expect.objectContaining({ code: "disk/size-invalid" }));
  });
});
