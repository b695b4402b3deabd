/**
 * The tree of the reference base image, from the real archive: equal with what mmdebstrap makes of the same packages, in every path,
 * type, mode, owner, size, content, link, hard-link group, device, extended attribute and time, but for the stated exclusions.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDeb } from "#dist/apt/deb/open-deb.js";
import { fetchPackages } from "#dist/apt/fetch-packages.js";
import { makeLock } from "#dist/apt/make-lock.js";
import { chooseMirrors } from "#dist/apt/mirrors.js";
import { defineImage } from "#dist/config/load-recipe.js";
import { isAutomatic } from "#dist/config/lock.js";
import { openCache } from "#dist/io/cache.js";
import { readHostMirrorSettings } from "#dist/io/mirror.js";
import { startWorkers } from "#dist/io/workers.js";
import { compareTrees, formatTreeDifference } from "#dist/report/compare-trees.js";
import {
  type ConfigurablePackage,
  type ConfigureEvent,
  configurePackages,
} from "#dist/rootfs/configure/configure-packages.js";
import { helperCommands } from "#dist/rootfs/helpers/table.js";
import { textTools } from "#dist/rootfs/shell/tools/table.js";
import { deserializeTree, serializeTree } from "#dist/rootfs/tree/serialize-tree.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { exclusions } from "../fixtures/mmdebstrap/exclusions.js";
import { treeOfTar } from "../fixtures/mmdebstrap/read-tree.js";

// Later than some of the packages' files, so that clamped and kept times both occur.
const EPOCH = 1_755_000_000;

// Set a of the measurements: the packages of the reference base image.
const PACKAGES = [
  "kmod",
  "systemd-boot-efi",
  "sysvinit-core",
  "zstd",
  "udev",
  "busybox",
  "util-linux",
  "iproute2",
  "udhcpc",
  "e2fsprogs",
  "iputils-ping",
  "curl",
];

const directory = mkdtempSync(path.join(tmpdir(), "mmdebstrap-tree-"));
const cache = openCache({ directory: path.join(directory, "cache") });
const workers = startWorkers();
const recipe = defineImage({ image: "a", packages: PACKAGES });

let packages: ConfigurablePackage[];
let oracle: Tree;
let log: string[];
const configure = (order = packages): { tree: Tree; events: ConfigureEvent[] } => {
  const tree = new Tree({ epoch: EPOCH });
  const events: ConfigureEvent[] = [];
  configurePackages({
    tree,
    packages: order,
    architecture: "amd64",
    commands: new Map([...textTools, ...helperCommands]),
    onEvent: (event) => events.push(event),
  });
  return { tree, events };
};

beforeAll(async () => {
  const lock = await makeLock(recipe, { cache });
  const entry = lock.entries[0]!;
  const files = await fetchPackages(entry, { cache, archive: recipe.archive });
  packages = [];
  for (const use of entry.packages) {
    const row = use.package;
    const what = `${row.name} ${row.version}`;
    const archive = await openDeb({ cache, workers }, { sha256: row.sha256, what, content: files.get(row.sha256)! });
    packages.push({
      archive,
      stage: use.stage,
      priority: row.priority,
      archiveId: row.archive,
      automatic: isAutomatic(use),
    });
  }
  const mirrors = chooseMirrors({ host: await readHostMirrorSettings() });
  const sources = entry.suites.map((suite) => {
    const [mirror] = mirrors[suite.archive === "security" ? "security" : "debian"];
    return `deb ${mirror} ${suite.suite} ${suite.components.join(" ")}`;
  });
  const tar = path.join(directory, "oracle.tar");
  execFileSync(
    "mmdebstrap",
    [
      "--variant=essential",
      "--mode=root",
      // Keeps dpkg's log, for the order.
      "--skip=cleanup/reproducible",
      "--keyring=/usr/share/keyrings",
      `--include=${PACKAGES.join(",")}`,
      "trixie",
      tar,
      ...sources,
    ],
    {
      env: { PATH: process.env["PATH"], SOURCE_DATE_EPOCH: String(EPOCH), LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  oracle = treeOfTar(tar, { epoch: EPOCH, files: cache.files });
  log = oracle.readText("/var/log/dpkg.log").split("\n");
});

afterAll(async () => {
  await workers.close();
  cache.close();
  rmSync(directory, { recursive: true });
});

describe("the reference base image", () => {
  test("has mmdebstrap's packages", () => {
    const names = (tree: Tree) => tree.readText("/var/lib/dpkg/status").match(/^(?:Package|Version): .*$/gm);
    expect(names(configure().tree)).toEqual(names(oracle));
  });

  test("is configured in mmdebstrap's order", () => {
    const steps = configure().events.flatMap((event) =>
      event.type === "step" && ["install", "configure", "trigproc"].includes(event.step.kind)
        ? [`${event.step.kind} ${event.step.name}`]
        : [],
    );
    expect(steps).toEqual(
      log.flatMap((line) => {
        const match = / (install|configure|trigproc) ([^ :]+):/.exec(line);
        return match === null ? [] : [`${match[1]} ${match[2]}`];
      }),
    );
  });

  test("equals mmdebstrap's tree", () => {
    const differences = compareTrees(configure().tree, oracle, { exclusions });
    expect(differences.map(formatTreeDifference)).toEqual([]);
  });

  test("has the times of mmdebstrap's tree", () => {
    const differences = compareTrees(configure().tree, oracle, { exclusions, exactTimes: true });
    expect(differences.filter((difference) => difference.kind === "mtime").map(formatTreeDifference)).toEqual([]);
  });

  test("is the same whatever the order of the packages, and after a way through the cache", () => {
    const first = serializeTree(configure().tree);
    expect(Buffer.compare(serializeTree(configure([...packages].reverse()).tree), first)).toBe(0);
    expect(Buffer.compare(serializeTree(deserializeTree(first)), first)).toBe(0);
  });
});
