import { describe, expect, it } from "vitest";
import { lazyParagraph, parseParagraph, parseParagraphs } from "#dist/apt/deb822.js";

const text = "Package: a\nDepends: b,\n c\nDescription: one\n two\n .\n three\nsection:  net \nEmpty:\n";

describe("parseParagraph", () => {
  it("reads fields in order, looked up in any case", () => {
    const paragraph = parseParagraph(text);
    expect(paragraph.entries()).toEqual([
      ["Package", "a"],
      ["Depends", "b,\n c"],
      ["Description", "one\n two\n .\n three"],
      ["section", "net"],
      ["Empty", ""],
    ]);
    expect(paragraph.get("SECTION")).toBe("net");
    expect(paragraph.has("Homepage")).toBe(false);
  });

  it.each([
    ["Package a\n", 'the line "Package a" is no field'],
    [" Package: a\n", 'it starts with the continuation line "Package: a"'],
    ["A: 1\na: 2\n", "the field a is there twice"],
    ["", "it has no field"],
    ["A: 1\n\nA: 1\n", "it has more than one paragraph"],
    ["A b: 1\n", "is no field"],
  ])("refuses %j", (bad, is) => {
    expect(() => parseParagraph(bad, "the test")).toThrow(
      expect.objectContaining({ code: "apt/control-invalid", message: expect.stringContaining(is) }),
    );
  });
});

describe("parseParagraphs", () => {
  it("separates by any number of blank lines, and skips comments", () => {
    const found = parseParagraphs("\n\nA: 1\n# no\nB: 2\n\n \n\nA: 3\n\n");
    expect(found.map((one) => one.entries())).toEqual([
      [
        ["A", "1"],
        ["B", "2"],
      ],
      [["A", "3"]],
    ]);
  });
});

describe("lazyParagraph", () => {
  it("gives what parseParagraph gives", () => {
    const lazy = lazyParagraph(text);
    const whole = parseParagraph(text);
    for (const name of ["Package", "Depends", "Description", "Empty", "Homepage"]) {
      expect(lazy.get(name)).toBe(whole.get(name));
      expect(lazy.has(name)).toBe(whole.has(name));
    }
    expect(lazy.entries()).toEqual(whole.entries());
  });

  it("does not take a field's value for a field", () => {
    expect(lazyParagraph("A: B: 1\nC: 2").get("B")).toBeUndefined();
  });
});
