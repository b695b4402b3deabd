#!/usr/bin/env node
/**
 * Compares the resolver and the planner with trixie's apt: samples package names of Debian, resolves each (and pairs and
 * triples) for an empty root with both, with or without Recommends, and compares the packages with their versions, and the
 * order in which they are unpacked and configured.
 *
 *   npm run resolve-fidelity -- --count 500 --seed 1 [--both] [--backports] [--state DIRECTORY] [--write] [--verbose]
 *
 * --both resolves every sample with and without Recommends, else half of them each way. --backports adds trixie-backports, with
 * other pins in every sample. --write puts the figures into docs/resolution.md.
 * Needs root and the oracle of test/oracles.sh. The state directory, inside the oracle, keeps the indexes and apt's answers, so that
 * a run can be taken up again and different runs see the same archive; remove it to start from today's.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { planInstallation } from "../dist/apt/order/plan.js";
import { parsePackagesIndex } from "../dist/apt/packages-index.js";
import { resolve } from "../dist/apt/resolve/resolve.js";
import { openOracle } from "./resolve-oracle.mjs";
import { samples } from "./resolve-samples.mjs";

const DOCUMENT = new URL("../docs/resolution.md", import.meta.url);

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    both: { type: "boolean", default: false },
    backports: { type: "boolean", default: false },
    state: { type: "string", default: "/var/cache/resolve-fidelity" },
    write: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

const { backports } = values;
const oracle = openOracle({ state: join(values.state, backports ? "backports" : "stable"), backports });
const archives = oracle.indexes.map(({ suite, bytes }) => ({
  index: parsePackagesIndex(bytes, { archive: suite }),
  suites: [suite],
}));
const names = [...archives[0].index.names()];
const figures = { samples: Number(values.count), cases: 0, equal: 0, different: 0, refusedByBoth: 0, beyondApt: 0, onlyApt: 0, onlyHere: 0, orderDifferent: 0 };
const times = [];
for (const one of samples({
  count: figures.samples,
  seed: Number(values.seed),
  both: values.both,
  names,
  backports: backports ? versionsOf(archives[3].index) : undefined,
}))
  compare(one);
times.sort((a, b) => a - b);
Object.assign(figures, { medianMs: round(times[times.length >> 1]), maximumMs: round(times.at(-1)) });
console.log(JSON.stringify(figures));
if (values.write) writeRow();
process.exitCode = figures.different + figures.onlyApt + figures.onlyHere + figures.orderDifferent > 0 ? 1 : 0;

function versionsOf(index) {
  return new Map([...index.names()].map((name) => [name, index.named(name)[0].version]));
}

function round(milliseconds = 0) {
  return Math.round(milliseconds);
}

function compare(one) {
  const globs = one.globs === undefined ? "" : ` (backports: ${one.globs.join(" ")})`;
  const words = `${one.packages.join(" ")}${one.recommends ? " (with Recommends)" : ""}${globs}`;
  const wanted = oracle.ask(one);
  const { packages, error } = resolveHere(one);
  figures.cases++;
  const outcome = wanted.status === 0 ? compareAnswers(wanted.steps, { packages, error }) : compareRefusals(one, wanted, { packages, error });
  figures[outcome.kind]++;
  if (outcome.text !== undefined && (outcome.kind !== "refusedByBoth" || values.verbose))
    console.log(`${outcome.kind}: ${words}: ${outcome.text}`);
}

/** Times are the processor's: the machine has other things to do. */
function resolveHere({ packages, recommends, globs }) {
  const universe = {
    archives: archives.map((one) => (one.suites[0] === "trixie-backports" ? { ...one, packages: globs } : one)),
  };
  const start = process.cpuUsage();
  try {
    const found = resolve(universe, { base: "none", packages, recommends });
    return { packages: found.packages.map(({ record }) => record) };
  } catch (error) {
    if (error.code === undefined) throw error;
    return { error };
  } finally {
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
    if (values.verbose && times.at(-1) > 150) console.log(`${Math.round(times.at(-1))} ms: ${packages.join(" ")}`);
  }
}

function compareRefusals({ globs }, { errors }, { packages, error }) {
  if (error !== undefined) return { kind: "refusedByBoth", text: `${error.code}: ${error.message}` };
  const theirs = errors.trim().split("\n").slice(0, 6).join(" / ");
  // docs/resolution.md, "Beyond apt": what has pin 100 is taken where nothing else will do.
  const isBeyond = globs !== undefined && packages.some(({ archive }) => archive === "trixie-backports");
  return { kind: isBeyond ? "beyondApt" : "onlyHere", text: `apt says ${theirs}` };
}

function compareAnswers(steps, { packages, error }) {
  if (error !== undefined) return { kind: "onlyApt", text: `${error.code}: ${error.message}` };
  const theirs = new Set(steps.filter(([kind]) => kind === "Inst").map(([, name, version]) => `${name}=${version}`));
  const ours = new Set(packages.map(({ name, version }) => `${name}=${version}`));
  const missing = [...theirs].filter((name) => !ours.has(name));
  const extra = [...ours].filter((name) => !theirs.has(name));
  if (missing.length + extra.length > 0)
    return { kind: "different", text: `apt also ${some(missing)}; we also ${some(extra)}` };
  const plan = planInstallation({ installed: [], packages, archives: archives.map(({ index }) => index.archive) });
  const order = plan.commands.flatMap((command) =>
    command.kind === "configure-pending"
      ? []
      : command.packages.map((name) => `${command.kind === "unpack" ? "Inst" : "Conf"} ${name}`),
  );
  // What is left to the end is configured by `--configure --pending`, in an order that apt only guesses.
  const theirOrder = steps.slice(0, order.length).map(([kind, name]) => `${kind} ${name}`);
  if (order.join() === theirOrder.join()) return { kind: "equal" };
  const at = order.findIndex((step, i) => step !== theirOrder[i]);
  return { kind: "orderDifferent", text: `step ${at}: apt ${theirOrder[at]}, we ${order[at]}` };
}

function some(names) {
  const more = names.length > 20 ? ` and ${names.length - 20} more` : "";
  return names.length === 0 ? "-" : `${names.slice(0, 20).join(" ")}${more}`;
}

/** A row for each kind of run; the last one counts. */
function writeRow() {
  const text = readFileSync(DOCUMENT, "utf8");
  const [, head, body, tail] = /^(.*<!-- figures:[^\n]*\n(?:\|[^\n]*\n){2})(.*?)(<!-- \/figures -->.*)$/s.exec(text);
  const archive = backports ? "and backports, with pins" : "trixie, updates, security";
  const key = `| ${archive} | ${values.seed} |`;
  const { samples: drawn, cases, equal, different, orderDifferent, refusedByBoth, beyondApt, onlyApt, onlyHere } = figures;
  const cells = [oracle.day, drawn, cases, equal, refusedByBoth, beyondApt, different + onlyApt + onlyHere, orderDifferent];
  const row = `${key} ${[...cells, `${figures.medianMs} / ${figures.maximumMs}`].join(" | ")} |\n`;
  const others = body.split("\n").filter((line) => line !== "" && !line.startsWith(key));
  writeFileSync(DOCUMENT, `${head}${[...others.map((line) => `${line}\n`), row].sort().reverse().join("")}${tail}`);
}
