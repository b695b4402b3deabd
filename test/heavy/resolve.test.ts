import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oracleScratch, oracleTree, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { universeCases } from "../fixtures/universe/cases.js";
import { backportsPackages, stablePackages, switchCases } from "../fixtures/universe/switch-cases.js";
import { indexText } from "../fixtures/universe/universe.js";

// trixie's apt, with the solver that it has by default there.

let scratch: ReturnType<typeof oracleScratch>;
beforeAll(() => {
  scratch = oracleScratch();
});
afterAll(() => scratch?.remove());

/** apt for small archives, each with its index and its Release, and an empty status. */
function aptOf(name: string, archives: readonly string[], releases: readonly string[] = []) {
  const outside = join(scratch.outside, name);
  const inside = join(scratch.inside, name);
  for (const directory of [
    "lists/partial",
    "cache/archives/partial",
    "etc/apt.conf.d",
    "etc/preferences.d",
    ...archives.map((_, i) => `repository${i}`),
  ])
    mkdirSync(join(outside, directory), { recursive: true });
  writeFileSync(join(outside, "status"), "");
  for (const [i, index] of archives.entries()) writeFileSync(join(outside, `repository${i}/Packages`), index);
  for (const [i, release] of releases.entries()) writeFileSync(join(outside, `repository${i}/Release`), release);
  const lines = archives.map((_, i) => `deb [trusted=yes] file:${inside}/repository${i} ./\n`);
  writeFileSync(join(outside, "sources.list"), lines.join(""));
  writeFileSync(
    join(outside, "apt.conf"),
    `Dir "${inside}/"; Dir::State "${inside}/"; Dir::State::lists "lists/"; Dir::State::status "${inside}/status";
Dir::Cache "${inside}/cache/"; Dir::Etc "${inside}/etc/"; Dir::Etc::sourcelist "${inside}/sources.list";
APT::Architecture "amd64"; APT::Architectures {"amd64";}; Acquire::Languages "none"; APT::Solver "internal";
pkgCacheGen::ForceEssential ","; APT::Sandbox::User "root"; Acquire::AllowInsecureRepositories "true";
`,
  );
  const run = (command: readonly string[]) => runInOracle(inside, ["env", `APT_CONFIG=${inside}/apt.conf`, ...command]);
  run(["apt-get", "update", "-q2"]);
  return run;
}

describe("the answers that the unit tests hold", () => {
  it.each(universeCases.map((one, i) => ({ ...one, directory: `case${i}` })))("are apt's: $name", (one) => {
    const apt = aptOf(one.directory, [indexText(one.packages)]);
    const option = one.recommends === true ? "--install-recommends" : "--no-install-recommends";
    const simulate = () => apt(["apt-get", "install", "-s", "-q2", option, ...one.request]);
    if (one.code !== undefined) return expect(simulate).toThrow();
    const steps = [...simulate().matchAll(/^(Inst|Conf) (\S+)/gm)].map(([, kind, name]) =>
      kind === "Inst" ? `+${name}` : name,
    );
    const length = (one.order ?? "").split(" ").length;
    expect(steps.slice(0, length).join(" ")).toBe(one.order);
    expect(steps.slice(length).filter((step) => step?.startsWith("+"))).toEqual([]);
  });
});

describe("what name/suite switches to that suite", () => {
  it("is what apt switches", () => {
    const backports =
      "Suite: trixie-backports\nCodename: trixie-backports\nNotAutomatic: yes\nButAutomaticUpgrades: yes\n";
    const apt = aptOf(
      "switching",
      [indexText(stablePackages), indexText(backportsPackages)],
      ["Suite: stable\nCodename: trixie\n", backports],
    );
    const answers = switchCases.map(({ request, beyondApt }) => {
      const simulate = () => apt(["apt-get", "install", "-s", "-q2", "--install-recommends", ...request.split(" ")]);
      if (beyondApt !== undefined) {
        expect(simulate).toThrow();
        return { request, beyondApt };
      }
      const found = [...simulate().matchAll(/^Inst (\S+) \((\S+)/gm)].map(([, name, version]) =>
        version === "1" ? name : `${name}=${version}`,
      );
      return { request, answer: found.sort().join(" ") };
    });
    expect(answers).toEqual(switchCases);
  });
});

describe("packages of Debian", () => {
  // Few, since apt takes seconds for each; docs/resolution.md has what `npm run resolve-fidelity` says of hundreds.
  it.each([
    ["trixie", ["--count", "8", "--seed", "1"]],
    ["trixie with backports and pins", ["--count", "5", "--seed", "2", "--backports"]],
  ])("of %s are resolved and ordered as apt does it", (_, options) => {
    expect(oracleTree()).not.toBe("");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/resolve-fidelity.mjs", ...options], {
      encoding: "utf8",
    });
    const lines = stdout.trim().split("\n");
    const figures = JSON.parse(lines.pop() ?? "") as Record<string, number>;
    expect({ status, stderr, differences: lines.filter((line) => !line.startsWith("beyondApt")) }).toEqual({
      status: 0,
      stderr: "",
      differences: [],
    });
    expect(figures).toMatchObject({ cases: Number(options[1]), different: 0, onlyApt: 0, onlyHere: 0 });
    expect((figures["equal"] ?? 0) + (figures["beyondApt"] ?? 0)).toBeGreaterThan(3);
  });
});

describe("Debian's versions", () => {
  it("are ordered as dpkg does it", async () => {
    const { compareVersions, versionFault } = await import("#dist/apt/version.js");
    const { default: fc } = await import("fast-check");
    const part = fc.string({ unit: fc.constantFrom(..."001129azAZ.+~-:"), maxLength: 9 });
    const versions = fc
      .sample(fc.tuple(part, part), { numRuns: 2500, seed: 7 })
      .map(([a, b]) => [`0${a}`, `0${b}`] as const)
      .filter(([a, b]) => versionFault(a) === undefined && versionFault(b) === undefined);
    expect(versions.length).toBeGreaterThan(500);
    const script = `while read -r a b; do
      if dpkg --compare-versions "$a" lt "$b"; then echo lt
      elif dpkg --compare-versions "$a" eq "$b"; then echo eq
      else echo gt
      fi
    done`;
    const output = execFileSync("sh", ["-c", script], {
      input: versions.map(([a, b]) => `${a} ${b}\n`).join(""),
      encoding: "utf8",
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ours = versions.map(([a, b]) => ["lt", "eq", "gt"][Math.sign(compareVersions(a, b)) + 1]);
    expect(output.trim().split("\n")).toEqual(ours);
  });

  it("are refused as dpkg does it", async () => {
    const { versionFault } = await import("#dist/apt/version.js");
    const { default: fc } = await import("fast-check");
    const text = fc.string({ unit: fc.constantFrom(..."0019azA.+~-:_ "), minLength: 1, maxLength: 7 });
    const versions = fc.sample(text, { numRuns: 1500, seed: 3 }).filter((version) => version.trim() === version);
    const script = 'while read -r v; do dpkg --validate-version "$v" >/dev/null 2>&1 && echo yes || echo no; done';
    const output = execFileSync("sh", ["-c", script], {
      input: versions.map((version) => `${version}\n`).join(""),
      encoding: "utf8",
    });
    const ours = versions.map((version) => (versionFault(version) === undefined ? "yes" : "no"));
    const theirs = output.trim().split("\n");
    expect(versions.filter((_, i) => ours[i] !== theirs[i])).toEqual([]);
  });
});
