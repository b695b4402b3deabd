/**
 * mkfontscale as mkfontdir calls it: what the program of xfonts-utils 1:7.7+7 made of the same fonts, which are this project's own, and of
 * the same encodings.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { identifyFont } from "#dist/rootfs/helpers/fonts/bitmap-font.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

type Files = Readonly<Record<string, string>>;
const golden: {
  readonly fonts: Files;
  readonly encodings: Files;
  readonly outputs: Readonly<Record<"fonts" | "absolute" | "relative", string>>;
} = JSON.parse(readFileSync(new URL("../../fixtures/fonts/golden/fonts.json", import.meta.url), "utf8"));

function tree() {
  const made = treeOf({ "/fo/g/": "", "/fo/ge/large/": "", "/g/": "", "/ge/large/": "" });
  for (const root of ["/fo", ""]) {
    for (const [name, text] of Object.entries(golden.fonts))
      made.write(`${root}/g/${name}`, Buffer.from(text, "base64"));
    for (const [name, text] of Object.entries(golden.encodings))
      made.write(`${root}/ge/${name}`, Buffer.from(text, "base64"));
  }
  return made;
}

const MKFONTDIR = ["mkfontscale", "-b", "-s", "-l"];

it("lists bitmap fonts and those that fonts.scale names", () => {
  const made = tree();
  const run = runHelper(made, [...MKFONTDIR, "-e", "/fo/ge", "-e", "/fo/ge/large", "/fo/g", "/none"]);
  expect(run).toMatchObject({ status: 0, err: "/none/: scandir: No such file or directory\n" });
  expect(made.readText("/fo/g/fonts.dir")).toBe(golden.outputs.fonts);
  expect(made.readText("/fo/g/encodings.dir")).toBe(golden.outputs.absolute);
  expect(runHelper(made, [...MKFONTDIR, "-o", "-", "/fo/g"]).out).toBe(golden.outputs.fonts);
  expect(runHelper(made, [...MKFONTDIR, "-x", ".bdf", "-o", "/other", "/fo/g"]).status).toBe(0);
  expect(made.readText("/other")).not.toContain("own.bdf -foo-bar");
});

it("lists encodings by themselves, with prefixes and relative paths", () => {
  const made = tree();
  const words = ["-n", "-p", "PRE:", "-e", "ge", "-r", "-e", "ge/large", "-o", "x", "g"];
  expect(runHelper(made, ["mkfontscale", ...words]).status).toBe(0);
  expect(made.readText("/g/encodings.dir")).toBe(golden.outputs.relative);
  expect(made.lookup("/g/x")).toBeUndefined();
});

it("writes empty lists", () => {
  const made = treeOf({ "/d/README": "text" });
  runHelper(made, [...MKFONTDIR, "/d"]);
  runHelper(made, ["mkfontscale", "/d"]);
  expect([made.readText("/d/fonts.dir"), made.readText("/d/fonts.scale")]).toEqual(["0\n", "0\n"]);
  expect(made.lookup("/d/encodings.dir")).toBeUndefined();
});

it("stops at what it does not know", () => {
  const bdf = Buffer.from(golden.fonts["own.bdf"]!, "base64").toString("latin1");
  const unicode = bdf.replace("iso8859-1", "ISO10646-1");
  const run = (files: Files, words: readonly string[] = MKFONTDIR) => runHelper(treeOf(files), [...words, "/d"]);
  expect(run({ "/d/u.bdf": unicode }).status).toBe(0);
  expect(() => run({ "/d/u.bdf": unicode }, ["mkfontscale", "-b", "-s"])).toThrow(Unsupported);
  expect(() => run({ "/d/a.bdf": bdf, "/d/b.bdf": bdf })).toThrow(Unsupported);
  expect(() => run({ "/d/a b.bdf": bdf })).toThrow(Unsupported);
  expect(() => run({ "/d/a.pfb": "" }, ["mkfontscale"])).toThrow(Unsupported);
  expect(() => run({ "/d/fonts.scale": "x\n" })).toThrow(Unsupported);
  expect(() => run({ "/d/fonts.scale": "1\nx\n" })).toThrow(Unsupported);
  expect(() => run({ "/d/a.pcf": "\x01fcp\x01\0\0\0" })).toThrow(Unsupported);
  expect(() => run({ "/d/a.fon": "MZ" })).toThrow(Unsupported);
  expect(() => run({ "/d/e/x.enc": "STARTENCODING a b\n" }, [...MKFONTDIR, "-e", "/d/e"])).toThrow(Unsupported);
  expect(() => run({ "/d/x": "" }, [...MKFONTDIR, "-e", "/none"])).toThrow(Unsupported);
  for (const option of ["-u", "-U", "-a", "-v"])
    expect(() => run({ "/d/x": "" }, [...MKFONTDIR, option]), option).toThrow(Unsupported);
  expect(run({ "/d/x": "" }, [...MKFONTDIR, "-q"]).status).toBe(1);
});

it("identifies files by what is in them", () => {
  const kind = (text: string): string => identifyFont(Buffer.from(text, "latin1")).kind;
  expect(kind("")).toBe("none");
  expect(kind("\x1f\x8bjunk")).toBe("none");
  expect(kind("%!PS-AdobeFont-1.0")).toBe("none");
  expect(kind("OTTO\0\x01glyf")).toBe("unknown");
  expect(kind(`OTTO${"\0".repeat(8)}CFF ${"\0".repeat(12)}`)).toBe("none");
  expect(identifyFont(gzipSync("STARTFONT 2.1\nFONT  a b \nENDFONT\n"))).toEqual({ kind: "bitmap", name: "a b" });
});
