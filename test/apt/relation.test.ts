import { describe, expect, it } from "vitest";
import { formatGroup, parseProvides, parseRelations, targetKey, versionFits } from "#dist/apt/relation.js";

const plain = { qualifier: undefined, operator: undefined, version: undefined };

describe("parseRelations", () => {
  it("reads alternatives, versions and qualifiers", () => {
    expect(parseRelations("a, b (>= 1:2~) | c:any (<<3), d:amd64")).toEqual([
      [{ ...plain, name: "a" }],
      [
        { name: "b", qualifier: undefined, operator: ">=", version: "1:2~" },
        { name: "c", qualifier: "any", operator: "<<", version: "3" },
      ],
      [{ ...plain, name: "d", qualifier: "amd64" }],
    ]);
  });

  it("reads values over several lines, with empty items", () => {
    expect(parseRelations("a,\n b\n , ,c,").map(formatGroup)).toEqual(["a", "b", "c"]);
  });

  it("knows the obsolete operators, and a version alone as an exact one", () => {
    expect(parseRelations("a (< 1), b (> 1), c (1)").map(formatGroup)).toEqual(["a (<= 1)", "b (>= 1)", "c (= 1)"]);
  });

  it("honours restrictions of the architecture", () => {
    const text = "a [amd64], b [!amd64], c [arm64 i386], d [!arm64], e [linux-any], f | g [arm64]";
    expect(parseRelations(text, { architecture: "amd64" }).map(formatGroup)).toEqual(["a", "d", "e", "f"]);
    expect(parseRelations(text, { architecture: "arm64" }).map(formatGroup)).toEqual(["b", "c", "e", "f | g"]);
  });

  it.each(["a <!nocheck>", "a (>= )", "a b", "(>= 1)", "a (~ 1)", "a (>= 1", "Ä"])("refuses %j", (text) => {
    expect(() => parseRelations(text, { where: "x 1, field Depends" })).toThrow(
      expect.objectContaining({ code: "apt/relation-invalid", message: expect.stringContaining("x 1, field Depends") }),
    );
  });
});

describe("parseProvides", () => {
  it("reads names with and without version", () => {
    expect(parseProvides("mta, perlapi-5.40 (= 5.40.1)")).toEqual([
      { name: "mta", version: undefined },
      { name: "perlapi-5.40", version: "5.40.1" },
    ]);
  });

  it.each(["a | b", "a (>= 1)"])("refuses %j", (text) => {
    expect(() => parseProvides(text)).toThrow(expect.objectContaining({ code: "apt/relation-invalid" }));
  });
});

describe("versionFits", () => {
  it.each([
    ["<<", "1", false],
    ["<<", "0.9", true],
    ["<=", "1", true],
    ["<=", "1.1", false],
    ["=", "1-0", true],
    ["=", "1-1", false],
    [">=", "1", true],
    [">=", "1~", false],
    [">>", "1", false],
    [">>", "1-1", true],
  ] as const)("%s 1: %s is %s", (operator, version, fits) => {
    expect(versionFits(version, { ...plain, name: "a", operator, version: "1" })).toBe(fits);
  });
});

describe("targetKey", () => {
  it.each([
    [undefined, "a"],
    ["native", "a"],
    ["amd64", "a"],
    ["any", "a:any"],
    ["i386", "a:i386"],
  ])("with qualifier %s is %s", (qualifier, key) => {
    expect(targetKey({ ...plain, name: "a", qualifier })).toBe(key);
  });
});
