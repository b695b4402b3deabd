/**
 * (f) Growth: the configured tree of 100, 250, 500 and 1,000 packages out of a GNOME desktop's, as a tar archive, cold with a lock and the
 * packages downloaded, against mmdebstrap from the same files. The lists are nested, and the same ones for the same seed.
 *
 *     node bench/packages.mjs [SIZE …]
 */
import { rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseParagraph } from "#dist/apt/deb822.js";
import { packageRecord } from "#dist/apt/package.js";
import { openSession } from "#dist/assemble/session.js";
import { toByteString } from "#dist/bytes/content.js";
import { openSet, writeArchive } from "../scripts/fidelity-set.mjs";
import { build, downloadsOf, measure, ratio, scratch, seconds, table } from "./measure.mjs";
import { packageLists } from "./package-lists.mjs";

const BASE = "minbase";
const TASK = "task-gnome-desktop";
const SEED = 1;
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 250, 500, 1000];

// One that is filled already saves the downloads.
const cache = process.env.TDX_ASSEMBLE_CACHE ?? join(scratch, "packages-cache");
const session = openSession({ cacheDir: cache });
const results = [];
try {
  for (const packages of await chooseLists()) {
    const result = await measureList(packages);
    console.error(JSON.stringify(result));
    results.push(result);
  }
} finally {
  await session.close();
}

/** What is there whatever a recipe names. */
function isBase({ stage, why }) {
  return stage === 1 || why === "base";
}

async function chooseLists() {
  const { entry, debs } = await openSet(session, { base: BASE, packages: [TASK], epoch: 0 });
  const control = ({ sha256 }) => parseParagraph(toByteString(debs.get(sha256).members.get("control").bytes));
  const records = entry.packages.map((use) => packageRecord(control(use.package)));
  const base = entry.packages.filter(isBase).map((use) => use.package.name);
  return packageLists(records, { base, sizes, seed: SEED });
}

async function measureList(packages) {
  const directory = join(scratch, `packages-${packages.length}`);
  await mkdir(directory);
  const set = await openSet(session, { base: BASE, packages, epoch: 0 });
  const list = packages.map((name) => JSON.stringify(name)).join(", ");
  writeFileSync(
    join(directory, "image.yaml"),
    `image: bench\narchive: { suite: trixie }\nbase: ${BASE}\npackages: [${list}]\ncleanPackageMetadata: false\noutputs: [tar]\n`,
  );
  build(directory, cache);
  const cold = downloadsOf(cache, `packages-cold-${packages.length}`);
  const ours = build(directory, cold, ["--locked", "--offline"]);
  const mebibytes = statSync(join(directory, "out/bench.tar")).size / 2 ** 20;
  for (const path of [cold, join(directory, "out")]) rmSync(path, { recursive: true });
  const archive = join(directory, "archive");
  await writeArchive(session, set, archive);
  const theirs = measure(
    "mmdebstrap",
    [
      "--quiet",
      "--mode=root",
      `--variant=${BASE}`,
      `--include=${packages.join(",")}`,
      "trixie",
      join(directory, "mmdebstrap.tar"),
      `deb [trusted=yes] copy://${archive} trixie main`,
    ],
    { env: { PATH: process.env.PATH, TMPDIR: directory, SOURCE_DATE_EPOCH: "0", LC_ALL: "C.UTF-8" } },
  );
  rmSync(directory, { recursive: true });
  return { packages: set.entry.packages.length, mebibytes, ours, theirs };
}

const each = ({ packages, mebibytes, ours, theirs }) => [
  packages,
  mebibytes.toFixed(0),
  ...[ours, theirs].flatMap(({ wall, cpu, mib }) => [seconds(wall), seconds(cpu), `${mib.toFixed(0)} MiB`]),
  ratio(ours.wall, theirs.wall),
  ratio(ours.cpu, theirs.cpu),
  ...[ours, theirs].map(({ cpu }) => `${((cpu / packages) * 1000).toFixed(0)} ms`),
  ...[ours, theirs].map(({ cpu }) => `${((cpu / mebibytes) * 1000).toFixed(0)} ms`),
];
table(
  "Growth: unpacked and configured, cold, packages downloaded, tar output, against mmdebstrap",
  "packages,MiB,wall,CPU,peak memory,mmdebstrap: wall,CPU,peak memory,ratio of wall,of CPU,CPU a package,mmdebstrap's,CPU a MiB,mmdebstrap's".split(
    ",",
  ),
  results.map(each),
);
const [first, last] = [results[0], results.at(-1)];
const growth = (side) => (last[side].cpu / last.mebibytes / (first[side].cpu / first.mebibytes)).toFixed(2);
console.log(
  `\nFrom ${first.packages} to ${last.packages} packages the CPU time for each MiB unpacked becomes ${growth("ours")} of what it was, mmdebstrap's ${growth("theirs")}.`,
);
