#!/usr/bin/env node
/**
 * Compares the tree of a package set with mmdebstrap's of the same packages, and prints every difference with the package that owns
 * the path.
 *
 *   npm run fidelity -- essential kmod udev curl
 *   npm run fidelity -- minbase git --oracle /var/tmp/set.tar --stub
 *
 * --oracle FILE keeps mmdebstrap's tar there, and uses it if it is there already. --epoch SECONDS is SOURCE_DATE_EPOCH (0); times
 * are compared exactly if it is not 0. --stub lets commands that are not emulated fail and goes on, to see all of them. --times
 * repeats the configuration that often, for its time. --keep DIRECTORY gets both contents of every file that differs. Needs root
 * and mmdebstrap with a keyring of trixie.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { makeLock } from "../dist/apt/make-lock.js";
import { chooseMirrors } from "../dist/apt/mirrors.js";
import { emulatedCommands } from "../dist/assemble/commands.js";
import { openPackages } from "../dist/assemble/open-packages.js";
import { openSession } from "../dist/assemble/session.js";
import { defineImage } from "../dist/config/load-recipe.js";
import { readHostMirrorSettings } from "../dist/io/mirror.js";
import { compareTrees, formatTreeDifference } from "../dist/report/compare-trees.js";
import { configurePackages } from "../dist/rootfs/configure/configure-packages.js";
import { Tree } from "../dist/rootfs/tree/tree.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epoch: { type: "string", default: "0" },
    keep: { type: "string" },
    oracle: { type: "string" },
    stub: { type: "boolean", default: false },
    times: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});
const [base, ...packages] = positionals;
if (!["essential", "minbase"].includes(base)) {
  console.error("usage: npm run fidelity -- essential|minbase PACKAGE… [--oracle FILE] [--epoch SECONDS] [--stub]");
  process.exit(2);
}
const PROVIDERS = { awk: "mawk", nc: "nc.openbsd", vi: "vim.tiny" };
const epoch = Number(values.epoch);
const { exclusions } = await fixture("exclusions");
const { treeOfTar } = await fixture("read-tree");

const recipe = defineImage({ image: "fidelity", base, packages, sourceDateEpoch: epoch });
const session = openSession({ cacheDir: process.env.TDX_ASSEMBLE_CACHE });
const scratch = mkdtempSync(join(tmpdir(), "fidelity-"));
try {
  const lock = await makeLock(recipe, session);
  const entry = lock.entries[0];
  const debs = await openPackages(session, { recipe, entry, rows: entry.packages.map((use) => use.package) });
  const oracle = treeOfTar(await oracleTar(entry), epoch);
  const differentVersions = compareVersions(entry, oracle);
  const tree = configureAll(entry, debs);
  if (tree === undefined) process.exitCode = 1;
  else {
    const differences = compareTrees(tree, oracle, { exclusions, exactTimes: epoch > 0 });
    const owners = ownersOf(oracle);
    for (const difference of differences) {
      console.log(`${formatTreeDifference(difference)}  [${owners.get(difference.path) ?? "no package"}]`);
      if (values.keep !== undefined && ["size", "content"].includes(difference.kind))
        for (const [side, of] of [
          ["ours", tree],
          ["oracle", oracle],
        ]) {
          const file = join(values.keep, side, difference.path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, of.read(difference.path));
        }
    }
    const paths = [...oracle.walk()].length;
    console.log(`${entry.packages.length} packages, ${paths} paths, ${differences.length} differences`);
    process.exitCode = differences.length + differentVersions > 0 ? 1 : 0;
  }
} finally {
  await session.close();
  rmSync(scratch, { recursive: true });
}

/** A module of the tests: what is excluded from the comparison has one home. */
async function fixture(name) {
  const source = readFileSync(new URL(`../test/fixtures/mmdebstrap/${name}.ts`, import.meta.url), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: "ESNext", target: "ES2022" } });
  const text = outputText.replaceAll("#dist/", new URL("../dist/", import.meta.url).href);
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

async function oracleTar(entry) {
  const file = values.oracle ?? join(scratch, "oracle.tar");
  if (!existsSync(file)) {
    const mirrors = chooseMirrors({ host: await readHostMirrorSettings() });
    const sources = entry.suites.map((suite) => {
      const [mirror] = mirrors[suite.archive === "security" ? "security" : "debian"];
      return `deb ${mirror} ${suite.suite} ${suite.components.join(" ")}`;
    });
    const options = [`--variant=${base}`, "--mode=root", "--keyring=/usr/share/keyrings", "--quiet"];
    if (packages.length > 0) options.push(`--include=${packages.join(",")}`);
    execFileSync("mmdebstrap", [...options, recipe.archive.suite, file, ...sources], {
      env: { PATH: process.env.PATH, SOURCE_DATE_EPOCH: String(epoch), LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return new Uint8Array(readFileSync(file));
}

/** The archive may have moved between the two: that is no difference in configuring. */
function compareVersions(entry, oracle) {
  const status = oracle.readText("/var/lib/dpkg/status");
  const theirs = new Set(
    status.split("\n\n").flatMap((stanza) => {
      const name = /^Package: (.*)$/m.exec(stanza)?.[1];
      return name === undefined ? [] : [`${name} ${/^Version: (.*)$/m.exec(stanza)?.[1]}`];
    }),
  );
  const ours = new Set(entry.packages.map(({ package: row }) => `${row.name} ${row.version}`));
  const only = [
    ...[...ours].filter((one) => !theirs.has(one)).map((one) => `only here: ${one}`),
    ...[...theirs].filter((one) => !ours.has(one)).map((one) => `only mmdebstrap: ${one}`),
  ];
  for (const line of only) console.log(line);
  return only.length;
}

function configureAll(entry, debs) {
  const stubs = new Map();
  let best = Number.POSITIVE_INFINITY;
  let tree;
  for (let runs = 0; runs < Number(values.times); ) {
    tree = new Tree({ epoch });
    const start = performance.now();
    try {
      configurePackages({
        tree,
        packages: entry.packages.map(({ package: row, stage }) => ({
          archive: debs.get(row.sha256),
          stage,
          priority: row.priority,
          archiveId: row.archive,
        })),
        architecture: recipe.architecture,
        commands: new Map([...emulatedCommands, ...stubs]),
        archives: entry.suites.map((suite) => suite.id),
        onEvent(event) {
          if (!values.verbose) return;
          const { run } = event;
          if (event.type === "script") console.log(`${run.package} ${run.script} ${run.arguments.join(" ")}`);
          if (event.type === "output") console.log(`  ${event.line}`);
        },
      });
    } catch (error) {
      console.log(`${error.code ?? error.stack}: ${error.message}`);
      const command = /needs ([^\s,]+)/.exec(error.message)?.[1].replace(/^.*\//, "");
      if (!values.stub || command === undefined || stubs.has(command)) return undefined;
      // Commands go by the name of the real file.
      for (const name of [command, PROVIDERS[command] ?? command]) stubs.set(name, () => 1);
      continue;
    }
    best = Math.min(best, performance.now() - start);
    runs++;
  }
  console.log(`configured in ${Math.round(best)} ms`);
  return tree;
}

function ownersOf(oracle) {
  const owners = new Map();
  for (const name of oracle.directory("/var/lib/dpkg/info").entries.keys()) {
    if (!name.endsWith(".list")) continue;
    for (const path of oracle.readText(`/var/lib/dpkg/info/${name}`).split("\n")) owners.set(path, name.slice(0, -5));
  }
  return owners;
}
