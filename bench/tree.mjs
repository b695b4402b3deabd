/** (a) The configured tree alone, packages downloaded, against mmdebstrap's of the same packages with a filled package cache. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  build,
  downloadsOf,
  hostMirror,
  measure,
  PACKAGES,
  ratio,
  recipe,
  scratch,
  seconds,
  table,
} from "./measure.mjs";

const directory = recipe("tree", { lines: ["outputs: [tar]"] });
const warm = join(scratch, "tree-cache");
build(directory, warm);
const ours = build(directory, downloadsOf(warm, "tree-cold"), ["--locked", "--offline"]);

const debs = join(scratch, "debs");
mkdirSync(debs);
// Packages are kept between two runs, so that the measured one downloads nothing but the indexes.
const skip = [
  "--skip=essential/unlink,cleanup/apt",
  `--setup-hook=mkdir -p "$1"/var/cache/apt/archives; cp -a ${debs}/. "$1"/var/cache/apt/archives/`,
];
const keyring = existsSync("/usr/share/keyrings") ? ["--keyring=/usr/share/keyrings"] : [];
const make = (hooks) =>
  measure("mmdebstrap", [
    "--quiet",
    "--mode=root",
    "--variant=essential",
    ...keyring,
    ...skip,
    ...hooks,
    `--include=${PACKAGES.join(",")}`,
    "trixie",
    join(scratch, "mmdebstrap.tar"),
    `deb ${hostMirror()} trixie main`,
  ]);
make([`--customize-hook=cp -a "$1"/var/cache/apt/archives/. ${debs}/`]);
const theirs = make([]);
table(
  "Tree alone, packages downloaded",
  ["", "wall", "CPU"],
  [
    ["tdx-assemble", seconds(ours.wall), seconds(ours.cpu)],
    ["mmdebstrap", seconds(theirs.wall), seconds(theirs.cpu)],
    ["ratio (target < 0.40)", ratio(ours.wall, theirs.wall), ratio(ours.cpu, theirs.cpu)],
  ],
);
