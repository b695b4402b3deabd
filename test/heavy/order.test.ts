import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseParagraphs } from "#dist/apt/deb822.js";
import type { DpkgActions } from "#dist/apt/order/dpkg-actions.js";
import {
  type DpkgPackage,
  emptyDpkgState,
  formatFileTriggers,
  formatNamedTriggers,
  requestTrigger,
} from "#dist/apt/order/dpkg-state.js";
import { planNewRoot } from "#dist/apt/order/plan.js";
import { runDpkg } from "#dist/apt/order/run-dpkg.js";
import { packageRecord } from "#dist/apt/package.js";
import { parsePackagesIndex } from "#dist/apt/packages-index.js";
import type { Resolution } from "#dist/apt/resolve/resolution.js";
import { resolve } from "#dist/apt/resolve/resolve.js";

// mmdebstrap makes a root; its dpkg.log and database are what our resolution, plan and simulation of dpkg must give.

const SUITES = ["trixie", "trixie-updates", "trixie-security"];
const packages = [
  "kmod",
  "systemd-boot-efi",
  "sysvinit-core",
  "zstd",
  "udev",
  "busybox",
  "e2fsprogs",
  "ca-certificates",
];
/** What maintainer scripts call dpkg-trigger with (and --no-await): not to be seen in control data. */
const dpkgTriggers: Readonly<Record<string, string>> = { "ca-certificates": "update-ca-certificates" };

const root = mkdtempSync(join(tmpdir(), "order-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let log: readonly string[];
let resolution: Resolution;

beforeAll(() => {
  const targets = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI)"], { encoding: "utf8" });
  const mirror = targets
    .split("\n")
    .find((uri) => /\/debian\/?$/.test(uri))
    ?.replace(/\/$/, "");
  if (mirror === undefined) throw new Error("The host's apt has no Debian mirror");
  const lines = SUITES.map(
    (suite) => `deb ${suite.endsWith("security") ? `${mirror}-security` : mirror} ${suite} main`,
  );
  execFileSync(
    "mmdebstrap",
    [
      ...["--quiet", "--mode=root", "--variant=essential", "--format=directory", "--keyring=/usr/share/keyrings"],
      ...["--skip=cleanup/reproducible,cleanup/apt", `--include=${packages.join(",")}`],
      ...["trixie", root, ...lines],
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  log = read("var/log/dpkg.log")
    .trim()
    .split("\n")
    .map((line) => line.split(" ").slice(2).join(" "));
  const lists = readdirSync(join(root, "var/lib/apt/lists"));
  const archives = SUITES.map((suite) => {
    const file = lists.find((name) => name.endsWith(`_dists_${suite}_main_binary-amd64_Packages`));
    if (file === undefined) throw new Error(`mmdebstrap left no index of ${suite}`);
    const bytes = readFileSync(join(root, "var/lib/apt/lists", file));
    return { index: parsePackagesIndex(bytes, { archive: suite }), suites: [suite] };
  });
  resolution = resolve({ archives }, { base: "essential", packages });
});

function read(path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), "latin1") : "";
}

/** Lines of the log without versions: `install name`, `configure name`, `trigproc name`, `startup …`. */
function events(): readonly string[] {
  return log
    .filter((line) => /^(install|configure|trigproc|startup) /.test(line))
    .map((line) => (line.startsWith("startup") ? line : line.replace(/^(\S+) ([^: ]+).*/, "$1 $2")));
}

function simulate(): { readonly events: readonly string[]; readonly file: string; readonly named: unknown } {
  const state = emptyDpkgState();
  const seen: string[] = [];
  let isBase = true;
  const installed = new Map<string, { readonly package: DpkgPackage; readonly database: string }>();
  for (const control of parseParagraphs(read("var/lib/dpkg/status"))) {
    const record = packageRecord(control);
    const name = record.multiArch === "same" ? `${record.name}:${record.architecture}` : record.name;
    const database = `var/lib/dpkg/info/${name}`;
    const hasPostinst = existsSync(join(root, `${database}.postinst`));
    installed.set(record.name, { package: { record, triggers: read(`${database}.triggers`), hasPostinst }, database });
  }
  const of = (name: string) => installed.get(name)!;
  const actions: DpkgActions = {
    find: (name) => of(name).package,
    preinst: () => {},
    extract: (name, unpacked) =>
      read(`${of(name).database}.list`)
        .trim()
        .split("\n")
        .forEach(unpacked),
    finishUnpack: () => {},
    placeConffiles(name, placed) {
      // In stage 1 tar has put them there before.
      if (isBase) return;
      const lines = read(`${of(name).database}.conffiles`).split("\n");
      lines.filter((line) => line.startsWith("/")).forEach(placed);
    },
    configure(name) {
      const trigger = dpkgTriggers[name];
      if (trigger !== undefined) requestTrigger(state, trigger, undefined);
    },
    triggered: () => {},
    onEvent({ kind, name }) {
      if (kind !== "status") seen.push(`${kind} ${name}`);
    },
  };
  const recordsOf = (stage: number) =>
    resolution.packages.filter((one) => one.stage === stage).map(({ record }) => record);
  for (const command of planNewRoot(recordsOf(1), recordsOf(2), SUITES)) {
    isBase = command.kind === "install";
    runDpkg(state, command, actions);
  }
  return { events: seen, file: formatFileTriggers(state) ?? "", named: Object.fromEntries(formatNamedTriggers(state)) };
}

describe("a root made by mmdebstrap", () => {
  it("has the packages that we resolve, stage by stage", () => {
    let starts = 0;
    const theirs: string[] = [];
    for (const line of log) {
      if (line.startsWith("startup ")) starts++;
      const install = /^install ([^:]+):\S+ \S+ (\S+)/.exec(line);
      if (install !== null) theirs.push(`${starts > 1 ? 2 : 1} ${install[1]} ${install[2]}`);
    }
    const ours = resolution.packages.map(({ record, stage }) => `${stage} ${record.name} ${record.version}`);
    expect(ours.sort()).toEqual(theirs.sort());
  });

  it("was unpacked, configured and triggered in our order", () => {
    expect(simulate().events).toEqual(events());
  });

  it("has our trigger files", () => {
    const { file, named } = simulate();
    expect(file).toBe(read("var/lib/dpkg/triggers/File"));
    const names = readdirSync(join(root, "var/lib/dpkg/triggers")).filter(
      (name) => !/^(File|Lock|Unincorp)$/.test(name),
    );
    expect(named).toEqual(Object.fromEntries(names.map((name) => [name, read(`var/lib/dpkg/triggers/${name}`)])));
  });
});
