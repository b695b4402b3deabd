/**
 * Builds of the real archive, under everything that must not matter, give the same bytes; and as an ordinary user with an empty
 * PATH no program is started. All from one set of downloads, since the archive moves.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cacheWithDownloads,
  installedPackage,
  nodeOfMajor,
  openDirectory,
  runBuild,
} from "../fixtures/real-build/run-build.js";

const scratch = openDirectory();
afterAll(() => scratch.remove());

const at = (...parts: string[]): string => join(scratch.path, ...parts);
const firstCache = at("cache");
let cli: string;
let expected: Readonly<Record<string, string>>;

/** The example at zstd level 3, which takes a fraction of the time: a copy of the checkout, included by a recipe beside it. */
function checkout(name: string, mode: "u=rwX,go=" | "a+rX" | "ug=rwX,o=rX"): string {
  cpSync("examples", at(name, "examples"), {
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
    { major: 20, jobs: 1, umask: "0077", mode: "u=rwX,go=" },
    { major: 22, jobs: 3, umask: "0002", mode: "ug=rwX,o=rX" },
    { major: 24, jobs: 2, umask: "0027", mode: "a+rX" },
    { major: 26, jobs: 4, umask: "0077", mode: "u=rwX,go=" },
  ] as const)(
    "is the same on Node $major with $jobs workers, as an ordinary user, under another umask, zone, locale, home and directory",
    ({ major, jobs, umask, mode }) => {
      const recipe = checkout(`checkout of node ${major}`, mode);
      const cache = cacheWithDownloads(firstCache, at(`cache-${major}`));
      const environment = {
        TZ: "Pacific/Kiritimati",
        LANG: "tr_TR.UTF-8",
        LC_ALL: "tr_TR.UTF-8",
        HOME: "/nonexistent",
        USER: "someone",
        PATH: "",
        SOURCE_DATE_EPOCH: "1234567890",
      };
      const sums = runBuild({
        cli,
        recipe,
        output: at(`out ${major}`),
        cache,
        node: nodeOfMajor(major, at("node")),
        arguments: ["--locked", "--offline", "--jobs", String(jobs)],
        environment,
        umask,
        ordinary: true,
        cwd: recipe,
      });
      expect(sums).toEqual(expected);
    },
  );

  it("starts no program and makes no namespace, as strace sees it", () => {
    const recipe = checkout("traced", "a+rX");
    const cache = cacheWithDownloads(firstCache, at("cache-traced"));
    mkdirSync(at("trace"), { mode: 0o777 });
    execFileSync("chmod", ["0777", at("trace")]);
    const log = at("trace", "log");
    const calls = "execve,execveat,fork,vfork,clone,clone3,unshare,setns,mount,chroot,pivot_root";
    // --seccomp-bpf: only the named calls stop the program.
    const wrapper = ["/usr/bin/strace", "-f", "--seccomp-bpf", "-o", log, "-e", `trace=${calls}`];
    const sums = runBuild({
      cli,
      recipe,
      output: at("out-traced"),
      cache,
      wrapper,
      arguments: ["--locked", "--offline"],
      environment: { PATH: "" },
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
