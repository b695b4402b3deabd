/**
 * Shell scripts made at random, run by the project's shell and by dash: output, messages, status and files. SCRIPTS=5000 makes more,
 * SEED= others.
 */
import { expect, test } from "vitest";
import { generateScript } from "../rootfs/shell/generate-script.js";
import { runEmulated, runReal } from "../rootfs/shell/snippets.js";

const COUNT = Number(process.env["SCRIPTS"] ?? 400);
const SEED = Number(process.env["SEED"] ?? 1);

test("generated scripts do what dash makes of them", { timeout: COUNT * 1000 }, () => {
  const different: unknown[] = [];
  for (let seed = SEED; seed < SEED + COUNT; seed++) {
    const text = generateScript(seed);
    const real = runReal("generated", text);
    const ours = runEmulated("generated", text);
    if (JSON.stringify(ours) !== JSON.stringify(real)) different.push({ seed, text, ours, real });
  }
  expect(different).toEqual([]);
});
