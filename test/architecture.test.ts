import { describe, expect, it } from "vitest";
import { sourceFiles } from "./fixtures/source-files.js";

/** The rooms in the order in which bytes pass through them (ARCHITECTURE.md). Imports go left only; rooms of one group are strangers. */
const ROOMS: readonly (readonly string[])[] = [
  ["errors"],
  ["bytes"],
  ["codec"],
  ["io"],
  ["config"],
  ["apt"],
  ["rootfs"],
  ["initramfs", "filesystem"],
  ["uki"],
  ["gpt"],
  ["measure"],
  ["sandbox"],
  ["report"],
  ["assemble"],
  ["index", "testing"],
  ["cli"],
];

const roomOf = (path: string): string => path.split("/")[0]!.replace(/\.ts$/, "");
const placeOf = (room: string): number => ROOMS.findIndex((group) => group.includes(room));

/** Import specifiers of a file, resolved to paths below src. */
function importsOf(path: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import|import\()\s*"(\.{1,2}\/[^"]+)"/g)].map(([, one]) => one!);
  return specifiers.map((one) => new URL(one, `file:///${path}`).pathname.slice(1).replace(/\.js$/, ".ts"));
}

describe("the rooms", () => {
  const files = sourceFiles();

  it("are all in the order", () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)));
    expect([...rooms].filter((room) => placeOf(room) < 0)).toEqual([]);
    expect(rooms.size).toBeGreaterThan(10);
  });

  it("import leftwards only", () => {
    const breaches: string[] = [];
    let seen = 0;
    for (const { path, text } of files) {
      for (const target of importsOf(path, text)) {
        seen++;
        const [from, to] = [roomOf(path), roomOf(target)];
        if (from === to || placeOf(to) < placeOf(from)) continue;
        breaches.push(`${path} imports ${target}`);
      }
    }
    expect(breaches).toEqual([]);
    expect(seen).toBeGreaterThan(500);
  });

  it("have no barrel files", () => {
    expect(files.filter(({ path }) => /\/index\.ts$/.test(path))).toEqual([]);
  });
});

describe("determinism", () => {
  /** What must not be read outside io/, sandbox/ and cli/: see ARCHITECTURE.md, “Determinism”. */
  const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
    ["a clock", /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bhrtime\b|\bsetTimeout\b|\bsetInterval\b/],
    ["randomness", /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\bgetRandomValues\b|\brandomInt\b|\bmkdtemp/],
    // The shell of rootfs/ calls its own processes `process`: their cwd and umask are properties, not calls.
    [
      "the environment",
      /\bprocess\.(?:env|platform|arch|argv|version|versions|getuid|geteuid)\b|\bprocess\.(?:cwd|umask)\(|["']node:(?:os|process)["']/,
    ],
    ["a locale", /\blocaleCompare\b|\btoLocale|\bIntl\.|\bCollator\b/],
    ["a program", /node:child_process/],
    [
      "output compression that differs between Node versions",
      /\b(?:deflate|gzip|brotliCompress|zstdCompress)(?:Raw)?Sync\b|\bcreate(?:Gzip|Deflate|BrotliCompress|ZstdCompress)/,
    ],
  ];

  it("reads no clock, environment, locale, random source and starts no program outside io/, sandbox/, cli/", () => {
    const breaches: string[] = [];
    for (const { path, text } of sourceFiles()) {
      if (["io", "sandbox", "cli"].includes(roomOf(path))) continue;
      text.split("\n").forEach((line, index) => {
        const code = line.replace(/^\s*(?:\/?\*|\/\/).*$/, "").replace(/\s\/\/ .*$/, "");
        for (const [what, pattern] of FORBIDDEN)
          if (pattern.test(code)) breaches.push(`${path}:${index + 1} uses ${what}: ${code.trim()}`);
      });
    }
    expect(breaches).toEqual([]);
  });

  it("starts no program outside sandbox/, not even in io/ and cli/", () => {
    const starters = sourceFiles().filter(({ text }) => /node:child_process|node:cluster/.test(text));
    expect(starters.map(({ path }) => roomOf(path)).filter((room) => room !== "sandbox")).toEqual([]);
  });
});
