import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "#dist/config/nearest.js";

describe("nearest", () => {
  it("knows the usual slips", () => {
    const known = ["image", "packages", "packageGlobs", "buildPackages"];
    expect(nearest("pacakges", known)).toBe("packages");
    expect(nearest("Packages", known)).toBe("packages");
    expect(nearest("imgae", known)).toBe("image");
    expect(nearest("entirelyElse", known)).toBeUndefined();
    expect(nearest("x", [])).toBeUndefined();
  });

  it("measures insertions, deletions and changes", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("", "abc")).toBe(3);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a.toLowerCase() === b.toLowerCase());
      }),
    );
  });
});
