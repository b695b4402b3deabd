#!/usr/bin/env node
/**
 * Compares the resolver and the planner with trixie's apt: samples package names of Debian, resolves each (and pairs and
 * triples) for an empty root with both, with and without Recommends, and compares the packages with their versions, and the
 * order in which they are unpacked and configured.
 *
 *   npm run resolve-fidelity -- --count 500 --seed 1 [--state DIRECTORY] [--backports PIN]
 *
 * Needs root and the oracle of test/oracles.sh. The state directory, inside the oracle, keeps the indexes and apt's answers, so that
 * a run can be taken up again and different runs see the same archive; remove it to start from today's.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { planInstallation } from "../dist/apt/order/plan.js";
import { parsePackagesIndex } from "../dist/apt/packages-index.js";
import { resolve } from "../dist/apt/resolve/resolve.js";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    state: { type: "string", default: "/var/cache/resolve-fidelity" },
    backports: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
const count = Number(values.count);
const cache =
  process.env.TDX_ASSEMBLE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble");
const oracle = process.env.TDX_ASSEMBLE_ORACLE ?? join(cache, "oracle", "trixie");
if (!existsSync(join(oracle, "usr/bin/apt-get"))) {
  console.error(`There is no oracle at ${oracle}: run test/oracles.sh as root, or set TDX_ASSEMBLE_ORACLE`);
  process.exit(2);
}

const backportsPin = values.backports === undefined ? undefined : Number(values.backports);
const state = join(values.state, backportsPin === undefined ? "stable" : `backports-${backportsPin}`);
const archives = prepare();
const universe = { archives };
const figures = { cases: 0, equal: 0, different: 0, refusedByBoth: 0, onlyApt: 0, onlyHere: 0, orderDifferent: 0 };
let milliseconds = 0;
let slowest = 0;
for (const one of sample()) compare(one);
figures.meanMs = Math.round(milliseconds / Math.max(1, figures.cases));
figures.slowestMs = Math.round(slowest);
console.log(JSON.stringify(figures));
process.exitCode = figures.different + figures.onlyApt + figures.onlyHere + figures.orderDifferent > 0 ? 1 : 0;

/** Sets apt up inside the oracle, apart from everything else, with the host's mirror; fetches the indexes once. */
function prepare() {
  const outside = join(oracle, state);
  for (const directory of ["lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "answers"])
    mkdirSync(join(outside, directory), { recursive: true });
  const mirror = hostMirror();
  const suites = [
    ["debian", "trixie"],
    ["debian", "trixie-updates"],
    ["debian-security", "trixie-security"],
    ...(backportsPin === undefined ? [] : [["debian", "trixie-backports"]]),
  ];
  const lines = suites.map(([archive, suite]) => `deb ${mirror.replace(/debian$/, archive)} ${suite} main\n`);
  writeFileSync(join(outside, "sources.list"), lines.join(""));
  writeFileSync(join(outside, "status"), "");
  if (backportsPin !== undefined)
    writeFileSync(
      join(outside, "etc/preferences"),
      `Package: *\nPin: release n=trixie-backports\nPin-Priority: ${backportsPin}\n`,
    );
  for (const [name, root] of [
    ["outside", outside],
    ["inside", state],
  ])
    writeFileSync(join(outside, `${name}.conf`), configuration(root));
  if (!existsSync(join(outside, "ready"))) {
    const environment = { ...process.env, APT_CONFIG: join(outside, "outside.conf") };
    execFileSync("apt-get", ["update", "-q2"], { env: environment, stdio: ["ignore", "inherit", "ignore"] });
    apt(["apt-cache", "gencaches", "-q2"]);
    writeFileSync(join(outside, "ready"), "");
  }
  const files = readdirSync(join(outside, "lists"));
  return suites.map(([archive, suite]) => {
    const end = `_${archive}_dists_${suite}_main_binary-amd64_Packages`;
    const file = files.find((name) => name.endsWith(end));
    if (file === undefined) throw new Error(`apt has no index of ${suite}`);
    const index = parsePackagesIndex(readFileSync(join(outside, "lists", file)), { archive: suite });
    return { index, suites: [suite], pin: suite.endsWith("-backports") ? backportsPin : 500 };
  });
}

function configuration(root) {
  return `Dir "${root}/"; Dir::State "${root}/"; Dir::State::lists "lists/"; Dir::State::status "${root}/status";
Dir::Cache "${root}/cache/"; Dir::Etc "${root}/etc/"; Dir::Etc::sourcelist "${root}/sources.list";
Dir::Etc::trusted "/usr/share/keyrings/debian-archive-keyring.gpg"; APT::Architecture "amd64"; APT::Architectures {"amd64";};
Acquire::Languages "none"; APT::Solver "internal"; pkgCacheGen::ForceEssential ","; APT::Sandbox::User "root";
`;
}

function hostMirror() {
  const targets = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI)"], { encoding: "utf8" });
  const mirror = targets.split("\n").find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) throw new Error("The host's apt has no Debian mirror");
  return mirror.replace(/\/$/, "");
}

function apt(command) {
  const environment = [`APT_CONFIG=${state}/inside.conf`, "LC_ALL=C", "PATH=/usr/sbin:/usr/bin"];
  return spawnSync("chroot", [oracle, "env", "-i", ...environment, ...command], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}

/** Six in ten are single packages, the rest pairs and triples; half follow Recommends. */
function* sample() {
  const random = randomOf(Number(values.seed));
  const names = [...archives[0].index.names()];
  for (let i = 0; i < count; i++) {
    const size = random() < 0.6 ? 1 : random() < 0.6 ? 2 : 3;
    const packages = Array.from({ length: size }, () => names[Math.floor(random() * names.length)]);
    const recommends = random() < 0.5;
    if (backportsPin !== undefined && random() < 0.8) {
      const offered = [...archives[3].index.names()];
      packages[0] = offered[Math.floor(random() * offered.length)];
    }
    yield { packages, recommends };
  }
}

/** mulberry32 */
function randomOf(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let value = at;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

function answerOfApt({ packages, recommends }) {
  const key = createHash("sha256").update(JSON.stringify([packages, recommends])).digest("hex").slice(0, 24);
  const file = join(oracle, state, "answers", `${key}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const option = recommends ? "--install-recommends" : "--no-install-recommends";
  const { status, stdout, stderr } = apt(["apt-get", "install", "-s", "-q2", option, ...packages]);
  const steps = [...stdout.matchAll(/^(Inst|Conf) (\S+) \((\S+)/gm)].map(([, kind, name, version]) => [
    kind,
    name,
    version,
  ]);
  const answer = { status, steps, errors: stderr.slice(0, 2000) };
  writeFileSync(file, JSON.stringify(answer));
  return answer;
}

function compare(one) {
  const { packages, recommends } = one;
  const words = `${packages.join(" ")}${recommends ? " (with Recommends)" : ""}`;
  const wanted = answerOfApt(one);
  figures.cases++;
  const start = performance.now();
  let found;
  let error;
  try {
    found = resolve(universe, { base: "none", packages, recommends }).packages.map(({ record }) => record);
  } catch (thrown) {
    if (thrown.code === undefined) throw thrown;
    error = thrown;
  }
  const took = performance.now() - start;
  milliseconds += took;
  slowest = Math.max(slowest, took);
  if (wanted.status !== 0) {
    if (error === undefined) {
      figures.onlyHere++;
      console.log(`only here: ${words}: apt says ${wanted.errors.split("\n")[0]}`);
    } else {
      figures.refusedByBoth++;
      if (values.verbose) console.log(`refused by both: ${words}: ${error.code}: ${error.message}`);
    }
    return;
  }
  if (found === undefined) {
    figures.onlyApt++;
    console.log(`only apt: ${words}: ${error.code}: ${error.message}`);
    return;
  }
  const theirs = new Set(wanted.steps.filter(([kind]) => kind === "Inst").map(([, name, version]) => `${name}=${version}`));
  const ours = new Set(found.map(({ name, version }) => `${name}=${version}`));
  const missing = [...theirs].filter((name) => !ours.has(name));
  const extra = [...ours].filter((name) => !theirs.has(name));
  if (missing.length + extra.length > 0) {
    figures.different++;
    console.log(`different: ${words}: apt also ${missing.join(" ") || "-"}; we also ${extra.join(" ") || "-"}`);
    return;
  }
  figures.equal++;
  const plan = planInstallation({ installed: [], packages: found, archives: archives.map(({ index }) => index.archive) });
  const order = plan.commands.flatMap((command) =>
    command.kind === "configure-pending"
      ? []
      : command.packages.map((name) => `${command.kind === "unpack" ? "Inst" : "Conf"} ${name}`),
  );
  // What is left to the end is configured by `--configure --pending`, in an order that apt only guesses.
  const theirOrder = wanted.steps.slice(0, order.length).map(([kind, name]) => `${kind} ${name}`);
  if (order.join() === theirOrder.join()) return;
  figures.orderDifferent++;
  const at = order.findIndex((step, i) => step !== theirOrder[i]);
  console.log(`other order: ${words}: step ${at}: apt ${theirOrder[at]}, we ${order[at]}`);
}
