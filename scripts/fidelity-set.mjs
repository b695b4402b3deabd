/**
 * A package set, built both ways: what `fidelity` and `fidelity-table` share. The oracle is mmdebstrap over a local archive that holds
 * exactly the lock's files, with the index's priorities: a mirror that moves meanwhile cannot interfere.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createHash } from "node:crypto";
import ts from "typescript";
import { fetchPackages } from "../dist/apt/fetch-packages.js";
import { makeLock } from "../dist/apt/make-lock.js";
import { emulatedCommands } from "../dist/assemble/commands.js";
import { openPackages } from "../dist/assemble/open-packages.js";
import { isAutomatic } from "../dist/config/lock.js";
import { defineImage } from "../dist/config/load-recipe.js";
import { compareTrees } from "../dist/report/compare-trees.js";
import { configurePackages } from "../dist/rootfs/configure/configure-packages.js";
import { shippedOverrides } from "../dist/rootfs/helpers/single/left-out.js";
import { Tree } from "../dist/rootfs/tree/tree.js";

/** Programs by the name that scripts call them by: commands go by the name of the real file. */
const PROVIDERS = { awk: "mawk", nc: "nc.openbsd", vi: "vim.tiny" };

/** In memory where there is room: mmdebstrap then takes three quarters of the processor's time, and far less of the disk's. */
const MEMORY = "/dev/shm";
const ROOM = 6 * 2 ** 30;

/** A new directory for mmdebstrap's tree. */
export function makeScratch() {
  const { bavail, bsize } = existsSync(MEMORY) ? statfsSync(MEMORY) : { bavail: 0, bsize: 0 };
  return mkdtempSync(join(bavail * bsize >= ROOM ? MEMORY : tmpdir(), "fidelity-"));
}

/** A module of the tests: what is excluded from the comparison has one home. */
async function fixture(name) {
  const source = readFileSync(new URL(`../test/fixtures/mmdebstrap/${name}.ts`, import.meta.url), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: "ESNext", target: "ES2022" } });
  const text = outputText.replaceAll("#dist/", new URL("../dist/", import.meta.url).href);
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

const { exclusions } = await fixture("exclusions");
const { treeOfTar } = await fixture("read-tree");

/** Resolves and opens a set. Its lock is kept where `lockFile` says, beside an oracle's tar that is kept: a mirror moves. */
export async function openSet(session, { base, packages, epoch, lockFile, suite = "trixie" }) {
  const recipe = defineImage({ image: "fidelity", base, packages, sourceDateEpoch: epoch, archive: { suite } });
  const kept = lockFile !== undefined && existsSync(lockFile);
  const entry = kept ? JSON.parse(readFileSync(lockFile, "utf8")) : (await makeLock(recipe, session)).entries[0];
  if (lockFile !== undefined && !kept) writeFileSync(lockFile, JSON.stringify(entry));
  const debs = await openPackages(session, { recipe, entry, rows: entry.packages.map((use) => use.package) });
  return { recipe, entry, debs, base, packages, epoch };
}

/** Configures a set: its tree, the scripts that ran, the programs that were left out, the commands that were missing, and the error that ended it. */
export function configureSet({ recipe, entry, debs, epoch }, { stub = false, verbose = false, observe } = {}) {
  const stubs = new Map();
  const missing = [];
  for (;;) {
    const tree = new Tree({ epoch });
    const scripts = [];
    const leftOut = new Set();
    const start = process.cpuUsage();
    try {
      configurePackages({
        tree,
        packages: entry.packages.map(({ package: row, stage, why }) => ({
          archive: debs.get(row.sha256),
          stage,
          priority: row.priority,
          archiveId: row.archive,
          automatic: isAutomatic({ stage, why }),
        })),
        architecture: recipe.architecture,
        commands: new Map([...emulatedCommands, ...watched(leftOut), ...stubs]),
        archives: entry.suites.map((suite) => suite.id),
        onEvent(event) {
          observe?.(tree, event);
          if (event.type === "script") scripts.push(event.run);
          if (!verbose) return;
          const { run } = event;
          if (event.type === "script") console.log(`${run.package} ${run.script} ${run.arguments.join(" ")}`);
          if (event.type === "output") console.log(`  ${event.line}`);
        },
      });
    } catch (error) {
      const code = error.code ?? "crash";
      const message = error.code === undefined ? error.stack : error.message;
      missing.push({ code, message });
      const command = /needs ([^\s,]+)/.exec(message)?.[1].replace(/^.*\//, "");
      if (!stub || command === undefined || stubs.has(command)) return { scripts, missing };
      for (const name of [command, PROVIDERS[command] ?? command]) stubs.set(name, () => 0);
      continue;
    }
    const { user, system } = process.cpuUsage(start);
    return { tree, scripts, leftOut: [...leftOut].sort(), missing, seconds: (user + system) / 1e6 };
  }
}

/** The programs of the shipped overrides, noted when one is left out: a package that has the program need not come to it. */
function watched(leftOut) {
  return shippedOverrides.map(({ program }) => [
    program,
    (...call) => {
      const status = emulatedCommands.get(program)(...call);
      leftOut.add(program);
      return status;
    },
  ]);
}

/** Whether apt keeps a package because something recommends or suggests it: mmdebstrap has to be asked for it by name here. */
function isKept({ why }) {
  return / (Recommends|Suggests) /.test(why);
}

/** mmdebstrap's tree of a set; its tar is kept where `file` says, and read from there if it is there. */
export async function oracleSet(session, set, { file, scratch }) {
  if (!existsSync(file)) {
    const archive = join(scratch, "archive");
    await writeArchive(session, set, archive);
    // Scripts write the machine's name into the tree: here it is "localhost", unless a recipe says another.
    const named = ["--uts", "sh", "-c", 'hostname localhost && exec mmdebstrap "$@"', "mmdebstrap"];
    // So they do with its domain, which is in the resolver's settings that mmdebstrap copies: here there are none.
    const alone = '--essential-hook=rm -f "$1/etc/resolv.conf"';
    const options = [`--variant=${set.base}`, "--mode=root", "--quiet", alone];
    // What apt keeps because something suggests it, it finds in the whole index only.
    const kept = set.entry.packages.filter(isKept).map((use) => use.package.name);
    const names = [...set.packages, ...kept];
    if (names.length > 0) options.push(`--include=${names.join(",")}`);
    const suite = set.recipe.archive.suite;
    execFileSync("unshare", [...named, ...options, suite, `${file}.part.tar`, `deb [trusted=yes] copy://${archive} ${suite} main`], {
      env: { PATH: process.env.PATH, TMPDIR: scratch, SOURCE_DATE_EPOCH: String(set.epoch), LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    renameSync(`${file}.part.tar`, file);
    rmSync(archive, { recursive: true });
  }
  return treeOfTar(file, { epoch: set.epoch, files: session.cache.files });
}

/** An archive without keys, for apt's `copy:` method. */
export async function writeArchive(session, { recipe, entry, debs }, directory) {
  const files = await fetchPackages(entry, { ...session, archive: recipe.archive });
  const lists = `dists/${recipe.archive.suite}`;
  const index = `main/binary-${recipe.architecture}/Packages`;
  mkdirSync(join(directory, lists, dirname(index)), { recursive: true });
  mkdirSync(join(directory, "pool"));
  const stanzas = entry.packages.map(({ package: row }) => {
    symlinkSync(files.get(row.sha256).location.path, join(directory, "pool", `${row.sha256}.deb`));
    const control = Buffer.from(debs.get(row.sha256).members.get("control").bytes).toString("utf8");
    const fields = control.trimEnd().replace(/^Priority:.*\n/im, "");
    const source = /^Source: (\S+)/m.exec(control)?.[1] ?? row.name;
    return {
      // As in Debian's own index; apt's order of unpacking follows from it.
      place: `${source} ${row.name}`,
      text: `${fields}\nPriority: ${row.priority}\nFilename: pool/${row.sha256}.deb\nSize: ${row.size}\nSHA256: ${row.sha256}\n`,
    };
  });
  stanzas.sort((a, b) => (a.place < b.place ? -1 : 1));
  const text = Buffer.from(stanzas.map(({ text }) => text).join("\n"));
  writeFileSync(join(directory, lists, index), text);
  const sum = createHash("sha256").update(text).digest("hex");
  writeFileSync(
    join(directory, lists, "Release"),
    `Suite: stable\nCodename: ${recipe.archive.suite}\nArchitectures: ${recipe.architecture}\nComponents: main\nSHA256:\n ${sum} ${text.length} ${index}\n`,
  );
}

/** Versions that only one of the two has: an oracle's tar may be of another day. */
export function compareVersions({ entry }, oracle) {
  const stanzas = oracle.readText("/var/lib/dpkg/status").split("\n\n");
  const theirs = stanzas.flatMap((stanza) => {
    const name = /^Package: (.*)$/m.exec(stanza)?.[1];
    return name === undefined ? [] : [`${name} ${/^Version: (.*)$/m.exec(stanza)?.[1]}`];
  });
  const ours = entry.packages.map(({ package: row }) => `${row.name} ${row.version}`);
  return [
    ...ours.filter((one) => !theirs.includes(one)).map((one) => `only here: ${one}`),
    ...theirs.filter((one) => !ours.includes(one)).map((one) => `only mmdebstrap: ${one}`),
  ];
}

/** Every difference, with the package that owns the path. */
export function compareSet({ entry, epoch }, { tree, oracle }) {
  const kept = entry.packages.filter(isKept).map((use) => use.package.name);
  for (const one of [tree, oracle]) forgetMarks(one, kept);
  const owners = ownersOf(oracle);
  return compareTrees(tree, oracle, { exclusions, exactTimes: epoch > 0 }).map((difference) => ({
    ...difference,
    owner: owners.get(difference.path) ?? "no package",
  }));
}

/** Takes packages out of apt's list of those that nobody asked for: mmdebstrap was asked for these by name, for want of the whole index. */
function forgetMarks(tree, names) {
  const path = "/var/lib/apt/extended_states";
  if (names.length === 0 || tree.lookup(path) === undefined) return;
  const isMarked = (stanza) => !names.includes(/^Package: (.*)$/m.exec(stanza)?.[1]);
  const text = tree.readText(path).split("\n\n").filter(isMarked).join("\n\n");
  tree.write(path, text, { mtime: tree.get(path).mtime });
}

function ownersOf(oracle) {
  const owners = new Map();
  for (const name of oracle.directory("/var/lib/dpkg/info").entries.keys()) {
    if (!name.endsWith(".list")) continue;
    for (const path of oracle.readText(`/var/lib/dpkg/info/${name}`).split("\n")) owners.set(path, name.slice(0, -5));
  }
  return owners;
}
