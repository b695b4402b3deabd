/**
 * Runs the checks and tests and ends with one summed line. `npm test`: build, types, lint, unused code, package, unit tests.
 * `npm run test:all`: all of that, then the oracles and the heavy tests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const all = process.argv.includes("--all");
const scratch = mkdtempSync(join(tmpdir(), "tdx-assemble-tests-"));
let passed = 0;
let failed = 0;

function run(command, args) {
  console.log(`\n> ${command} ${args.join(" ")}`);
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  return status === 0;
}

/** One check counts as one test. */
function check(command, ...args) {
  if (run(command, args)) passed++;
  else failed++;
}

function vitest(project) {
  const file = join(scratch, `${project}.json`);
  const ok = run("npx", ["vitest", "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
  try {
    const result = JSON.parse(readFileSync(file, "utf8"));
    passed += result.numPassedTests;
    // A file that cannot be loaded has no tests to count; a run without a failed test that still failed counts as one.
    failed += result.numFailedTests + (ok || result.numFailedTests > 0 ? 0 : 1);
    if (result.numTotalTests === 0) failed++;
  } catch {
    failed++;
  }
}

check("npx", "tsc", "-p", "tsconfig.build.json");
check("npx", "tsc", "-p", "tsconfig.json");
check("npx", "biome", "check");
check("npx", "knip");
check("npx", "publint", "--strict");
vitest("unit");
if (all) {
  check("sh", "test/oracles.sh");
  vitest("heavy");
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
