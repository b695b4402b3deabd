/**
 * trixie's apt, inside the oracle of test/oracles.sh, apart from everything else there: its indexes and its answers, both kept.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const SUITES = [
  ["debian", "trixie"],
  ["debian", "trixie-updates"],
  ["debian-security", "trixie-security"],
];
const BACKPORTS = ["debian", "trixie-backports"];

/**
 * Opens the state directory, a path inside the oracle; the indexes are fetched once, from the host's mirror.
 *
 * @returns the indexes, of each its suite and its bytes, the day of the newest, and `ask`, which has apt solve a sample
 */
export function openOracle({ state, backports }) {
  const root = oracleRoot();
  const outside = join(root, state);
  const suites = backports ? [...SUITES, BACKPORTS] : SUITES;
  prepare({ root, state, outside, suites });
  const files = readdirSync(join(outside, "lists"));
  const read = ([archive, suite], end) => {
    const file = files.find((name) => name.endsWith(`_${archive}_dists_${suite}_${end}`));
    if (file === undefined) throw new Error(`apt has no ${end} of ${suite}`);
    return readFileSync(join(outside, "lists", file));
  };
  const dates = suites.map((suite) => Date.parse(/^Date: (.*)$/m.exec(read(suite, "InRelease").toString("latin1"))[1]));
  return {
    day: new Date(Math.max(...dates)).toISOString().slice(0, 10),
    indexes: suites.map((suite) => ({ suite: suite[1], bytes: read(suite, "main_binary-amd64_Packages") })),
    ask: (sample) => ask({ root, state, outside }, sample),
  };
}

function oracleRoot() {
  const cache =
    process.env.TDX_ASSEMBLE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble");
  const root = process.env.TDX_ASSEMBLE_ORACLE ?? join(cache, "oracle", "trixie");
  if (existsSync(join(root, "usr/bin/apt-get"))) return root;
  console.error(`There is no oracle at ${root}: run test/oracles.sh as root, or set TDX_ASSEMBLE_ORACLE`);
  process.exit(2);
}

function prepare({ root, state, outside, suites }) {
  if (existsSync(join(outside, "ready"))) return;
  for (const directory of ["lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "answers"])
    mkdirSync(join(outside, directory), { recursive: true });
  const mirror = hostMirror();
  const lines = suites.map(([archive, suite]) => `deb ${mirror.replace(/debian$/, archive)} ${suite} main\n`);
  writeFileSync(join(outside, "sources.list"), lines.join(""));
  writeFileSync(join(outside, "status"), "");
  writeFileSync(join(outside, "outside.conf"), configuration(outside));
  writeFileSync(join(outside, "inside.conf"), configuration(state));
  const environment = { ...process.env, APT_CONFIG: join(outside, "outside.conf") };
  execFileSync("apt-get", ["update", "-q2"], { env: environment, stdio: ["ignore", "inherit", "ignore"] });
  apt({ root, state }, ["apt-cache", "gencaches", "-q2"]);
  writeFileSync(join(outside, "ready"), "");
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

function apt({ root, state }, command) {
  const environment = [`APT_CONFIG=${state}/inside.conf`, "LC_ALL=C", "PATH=/usr/sbin:/usr/bin"];
  return spawnSync("chroot", [root, "env", "-i", ...environment, ...command], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}

/** apt's answer: its status, what it unpacks and configures in which order, and what it says. */
function ask(oracle, { packages, recommends, globs }) {
  const { state, outside } = oracle;
  const question = globs === undefined ? [packages, recommends] : [packages, recommends, globs];
  const key = createHash("sha256").update(JSON.stringify(question)).digest("hex").slice(0, 24);
  const file = join(outside, "answers", `${key}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const options = ["-s", "-q2", recommends ? "--install-recommends" : "--no-install-recommends"];
  if (globs !== undefined) {
    writeFileSync(join(outside, `${key}.preferences`), preferences(globs));
    options.push("-o", `Dir::Etc::preferences=${state}/${key}.preferences`);
  }
  const { status, stdout, stderr } = apt(oracle, ["apt-get", "install", ...options, ...packages]);
  const steps = [...stdout.matchAll(/^(Inst|Conf) (\S+) \((\S+)/gm)].map(([, ...step]) => step);
  const answer = { status, steps, errors: stderr.slice(0, 2000) };
  writeFileSync(`${file}.part`, JSON.stringify(answer));
  renameSync(`${file}.part`, file);
  return answer;
}

/** Debian marks its backports so that they have pin 100; the globs have an ordinary archive's. */
function preferences(globs) {
  return globs.map((glob) => `Package: ${glob}\nPin: release n=trixie-backports\nPin-Priority: 500\n`).join("\n");
}
