#!/usr/bin/env node
/**
 * Compares the tree of a package set with mmdebstrap's of the same packages, and prints every difference with the package that owns
 * the path and the script, or step of dpkg, that last changed it here.
 *
 *   npm run fidelity -- essential kmod udev curl
 *   npm run fidelity -- minbase git --oracle /var/tmp/set.tar --stub
 *   npm run fidelity -- essential kmod udev curl --suite bookworm
 *
 * --oracle FILE keeps mmdebstrap's tar there, and uses it if it is there already. --epoch SECONDS is SOURCE_DATE_EPOCH (0); times
 * are compared exactly if it is not 0. --stub lets commands that are not emulated do nothing and goes on, to see all of them.
 * --times repeats the configuration that often, for its time. --keep DIRECTORY gets both contents of every file that differs. Needs
 * root and mmdebstrap.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { openSession } from "../dist/assemble/session.js";
import { formatTreeDifference } from "../dist/report/compare-trees.js";
import { causesOf } from "./fidelity-causes.mjs";
import { compareSet, compareVersions, configureSet, makeScratch, openSet, oracleSet } from "./fidelity-set.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epoch: { type: "string", default: "0" },
    keep: { type: "string" },
    oracle: { type: "string" },
    suite: { type: "string", default: "trixie" },
    stub: { type: "boolean", default: false },
    times: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});
const [base, ...packages] = positionals;
if (!["essential", "minbase"].includes(base)) {
  console.error("usage: npm run fidelity -- essential|minbase PACKAGE… [--oracle FILE] [--suite NAME] [--epoch SECONDS] [--stub]");
  process.exit(2);
}

const session = openSession({ cacheDir: process.env.TDX_ASSEMBLE_CACHE });
const scratch = makeScratch();
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await session.close();
  rmSync(scratch, { recursive: true });
}

async function run() {
  const set = await openSet(session, { base, packages, epoch: Number(values.epoch), suite: values.suite });
  const configured = configureSet(set, values);
  for (const { code, message } of configured.missing) console.log(`${code}: ${message}`);
  const { tree } = configured;
  if (tree === undefined) return false;
  let { seconds } = configured;
  for (let i = 1; i < Number(values.times); i++) seconds = Math.min(seconds, configureSet(set, values).seconds);
  console.log(`configured in ${Math.round(seconds * 1000)} ms of processor time`);
  const oracle = await oracleSet(session, set, { file: values.oracle ?? join(scratch, "oracle.tar"), scratch });
  const versions = compareVersions(set, oracle);
  for (const line of versions) console.log(line);
  const differences = compareSet(set, { tree, oracle });
  const causes = differences.length === 0 ? new Map() : causesOf(set, differences);
  for (const difference of differences) {
    console.log(`${formatTreeDifference(difference)}  [${difference.owner}; ${causes.get(difference.path)}]`);
    if (values.keep !== undefined && ["size", "content"].includes(difference.kind)) {
      keep("ours", tree, difference.path);
      keep("oracle", oracle, difference.path);
    }
  }
  const paths = [...oracle.walk()].length;
  console.log(`${set.entry.packages.length} packages, ${paths} paths, ${differences.length} differences`);
  return differences.length + versions.length === 0;
}

function keep(side, tree, path) {
  const file = join(values.keep, side, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, tree.read(path));
}
