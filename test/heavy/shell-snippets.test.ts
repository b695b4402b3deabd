/**
 * The recorded outcomes of the shell snippets against the real dash and bash. With RECORD=1 they are recorded anew.
 */
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { goldenFile, readGolden, readSnippets, runReal, topics } from "../rootfs/shell/snippets.js";

describe.each(topics())("recorded snippets: %s", (topic) => {
  it("are what the real shell does", () => {
    const outcomes = readSnippets(topic).map((text) => ({ text, outcome: runReal(topic, text) }));
    if (process.env["RECORD"] === "1") writeFileSync(goldenFile(topic), `${JSON.stringify(outcomes, undefined, 1)}\n`);
    expect(readGolden(topic)).toEqual(outcomes);
  });
});
