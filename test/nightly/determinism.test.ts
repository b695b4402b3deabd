/**
 * Builds of the real archive, under everything that must not matter, give the same bytes; and as an ordinary user with an empty
 * PATH no program is started. All from one set of downloads, since the archive moves.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheWith, installedPackage, nodeOfMajor, openDirectory, runBuild } from "../fixtures/real-build/run-build.js";

const scratch = openDirectory();
afterAll(() => scratch.remove());

const at = (...parts: string[]): string => join(scratch.path, ...parts);
const firstCache = at("cache");
const STRANGE = {
  TZ: "Pacific/Kiritimati",
  LANG: "tr_TR.UTF-8",
  LC_ALL: "tr_TR.UTF-8",
  HOME: "/nonexistent",
  USER: "someone",
  PATH: "",
  SOURCE_DATE_EPOCH: "1234567890",
};
let cli: string;
let expected: Readonly<Record<string, string>>;

/** The example at zstd level 3, which takes a fraction of the time: a copy of the checkout, included by a recipe beside it. */
function checkout(name: string, mode: "u=rwX,go=" | "a+rX" | "ug=rwX,o=rX"): string {
  // The first is copied off the working tree, the others off the first: nothing that happens meanwhile counts.
  cpSync(name === "first" ? "examples" : at("first", "examples"), at(name, "examples"), {
    recursive: true,
    filter: (path) => !path.endsWith(".lock") && !path.endsWith("/build"),
  });
  const recipe = at(name, "recipe");
  mkdirSync(recipe);
  writeFileSync(
    join(recipe, "image.yaml"),
    "image: same\ninclude: [../examples/tdx-debian/image.yaml]\ninitrd: { compression: { level: 3 } }\noutputs: { replace: [uki, tar] }\n",
  );
  if (name !== "first") copyFileSync(at("first", "recipe", "image.lock"), join(recipe, "image.lock"));
  execFileSync("chmod", ["-R", mode, at(name)]);
  if (name !== "first") execFileSync("chown", ["-R", "65534:65534", at(name)]);
  return recipe;
}

beforeAll(() => {
  cli = installedPackage(at("package"));
  expected = runBuild({
    cli,
    recipe: checkout("first", "a+rX"),
    output: at("out-first"),
    cache: firstCache,
    environment: {},
  });
});

describe("examples/tdx-debian", () => {
  it("is a UKI, a tar, a manifest and their sums", () => {
    expect(Object.keys(expected).map((name) => name.replace(/^[^.]*/, ""))).toEqual([
      ".efi",
      ".manifest.json",
      ".sha256sums",
      ".tar",
    ]);
  });

  it("is the same again from a warm cache, in the same directory", () => {
    expect(
      runBuild({
        cli,
        recipe: at("first", "recipe"),
        output: at("out-warm"),
        cache: firstCache,
        arguments: ["--locked", "--offline"],
      }),
    ).toEqual(expected);
  });

  it.for([
    { major: 22, jobs: 3, umask: "0002", mode: "ug=rwX,o=rX", parts: ["blob", "deb"] },
    { major: 24, jobs: 2, umask: "0027", mode: "a+rX", parts: ["blob", "deb"] },
    { major: 26, jobs: 4, umask: "0077", mode: "u=rwX,go=", parts: ["blob"] },
  ] as const)(
    "is the same on Node $major with $jobs workers, as another user, under another umask, zone, locale, home and directory",
    ({ major, parts, ...run }) => {
      const recipe = checkout(`checkout of node ${major}`, run.mode);
      const sums = runBuild({
        cli,
        recipe,
        output: at(`out ${major}`),
        cache: cacheWith(parts, { from: firstCache, to: at(`cache-${major}`) }),
        node: nodeOfMajor(major, at("node")),
        arguments: ["--locked", "--offline", "--jobs", String(run.jobs)],
        environment: STRANGE,
        umask: run.umask,
        ordinary: true,
        cwd: recipe,
      });
      expect(sums).toEqual(expected);
    },
  );

  it("is the same on Node 20 with one worker, starts no program and makes no namespace, as strace sees it", () => {
    const recipe = checkout("traced", "u=rwX,go=");
    mkdirSync(at("trace"));
    chmodSync(at("trace"), 0o777);
    const log = at("trace", "log");
    const calls = "execve,execveat,fork,vfork,clone,clone3,unshare,setns,mount,chroot,pivot_root";
    const sums = runBuild({
      cli,
      recipe,
      output: at("out-traced"),
      cache: cacheWith(["blob"], { from: firstCache, to: at("cache-traced") }),
      node: nodeOfMajor(20, at("node")),
      // --seccomp-bpf: only the named calls stop the program.
      wrapper: ["/usr/bin/strace", "-f", "-s", "4096", "--seccomp-bpf", "-o", log, "-e", `trace=${calls}`],
      arguments: ["--locked", "--offline", "--jobs", "1"],
      environment: STRANGE,
      umask: "0077",
      ordinary: true,
    });
    expect(sums).toEqual(expected);
    const lines = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => /^\d+ +\w+\(/.test(line));
    const executed = lines.filter((line) => /^\d+ +execve/.test(line));
    expect(executed).toHaveLength(1);
    expect(executed[0]).toContain("dist/cli/main.js");
    const others = lines.filter((line) => !executed.includes(line) && !/^\d+ +clone3?\(.*CLONE_THREAD/.test(line));
    expect(others).toEqual([]);
    // Workers are threads: the trace did see into them.
    expect(lines.some((line) => line.includes("CLONE_THREAD"))).toBe(true);
  });
});
