/** Disks of 4 GiB, a GPT with a root and its hash tree: written with little memory, whatever the root's format. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const ROOT_MIB = 4096;
const MEMORY_MIB = 300;
const directory = mkdtempSync(join(tmpdir(), "streaming-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(["ext4", "squashfs", "erofs"])(`is written with less memory than ${MEMORY_MIB} MiB: %s`, (format) => {
  const file = join(directory, "large.qcow2");
  const said = execFileSync(process.execPath, ["bench/stream.mjs", file, String(ROOT_MIB), format], {
    encoding: "utf8",
    // What it makes its root of lies here as well, and is gone by then.
    env: { ...process.env, TMPDIR: directory },
  });
  console.info(said.trim());
  const { bytes, peakMiB } = JSON.parse(said) as { bytes: number; peakMiB: number };
  expect(statSync(file).size).toBe(bytes);
  expect(peakMiB).toBeLessThan(MEMORY_MIB);
  expect(readdirSync(directory)).toEqual(["large.qcow2"]);
  rmSync(file);
});
