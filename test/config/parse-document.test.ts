import { describe, expect, it } from "vitest";
import { nodeAt, plainOf } from "#dist/config/node.js";
import { parseDocument } from "#dist/config/parse-document.js";
import { errorOf } from "./recipe-files.js";

const parse = (text: string, file = "image.yaml") => parseDocument(new TextEncoder().encode(text), file);

describe("parseDocument", () => {
  it("reads YAML 1.2 core values with their places", () => {
    const node = parse("image: x # a\nlist:\n  - yes\n  - 0600\n  - 1.0\n  - ~\nmap: { a: true, 'b c': \"d\" }\n");
    expect(plainOf(node)).toEqual({ image: "x", list: ["yes", 600, 1, null], map: { a: true, "b c": "d" } });
    expect(nodeAt(node, ["list", 2])).toMatchObject({
      source: "1.0",
      origin: { file: "image.yaml", line: 5, column: 5 },
    });
    expect(nodeAt(node, ["map", "b c"])?.origin).toEqual({ file: "image.yaml", line: 7, column: 24 });
  });

  it("reads strict JSON, also indented with tabs, with places", () => {
    const node = parse(
      '{\n\t"image": "x\\u00e4\\ud83d\\ude00\\/",\n\t"list": [\n\t\t1,\n\t\t"a"\n\t]\n}\n',
      "image.json",
    );
    expect(plainOf(node)).toEqual({ image: "xä😀/", list: [1, "a"] });
    expect(nodeAt(node, ["list", 1])?.origin).toMatchObject({ line: 5 });
  });

  it.each([
    ["image: a\nimage: b\n", "recipe/duplicate-key", /image\.yaml:2:1: .*twice/],
    ["a: &x 1\n", "recipe/invalid-syntax", /image\.yaml:1:7: &x is an anchor/],
    ["a: [1]\nb: *x\n", "recipe/invalid-syntax", /image\.yaml:2:4: .*x/],
    ["a: {}\nb:\n  <<: { c: 1 }\n", "recipe/invalid-syntax", /image\.yaml:3:3: << is a merge key/],
    ["a: !!binary aGk=\n", "recipe/invalid-syntax", /image\.yaml:1:\d+: .*tag/],
    ["a: !foo b\n", "recipe/invalid-syntax", /image\.yaml:1:\d+: .*tag/],
    ["a:\n\t- b\n", "recipe/invalid-syntax", /image\.yaml:2:1: a tab indents, spaces were wanted/],
    ["a: 1\n---\nb: 2\n", "recipe/invalid-syntax", /image\.yaml:2:1: it has 2 documents, one was wanted/],
    ["\uFEFFa: 1\n", "recipe/invalid-syntax", /image\.yaml:1:1: it starts with a byte order mark/],
    ["", "recipe/invalid-syntax", /it is empty/],
    ["# only a comment\n", "recipe/invalid-syntax", /it is empty/],
    ["a: [1, 2\n", "recipe/invalid-syntax", /image\.yaml:\d+:\d+: /],
    ["a: 'b\n", "recipe/invalid-syntax", /image\.yaml:\d+:\d+: /],
    ["? [a]\n: b\n", "recipe/invalid-syntax", /image\.yaml:1:\d+: a key is not a text/],
    ["__proto__: { image: x }\n", "recipe/unknown-key", /image\.yaml:1:1: "__proto__" is not a key/],
    [`a: ${"[".repeat(40)}${"]".repeat(40)}\n`, "recipe/invalid-syntax", /nested more than 32 deep/],
  ])("refuses %j", async (text, code, message) => {
    const error = await errorOf(() => parse(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it.each([
    ['{"image": "x",}', /image\.json/],
    ['{"image": x}', /image\.json/],
    ["image: x\n", /image\.json/],
    ['{"a": 1} // comment', /image\.json/],
  ])("refuses the JSON %j", async (text, message) => {
    const error = await errorOf(() => parse(text, "image.json"));
    expect(error.code).toBe("recipe/invalid-syntax");
    expect(error.message).toMatch(message);
  });

  it("refuses a key stated twice in JSON", async () => {
    const error = await errorOf(() => parse('{"image": "x",\n "image": "y"}', "image.json"));
    expect(error).toMatchObject({ code: "recipe/duplicate-key", message: expect.stringContaining("image.json:2:2") });
  });

  it("refuses bytes that are not UTF-8, and a file of many megabytes", async () => {
    const latin = await errorOf(() => parseDocument(Uint8Array.of(0x61, 0x3a, 0x20, 0xe4, 0x0a), "image.yaml"));
    expect(latin).toMatchObject({ code: "recipe/invalid-syntax", message: expect.stringContaining("not UTF-8") });
    const large = await errorOf(() => parseDocument(new Uint8Array(5 << 20).fill(0x20), "image.yaml"));
    expect(large).toMatchObject({ code: "recipe/invalid-syntax", message: expect.stringContaining("5242880 bytes") });
  });
});
