/**
 * update-mime-database: the files that shared-mime-info 2.4 made of the same descriptions, which are this project's own, byte by byte.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { hashOrder } from "#dist/rootfs/helpers/hash-order.js";
import { parseXml } from "#dist/rootfs/helpers/xml-document.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

const FIXTURES = new URL("../../fixtures/mime/", import.meta.url);
const PROGRAM = "\0update-mime-database (shared-mime-info) 2.4\nCopyright\0";

function fixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), "latin1");
}

function files(): string[] {
  return readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(FIXTURES.pathname.length).replace(/^\/+/, ""));
}

const packages = () => ({
  "/usr/bin/update-mime-database": PROGRAM,
  "/m/packages/aaa.xml": fixture("packages/aaa.xml"),
  "/m/packages/zzz.xml": fixture("packages/zzz.xml"),
});

it("writes every file as the program does", () => {
  const tree = treeOf({ ...packages(), "/m/text/x-gone.xml": "old" });
  expect(runHelper(tree, ["update-mime-database", "/m"])).toMatchObject({ status: 0 });
  const names = files();
  expect(names).toContain("mime.cache");
  for (const name of names) expect(tree.readText(`/m/${name}`), name).toBe(fixture(name));
  expect(tree.lookup("/m/text/x-gone.xml")).toBeUndefined();
});

it("stops at what it does not know", () => {
  const broken = (text: string) =>
    treeOf({
      ...packages(),
      "/m/packages/b.xml": `<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">${text}</mime-info>`,
    });
  const run = (text: string) => runHelper(broken(text), ["update-mime-database", "/m"]);
  expect(run('<mime-type type="a/b"/>').status).toBe(0);
  for (const text of [
    '<mime-type type="a/b"><glob-deleteall/></mime-type>',
    '<mime-type type="a/b"><magic><match type="string" value="" offset="0"/></magic></mime-type>',
    '<mime-type type="a/b"><magic><match type="regex" value="x" offset="0"/></magic></mime-type>',
    '<mime-type type="a/b">',
    '<mime-type type="ab"/>',
    "<other/>",
  ])
    expect(() => run(text), text).toThrow(Unsupported);
  expect(() => runHelper(broken(""), ["update-mime-database", "-n", "/m"])).toThrow(Unsupported);
  expect(runHelper(broken(""), ["update-mime-database", "/none"]).status).toBe(1);
});

it("keeps the order of a table that has grown", () => {
  const keys = Array.from({ length: 100 }, (_, i) => `key${i}`);
  expect(hashOrder(keys).slice().sort()).toEqual(keys.slice().sort());
  expect(hashOrder(["b", "a", "b"])).toEqual(hashOrder(["b", "a"]));
  expect(hashOrder(keys)).not.toEqual(keys);
});

it("reads references, comments and data, and refuses entities", () => {
  expect(parseXml('<!-- x --><a b="1 &lt; 2">&#233;<![CDATA[<]]></a>')).toEqual({
    name: "a",
    attributes: new Map([["b", "1 < 2"]]),
    children: ["\xc3\xa9", "<"],
  });
  expect(parseXml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).toHaveProperty("problem");
  expect(parseXml("<a></b>")).toHaveProperty("problem");
  expect(parseXml("<a/><b/>")).toHaveProperty("problem");
});
