/**
 * Holds the golden values of the emulated tools against the real programs; RECORD_TOOLS=1 writes them anew.
 */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topics } from "../rootfs/shell/tools/cases/topics.js";
import { runReal } from "../rootfs/shell/tools/real-tools.js";
import { caseName, goldenFile, readGolden } from "../rootfs/shell/tools/tool-case.js";

const only = process.env["TOOL_TOPIC"];

for (const [topic, cases] of topics) {
  if (only !== undefined && only !== topic) continue;
  test(`golden values of ${topic} are what trixie's programs do`, () => {
    const results = runReal(cases);
    const real = Object.fromEntries(cases.map((item, i) => [caseName(item), results[i]]));
    if (process.env["RECORD_TOOLS"] !== undefined) {
      writeFileSync(goldenFile(topic), `${JSON.stringify(real, undefined, 1)}\n`);
    }
    expect(readGolden(topic)).toEqual(real);
  });
}
