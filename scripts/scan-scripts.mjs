#!/usr/bin/env node
/**
 * Which share of packages has maintainer scripts that need nothing unsupported: every script of every package in the closures of
 * docs/fidelity.md's table and of the sets a to d, all branches of it (probe-script.mjs).
 *
 *   node scripts/scan-scripts.mjs --results FILE [--locks DIRECTORY] [--only NAME,…]
 *   node scripts/scan-scripts.mjs --results FILE --write
 *
 * A set is one line of JSON in the results file; a package that an earlier set had is not done again, so that an interrupted run goes
 * on. --locks keeps the locks (fidelity-table.mjs's --oracles has them too). --write puts the figures into docs/fidelity.md.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { emulatedCommands } from "../dist/assemble/commands.js";
import { openSession } from "../dist/assemble/session.js";
import { contentOfFile } from "../dist/io/file-content.js";
import { packageCommands } from "../dist/rootfs/configure/commands/package-commands.js";
import { createSystem } from "../dist/rootfs/shell/system.js";
import { deserializeTree, serializeTree } from "../dist/rootfs/tree/serialize-tree.js";
import { configureSet, openSet } from "./fidelity-set.mjs";
import { probeScript } from "./probe-script.mjs";

const DOCUMENT = new URL("../docs/fidelity.md", import.meta.url);
const EPOCH = 1_755_000_000;
const INSTALLING = ["preinst", "config", "postinst"];
const REMOVING = ["prerm", "postrm"];
const SYSVINIT =
  "kmod systemd-boot-efi sysvinit-core zstd udev busybox util-linux iproute2 udhcpc e2fsprogs iputils-ping curl";
const LETTERED = new Map([
  ["set a", `essential ${SYSVINIT}`],
  [
    "set b",
    `essential ${SYSVINIT} prometheus prometheus-node-exporter prometheus-process-exporter rclone ntpsec procps ca-certificates openssl libsnappy1v5 netcat-openbsd bubblewrap`,
  ],
  [
    "set c",
    "essential systemd systemd-boot-efi kmod busybox util-linux procps ca-certificates openssl iproute2 udhcpc e2fsprogs dropbear openssh-server podman logrotate cryptsetup sudo nftables chrony",
  ],
  ["set d", "minbase build-essential git cmake clang cargo golang-go python3 nginx-light postgresql"],
]);

const { values } = parseArgs({
  options: {
    locks: { type: "string" },
    only: { type: "string" },
    results: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
if (values.results === undefined) {
  console.error("usage: node scripts/scan-scripts.mjs --results FILE [--locks DIRECTORY] [--only NAME,…] [--write]");
  process.exit(2);
}
const done = existsSync(values.results)
  ? readFileSync(values.results, "utf8").trimEnd().split("\n").filter(Boolean).map((line) => JSON.parse(line))
  : [];
if (values.write) writeFigures();
else await run();

async function run() {
  const session = openSession({ cacheDir: process.env.TDX_ASSEMBLE_CACHE });
  if (values.locks !== undefined) mkdirSync(values.locks, { recursive: true });
  const known = new Set(done.flatMap(({ packages }) => packages.map(({ sha256 }) => sha256)));
  try {
    for (const [name, words] of sets()) {
      if (done.some((one) => one.set === name)) continue;
      const packages = await scanSet(session, { name, words, known });
      for (const { sha256 } of packages) known.add(sha256);
      appendFileSync(values.results, `${JSON.stringify({ set: name, packages })}\n`);
      const lacking = packages.filter(({ missing }) => missing.length > 0);
      console.log(`${name}: ${packages.length} new packages, ${lacking.length} need something: ${lacking.map((one) => one.package).join(" ")}`);
    }
  } finally {
    await session.close();
  }
}

/** The lettered sets, then the packages of the table, each on minbase. */
function sets() {
  const table = [...readFileSync(DOCUMENT, "utf8").matchAll(/^\| (\S+) \| \d+ \| \d+ \|/gm)].map((row) => row[1]);
  const all = [...LETTERED, ...table.map((name) => [name, `minbase ${name.split("+").join(" ")}`])];
  const only = values.only?.split(",");
  return all.filter(([name]) => only === undefined || only.includes(name));
}

async function scanSet(session, { name, words, known }) {
  const [base, ...packages] = words.split(" ");
  const lockFile = values.locks === undefined ? undefined : join(values.locks, `${name.replace(" ", "-")}.lock.json`);
  const set = await openSet(session, { base, packages, epoch: EPOCH, lockFile });
  const wanted = set.entry.packages.map((use) => use.package).filter(({ sha256 }) => !known.has(sha256));
  if (wanted.length === 0) return [];
  const { tree } = configureSet(set, { stub: true });
  if (tree === undefined) throw new Error(`${name} cannot be configured, not even with stubs`);
  const stored = serializeTree(tree, { nameFile: (path) => path });
  const openFile = (path, range) => contentOfFile(session.cache.files, { path, ...range });
  return wanted.map((row) => {
    const { members } = set.debs.get(row.sha256);
    const scripts = [...INSTALLING, ...REMOVING].filter((script) => members.has(script));
    const judged = scripts.map((script) => {
      // Commands that are run for a trial change the tree: each script has its own.
      const copy = deserializeTree(stored, { openFile });
      const commands = new Map([...emulatedCommands, ...packageCommands(copy, set.recipe.architecture)]);
      const system = createSystem({ tree: copy, commands });
      const text = Buffer.from(members.get(script).bytes).toString("latin1");
      return { script, ...probeScript(system, { owner: row.name, script, text }) };
    });
    return {
      package: row.name,
      sha256: row.sha256,
      scripts,
      commands: judged.reduce((sum, one) => sum + one.commands, 0),
      unknown: judged.reduce((sum, one) => sum + one.unknown, 0),
      missing: judged.flatMap(({ script, missing }) => missing.map((one) => ({ script, ...one }))),
    };
  });
}

function writeFigures() {
  // A package of several versions counts once: as the last.
  const packages = [...new Map(done.flatMap((one) => one.packages).map((one) => [one.package, one])).values()];
  const sum = (of) => packages.reduce((total, one) => total + of(one), 0);
  const lacks = (kinds) => (one) => one.missing.some(({ script }) => kinds.includes(script));
  const share = (kinds) => {
    const bad = packages.filter(lacks(kinds)).length;
    return `**${packages.length - bad} of ${packages.length}** (${(100 - (100 * bad) / packages.length).toFixed(1)} %)`;
  };
  const rows = [...group(packages)].sort((a, b) => b[1].size - a[1].size || (a[0] < b[0] ? -1 : 1));
  const text = [
    "<!-- scripts: made by scripts/scan-scripts.mjs -->",
    `${share(INSTALLING)} packages need nothing unsupported in the scripts that run when they are installed (${INSTALLING.join(", ")}), ${share([...INSTALLING, ...REMOVING])}`,
    `also in those of a removal, which run for \`removePackages\` only. Scanned: ${sum((one) => one.scripts.length)} scripts with ${sum((one) => one.commands)} commands, of which ${sum((one) => one.unknown)} cannot be judged without running the script.`,
    "",
    "| missing | packages | scripts |",
    "| --- | --- | --- |",
    ...rows.map(([what, where]) => {
      const names = [...new Set([...where].map((one) => one.split(" ")[0]))];
      const shown = names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${names.length - 4} more` : names.join(", ");
      const kinds = [...new Set([...where].map((one) => one.split(" ")[1]))].sort().join(", ");
      return `| \`${what.replaceAll("|", "\\|").replaceAll("\n", " ").slice(0, 120)}\` | ${shown} | ${kinds} |`;
    }),
    "<!-- /scripts -->",
  ].join("\n");
  const document = readFileSync(DOCUMENT, "utf8");
  const place = /<!-- scripts:.*?<!-- \/scripts -->/s;
  if (!place.test(document)) throw new Error("docs/fidelity.md has no place for the figures");
  writeFileSync(DOCUMENT, document.replace(place, () => text));
}

/** What is missing, with the packages and scripts that need it. */
function group(packages) {
  const found = new Map();
  for (const one of packages)
    for (const { what, script } of one.missing)
      found.set(what, new Set([...(found.get(what) ?? []), `${one.package} ${script}`]));
  return found;
}
