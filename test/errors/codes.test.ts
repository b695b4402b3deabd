import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorCodes, exitStatusOf } from "#dist/errors/codes.js";
import { sourceFiles } from "../fixtures/source-files.js";

/** Rooms that codes are named after. */
const ROOMS =
  "cli|recipe|lock|template|apt|io|deb|codec|unpack|configure|shell|script|rootfs|kernel|initramfs|filesystem|uki|fat|gpt|disk|run|inspect|diff|measure|verify|sign";

/** Literals that look like codes and are none. */
const OTHERS = new Set(["disk/by-id"]);

/** Code → files that mention it. */
function codesOfSource(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const patterns = [
    /AssembleError\(\s*["`]([^"`]+)["`]/g,
    new RegExp(`["\`]((?:${ROOMS})/[a-z]+(?:-[a-z]+)*)["\`]`, "g"),
  ];
  for (const { path, text } of sourceFiles()) {
    if (path.startsWith("errors/")) continue;
    for (const pattern of patterns)
      for (const [, code] of text.matchAll(pattern))
        if (!OTHERS.has(code!)) found.set(code!, [...(found.get(code!) ?? []), path]);
  }
  // Printed by the command line itself, without an AssembleError.
  found.set("cli/usage", ["cli/main.ts"]);
  return found;
}

describe("error codes", () => {
  const raised = codesOfSource();

  it("finds the codes that the source raises", () => {
    expect(raised.size).toBeGreaterThan(100);
  });

  it("has every code that the source raises", () => {
    const unknown = [...raised].filter(([code]) => errorCodes[code] === undefined);
    expect(unknown.map(([code, files]) => `${code} in ${files.join(", ")}`)).toEqual([]);
  });

  it("has no code that nothing raises", () => {
    expect(Object.keys(errorCodes).filter((code) => !raised.has(code))).toEqual([]);
  });

  it("says one sentence of each", () => {
    for (const [code, { meaning }] of Object.entries(errorCodes))
      expect([code, meaning]).toEqual([code, expect.stringMatching(/^[A-Z`].*\.$/)]);
  });

  it("counts an unknown code as failed work", () => {
    expect(exitStatusOf("apt/signature-invalid")).toBe(4);
    expect(exitStatusOf("recipe/unknown-key")).toBe(2);
    expect(exitStatusOf("io/download-failed")).toBe(3);
    expect(exitStatusOf("none/such")).toBe(1);
  });

  it("is what docs/errors.md says (node scripts/error-docs.mjs)", () => {
    expect(readFileSync("docs/errors.md", "utf8")).toBe(
      execFileSync(process.execPath, ["scripts/error-docs.mjs", "--print"], { encoding: "utf8" }),
    );
  });
});
