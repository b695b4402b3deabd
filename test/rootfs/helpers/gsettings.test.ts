/**
 * glib-compile-schemas: files like those that the program of GLib 2.84.4 made of the same schemas, byte by byte. The fixtures have the
 * inputs, with the first half of the sha256 of what the program wrote.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseVariantType } from "#dist/rootfs/helpers/gsettings/variant-type.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

const FIXTURES = new URL("../../fixtures/gsettings/golden/", import.meta.url);

interface Case {
  readonly name: string;
  readonly args?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly sum: string | null;
}

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), "utf8"));
}

function compile(files: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const tree = treeOf({ "/s/": "", "/x/": "" });
  for (const [name, text] of Object.entries(files)) tree.write(`/s/${name}`, text);
  const { status, err } = runHelper(tree, ["glib-compile-schemas", ...args, "/s"]);
  const path = `/${args.includes("--targetdir=/x") ? "x" : "s"}/gschemas.compiled`;
  const sum =
    tree.lookup(path) === undefined ? null : createHash("sha256").update(tree.read(path)).digest("hex").slice(0, 32);
  return { status, sum, err };
}

it("writes every value as the program does", () => {
  const values = fixture<[type: string, text: string, sum: string][]>("values");
  expect(values.length).toBeGreaterThan(150);
  for (const [type, text, sum] of values) {
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const key = `<key name="key" type="${type}"><default>${escaped}</default></key>`;
    const schema = `<schemalist><schema id="a.b" path="/a/b/">${key}</schema></schemalist>`;
    expect(compile({ "a.gschema.xml": schema }).sum, `${type} ${text}`).toBe(sum);
  }
});

it("takes, refuses and orders schemas, overrides and options as the program does", () => {
  const cases = fixture<Case[]>("cases");
  expect(cases.length).toBeGreaterThan(250);
  for (const { name, args, files, status = 0, sum } of cases)
    expect(compile(files, args), name).toMatchObject({ status, sum });
});

it("stops at what it does not know", () => {
  const schema = (text: string): string => `<schemalist><schema id="a">${text}</schema></schemalist>`;
  for (const text of ["<key", '<key name="d" type="d"><default>-nan</default></key>', "&x;\xff", "\xe9"])
    expect(() => compile({ "a.gschema.xml": schema(text) }), text).toThrow(Unsupported);
  expect(() => compile({ "a.gschema.xml": '<schemalist><schema id=""/></schemalist>' })).toThrow(Unsupported);
  expect(() => compile({ "a.gschema.xml": schema(""), "a.gschema.override": "x=1\n" })).toThrow(Unsupported);
  expect(() => compile({ "a.gschema.xml": schema("") }, ["--help"])).toThrow(Unsupported);
  expect(() => compile({ "a.gschema.xml": schema("") }, ["--version"])).toThrow(Unsupported);
});

it("says what is wrong", () => {
  const tree = treeOf({ "/s/a.gschema.xml": "<schemalist><x/></schemalist>" });
  expect(runHelper(tree, ["glib-compile-schemas", "/s"]).err).toContain("Element <x> not allowed inside <schemalist>");
  expect(runHelper(tree, ["glib-compile-schemas"])).toMatchObject({ status: 1 });
  expect(runHelper(tree, ["glib-compile-schemas", "/none"])).toMatchObject({ status: 1 });
});

it("reads types, and nothing that is none", () => {
  expect(parseVariantType("a{s(iv)}")).toMatchObject({ alignment: 8, size: undefined });
  expect(parseVariantType("(yi)")).toMatchObject({ alignment: 4, size: 8 });
  for (const text of ["", "a", "(", "{vs}", "{s}", "ii", "r", `${"a".repeat(100)}i`])
    expect(parseVariantType(text), text).toBeUndefined();
});
