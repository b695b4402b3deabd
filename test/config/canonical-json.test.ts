import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "#dist/config/canonical-json.js";

describe("canonicalJson", () => {
  it("sorts keys by UTF-8 bytes and leaves white space out", () => {
    // U+1F600 sorts after U+FF5E in UTF-8, before it in UTF-16.
    expect(canonicalJson({ b: [1, -0, true, null], a: { "\u{1F600}": 1, "\uFF5E": 2 }, c: undefined })).toBe(
      '{"a":{"\uFF5E":2,"\u{1F600}":1},"b":[1,0,true,null]}',
    );
  });

  it("reads back to the same value whatever the order of keys", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(null, true, false),
        fc.maxSafeInteger(),
        fc.string({ unit: "binary" }),
        fc.array(tie("value")),
        fc.dictionary(fc.string({ unit: "binary" }), tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(value, (item) => {
        const text = canonicalJson(item);
        const reversed = JSON.parse(text, (_, inner) =>
          inner !== null && typeof inner === "object" && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        );
        expect(canonicalJson(reversed)).toBe(text);
      }),
    );
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, () => 1, 1n])("refuses %s", (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });
});
