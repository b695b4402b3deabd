/**
 * Five of the packages of docs/fidelity.md, others with each commit: alone on minbase, equal with what mmdebstrap makes of the same files.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";

const COUNT = 5;

test("five packages equal mmdebstrap's trees", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "rotating-"));
  try {
    const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
    const results = path.join(directory, "results.jsonl");
    const script = ["scripts/fidelity-table.mjs", "--results", results, "--rotate", `${COUNT}`, "--seed", commit];
    execFileSync(process.execPath, script, { stdio: ["ignore", "ignore", "inherit"] });
    const records = readFileSync(results, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Result);
    expect(records).toHaveLength(COUNT);
    for (const { package: name, missing, differences } of records)
      expect({ name, missing, differences }).toEqual({ name, missing: [], differences: [] });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

interface Result {
  readonly package: string;
  readonly missing: readonly unknown[];
  readonly differences: readonly string[];
}
