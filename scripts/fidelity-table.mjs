#!/usr/bin/env node
/**
 * The table of docs/fidelity.md: each package of the list below, alone on minbase, configured here and by mmdebstrap, and compared.
 *
 *   node scripts/fidelity-table.mjs --results FILE [--ours] [--only NAME,…] [--force] [--oracles DIRECTORY]
 *   node scripts/fidelity-table.mjs --results FILE --write
 *   node scripts/fidelity-table.mjs --results FILE --rotate 5 --seed TEXT
 *
 * Every package is one line of JSON in the results file. A package whose line has a comparison is not done again (--force: it is), so
 * that an interrupted run goes on. --ours configures only here, and lists what is not emulated by frequency. --oracles keeps
 * mmdebstrap's tars, each with its lock. --rotate takes that many of the packages that docs/fidelity.md has as equal, the same ones for the
 * same seed. --write puts the table into docs/fidelity.md, where rows without a result stay. Needs root and mmdebstrap.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openSession } from "../dist/assemble/session.js";
import { formatTreeDifference } from "../dist/report/compare-trees.js";
import { shippedOverrides } from "../dist/rootfs/helpers/single/left-out.js";
import { compareSet, compareVersions, configureSet, makeScratch, openSet, oracleSet } from "./fidelity-set.mjs";

const PACKAGES = `
  nginx apache2 haproxy postgresql redis-server mariadb-server memcached prometheus prometheus-alertmanager
  prometheus-blackbox-exporter openssh-server dropbear chrony ntpsec rsyslog logrotate cron anacron sudo opendoas locales tzdata
  console-setup keyboard-configuration dbus polkitd systemd-resolved systemd-timesyncd network-manager ifupdown isc-dhcp-client
  dnsmasq unbound bind9 nftables iptables fail2ban wireguard-tools openvpn tor podman docker.io containerd runc cryptsetup lvm2
  mdadm btrfs-progs xfsprogs nfs-common python3 perl ruby nodejs openjdk-21-jre-headless php-fpm golang-go cargo git vim emacs-nox
  tmux zsh fish man-db ca-certificates ca-certificates-java ssl-cert exim4-daemon-light postfix dovecot-imapd samba cups
  avahi-daemon tpm2-tools tpm2-abrmd swtpm qemu-guest-agent cloud-init initramfs-tools dracut linux-image-cloud-amd64
  grub-efi-amd64 systemd-boot fontconfig+fonts-dejavu-core libgtk-3-0t64 shared-mime-info desktop-file-utils hicolor-icon-theme
`
  .trim()
  .split(/\s+/);
// Kept and clamped times both occur.
const EPOCH = 1_755_000_000;
const DOCUMENT = new URL("../docs/fidelity.md", import.meta.url);

const { values } = parseArgs({
  options: {
    force: { type: "boolean", default: false },
    only: { type: "string" },
    oracles: { type: "string" },
    ours: { type: "boolean", default: false },
    results: { type: "string" },
    rotate: { type: "string" },
    seed: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
if (values.results === undefined) {
  console.error("usage: node scripts/fidelity-table.mjs --results FILE [--ours] [--only NAME,…] [--force] [--oracles DIRECTORY] [--write]");
  process.exit(2);
}
const chosen = values.only?.split(",") ?? (values.rotate === undefined ? PACKAGES : rotated(Number(values.rotate)));
const records = readRecords();
if (values.write) writeTable();
else await run();

async function run() {
  const scratch = makeScratch();
  const session = openSession({ cacheDir: process.env.TDX_ASSEMBLE_CACHE });
  if (values.oracles !== undefined) mkdirSync(values.oracles, { recursive: true });
  try {
    for (const name of chosen) {
      if (!values.force && isDone(records.get(name))) continue;
      const record = await measure(session, { name, scratch });
      appendFileSync(values.results, `${JSON.stringify(record)}\n`);
      records.set(name, record);
      console.log(line(record));
    }
  } finally {
    await session.close();
    rmSync(scratch, { recursive: true });
  }
  printMissing();
}

/** So many of the packages without differences, by the hash of the seed and the name. */
function rotated(count) {
  const rows = readFileSync(DOCUMENT, "utf8").matchAll(/^\| (\S+) \| \d+ \| \d+ \| 0 \|/gm);
  const rank = (name) => createHash("sha256").update(`${values.seed} ${name}`).digest("hex");
  const ranks = [...rows].map((row) => [rank(row[1]), row[1]]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return ranks.slice(0, count).map(([, name]) => name);
}

/** The last line of a package counts. */
function readRecords() {
  if (!existsSync(values.results)) return new Map();
  const lines = readFileSync(values.results, "utf8").trimEnd().split("\n").filter(Boolean);
  return new Map(lines.map((text) => JSON.parse(text)).map((record) => [record.package, record]));
}

function isDone(record) {
  if (record === undefined) return false;
  return values.ours ? record.missing.length === 0 : record.differences !== undefined && record.differences.length === 0;
}

async function measure(session, { name, scratch }) {
  const record = { package: name, run: thisRun(), packages: 0, scripts: 0, missing: [], seconds: undefined };
  try {
    const kept = values.oracles !== undefined && !values.ours;
    const lockFile = kept ? join(values.oracles, `${name}.lock.json`) : undefined;
    const set = await openSet(session, { base: "minbase", packages: name.split("+"), epoch: EPOCH, lockFile });
    record.packages = set.entry.packages.length;
    const { tree, scripts, leftOut, missing, seconds } = configureSet(set, { stub: values.ours });
    Object.assign(record, { leftOut, missing, seconds, scripts: scripts.length, overrides: scripts.filter((run) => run.overridden) });
    if (values.ours || tree === undefined) return record;
    const file = join(values.oracles ?? scratch, `${name}.tar`);
    const oracle = await oracleSet(session, set, { file, scratch });
    if (values.oracles === undefined) rmSync(file);
    const differences = compareSet(set, { tree, oracle }).map((one) => `${formatTreeDifference(one)}  [${one.owner}]`);
    Object.assign(record, { differences: [...compareVersions(set, oracle), ...differences] });
    record.paths = [...oracle.walk()].length;
  } catch (error) {
    record.missing.push({ code: error.code ?? "crash", message: `${error.message}` });
  }
  return record;
}

/** The day, and the code that is measured. */
function thisRun() {
  const git = (...words) => execFileSync("git", words, { encoding: "utf8", cwd: import.meta.dirname }).trim();
  return `${new Date().toISOString().slice(0, 10)} of commit ${git("rev-parse", "--short", "HEAD")}`;
}

function line({ package: name, packages, scripts, missing, seconds, differences }) {
  const result = missing.length > 0 ? missing.map(reason).join("; ") : `${seconds.toFixed(1)} s`;
  const compared = differences === undefined ? "" : `, ${differences.length} differences`;
  return `${name}: ${packages} packages, ${scripts} scripts, ${result}${compared}`;
}

/** What stops a package, in a few words. */
function reason({ code, message }) {
  const needs = / of (\S+): line \d+ of \S+ needs (.*), a command that/s.exec(message);
  return needs === null ? `${code} ${message.slice(0, 160)}` : `${needs[1]}: ${needs[2]}`;
}

function printMissing() {
  const counts = new Map();
  for (const name of chosen)
    for (const one of records.get(name)?.missing ?? [])
      counts.set(reason(one), [...(counts.get(reason(one)) ?? []), name]);
  for (const [what, names] of [...counts].sort((a, b) => b[1].length - a[1].length)) console.log(`${names.length} ${what} (${names})`);
}

/** Rows of packages that the results do not have stay as they are. */
function writeTable() {
  const text = readFileSync(DOCUMENT, "utf8");
  const old = new Map([...text.matchAll(/^\| (\S+) \| \d+ \| \d+ \|.*$/gm)].map((row) => [row[1], row[0]]));
  const rows = PACKAGES.map((name) => (records.has(name) ? rowOf(records.get(name)) : old.get(name))).filter(Boolean);
  const equal = rows.filter((row) => /^\| \S+ \| \d+ \| \d+ \| 0 \|/.test(row)).length;
  const runs = [...new Set([...records.values()].map((record) => record.run).filter(Boolean))].sort();
  const made = records.size < PACKAGES.length ? "" : ` Made on ${runs.join(", and on ")}.`;
  const cells = rows.map((row) => row.split("|").at(-3).trim()).filter((cell) => cell !== "");
  const programs = new Set(cells.flatMap((cell) => cell.split(", ")));
  const overrides = new Set(shippedOverrides.filter((one) => programs.has(one.program)).map((one) => one.package)).size;
  const table = [
    "<!-- table: made by scripts/fidelity-table.mjs -->",
    `**${equal} of ${PACKAGES.length}** packages, each alone on minbase, equal mmdebstrap's tree in everything.${made}`,
    `${cells.length} of them have something left out; the overrides are of ${overrides} packages.`,
    "",
    "| package | packages | scripts run | differences | left out | processor s |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "<!-- /table -->",
  ].join("\n");
  const place = /<!-- table:.*?<!-- \/table -->/s;
  writeFileSync(DOCUMENT, place.test(text) ? text.replace(place, () => table) : `${text.trimEnd()}\n\n${table}\n`);
}

function rowOf(record) {
  const { package: name, packages, scripts, differences, overrides = [], leftOut = [], missing, seconds } = record;
  const stops = missing.length === 0 ? "" : `does not configure: ${missing.map(reason).join("; ")}`;
  const result = differences === undefined ? stops || "not compared" : `${differences.length}`;
  const overridden = [...overrides.map((run) => `${run.package} ${run.script}`), ...leftOut].join(", ");
  return `| ${name} | ${packages} | ${scripts} | ${result.replaceAll("|", "\\|").replaceAll("\n", " ")} | ${overridden} | ${seconds?.toFixed(1) ?? ""} |`;
}
