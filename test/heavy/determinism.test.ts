/**
 * Builds of the real archive, under everything that must not matter, give the same bytes; and as an ordinary user with an empty
 * PATH, where user namespaces are off, no program is started and no namespace made. The example is built twice, by builds that
 * differ in everything at once; a small recipe, which has a part of every stage, on the other versions of Node. All from one set
 * of downloads, since the archive moves.
 */

import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
const ENDINGS = [".efi", ".manifest.json", ".sha256sums", ".tar"];
type Sums = Readonly<Record<string, string>>;
type Mode = "u=rwX,go=" | "a+rX" | "ug=rwX,o=rX";

/** The recipes at zstd level 3, which takes a fraction of the time. */
const RECIPES: Readonly<Record<string, string>> = {
  example:
    "image: same\ninclude: [../examples/tdx-debian/image.yaml]\ninitrd: { compression: { level: 3 } }\noutputs: { replace: [uki, tar] }\n",
  small: `image: small
base: essential
extraTrees: [../examples/tdx-debian/root, tree]
templates: { data: data.json }
users: [{ name: app, system: true }]
permissions: { /etc/app.conf: { owner: app, mode: "0640" } }
scripts: { postinst: [post] }
kernel: { package: linux-image-cloud-amd64, modules: [virtio_blk, virtio_net], commandLine: [console=ttyS0] }
removeFiles: [/usr/share/doc, /usr/share/man, /usr/share/locale, /usr/share/zoneinfo]
initrd: { compression: { level: 3 } }
outputs: [uki, tar]
`,
};
const SMALL_FILES: Readonly<Record<string, string>> = {
  "tree/etc/app.conf.mustache": "for {{who}}\n",
  "data.json": '{ "who": "all" }\n',
  post: '#!/bin/sh\nset -e\nfind "$BUILDROOT/etc" -name "*.conf" | sort > "$BUILDROOT/etc/list"\ndate > "$BUILDROOT/etc/date"\n',
};

let cli: string;

/** A checkout of a recipe and of the examples that it includes, with the lock of the first. */
function checkout(kind: "example" | "small", name: string, mode: Mode): string {
  const first = at(`${kind} first`);
  // The first is copied off the working tree, the others off the first: nothing that happens meanwhile counts.
  const isFirst = !existsSync(first);
  cpSync(isFirst ? "examples" : join(first, "examples"), at(name, "examples"), {
    recursive: true,
    filter: (path) => !path.endsWith(".lock") && !path.endsWith("/build"),
  });
  const recipe = at(name, "recipe");
  mkdirSync(recipe);
  writeFileSync(join(recipe, "image.yaml"), RECIPES[kind]!);
  for (const [path, text] of kind === "small" ? Object.entries(SMALL_FILES) : []) {
    mkdirSync(join(recipe, path, ".."), { recursive: true });
    writeFileSync(join(recipe, path), text);
  }
  if (!isFirst) copyFileSync(join(first, "recipe", "image.lock"), join(recipe, "image.lock"));
  execFileSync("chmod", ["-R", mode, at(name)]);
  if (!isFirst) execFileSync("chown", ["-R", "65534:65534", at(name)]);
  return recipe;
}

/** The first build of a recipe: as it comes, into the cache that the others are given parts of. */
function firstBuild(kind: "example" | "small"): Sums {
  const recipe = checkout(kind, `${kind} first`, "a+rX");
  return runBuild({ cli, recipe, output: at(`${kind} out`), cache: firstCache, environment: {} });
}

const endings = (sums: Sums): readonly string[] => Object.keys(sums).map((name) => name.replace(/^[^.]*/, ""));

beforeAll(() => {
  cli = installedPackage(at("package"));
});

describe("examples/tdx-debian", () => {
  it("is the same from cold and warm caches, and on Node 20 with one worker, as another user, under another umask, zone, locale, home and directory; that, where user namespaces are off, starts no program and makes no namespace, as strace sees it", () => {
    const expected = firstBuild("example");
    expect(endings(expected)).toEqual(ENDINGS);

    const warm = runBuild({
      cli,
      recipe: at("example first", "recipe"),
      output: at("out warm"),
      cache: firstCache,
      arguments: ["--locked", "--offline"],
    });
    expect(warm).toEqual(expected);

    mkdirSync(at("trace"));
    chmodSync(at("trace"), 0o777);
    const log = at("trace", "log");
    const calls = "execve,execveat,fork,vfork,clone,clone3,unshare,setns,mount,chroot,pivot_root";
    const sums = runBuild({
      cli,
      recipe: checkout("example", "traced", "u=rwX,go="),
      output: at("out traced"),
      cache: cacheWith(["blob"], { from: firstCache, to: at("cache-traced") }),
      node: nodeOfMajor(20, at("node")),
      // --seccomp-bpf: only the named calls stop the program.
      wrapper: ["/usr/bin/strace", "-f", "-s", "4096", "--seccomp-bpf", "-o", log, "-e", `trace=${calls}`],
      arguments: ["--locked", "--offline", "--jobs", "1"],
      environment: STRANGE,
      umask: "0077",
      ordinary: true,
      noUserNamespaces: true,
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

describe("a small recipe", () => {
  let expected: Sums;
  beforeAll(() => {
    expected = firstBuild("small");
    expect(endings(expected)).toEqual(ENDINGS);
  });

  it.for([
    { major: 20, jobs: 2, umask: "0007", mode: "a+rX", parts: ["blob", "deb"] },
    { major: 22, jobs: 3, umask: "0002", mode: "ug=rwX,o=rX", parts: ["blob", "deb"] },
    { major: 24, jobs: 1, umask: "0027", mode: "a+rX", parts: ["blob", "deb"] },
    { major: 26, jobs: 4, umask: "0077", mode: "u=rwX,go=", parts: ["blob"] },
  ] as const)(
    "is the same on Node $major with $jobs workers and a cache of $parts.length parts, as another user, under another umask, zone, locale, home and directory",
    ({ major, parts, ...run }) => {
      const recipe = checkout("small", `checkout of node ${major}`, run.mode);
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
});
