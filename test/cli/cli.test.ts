/** The command line as a process: exit statuses, what goes to stdout and stderr, Ctrl-C. */

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { defineImage, formatLock, lock as makeLock } from "#dist/index.js";
import {
  inputOf,
  leftovers,
  openScene,
  type Scene,
  scratchDirectory,
  sha256,
  writeFiles,
} from "../assemble/image-fixture.js";
import { run, start } from "./run-cli.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

/** Writes a recipe beside its lock: made with the fixture's key, which the command line does not trust. */
async function writeLocked(on: Scene, input: Parameters<typeof inputOf>[0] = {}): Promise<void> {
  writeFiles(on.directory, { "image.json": JSON.stringify(inputOf(input)) });
  const recipe = defineImage(inputOf(input), { directory: on.directory });
  writeFileSync(join(on.directory, "image.lock"), formatLock(await makeLock(recipe, on.options)));
}

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

describe("why", () => {
  it("prints the chain, with the recipe of the directory or another", async () => {
    await writeLocked(scene);
    const { status, out, error } = await run(["why", "libhello0", scene.directory]);
    expect([status, error]).toEqual([0, ""]);
    expect(out).toMatch(/^libhello0 \S+\n {2}packages: hello\n {2}hello \S+ Depends libhello0 \(>= 1\)\n$/);
    expect(await run(["why", "libhello1"], scene)).toMatchObject({
      status: 2,
      error: expect.stringContaining("is libhello0 meant?"),
    });
  });
});

describe("build", () => {
  it("writes the outputs, tells the result on stdout and the rest on stderr", async () => {
    await writeLocked(scene);
    const { status, out, error } = await run(["build"], scene);
    expect([status, error]).toEqual([0, expect.stringContaining("Done in")]);
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      const [sum, file] = line.split("  ");
      expect(sha256(readFileSync(join(scene.directory, file!)))).toBe(sum);
    }
    const { sums } = await scene.build();
    expect(lines.map((line) => line.split("  ")[0])).toEqual(Object.values(sums));
  });

  it("takes --format, -C, -o, -q and --json", async () => {
    await writeLocked(scene);
    const output = scratchDirectory();
    const { status, out, error } = await run(
      ["build", "--format", "tar", "-C", scene.directory, "-o", output, "-q", "--json"],
      scene,
    );
    expect([status, error]).toEqual([0, ""]);
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({ type: "result", manifest: { image: "test" } });
    expect(readdirSync(output).sort()).toEqual(["test.manifest.json", "test.sha256sums", "test.tar"]);
  });

  it("with --locked refuses a lock that is missing or stale, and leaves it as it is", async () => {
    writeFiles(scene.directory, { "image.json": JSON.stringify(inputOf()) });
    const missing = await run(["build", "--locked"], scene);
    expect([missing.status, missing.error]).toEqual([1, expect.stringContaining("error[lock/missing]: Cannot ")]);
    await writeLocked(scene);
    const before = readFileSync(join(scene.directory, "image.lock"), "utf8");
    writeFiles(scene.directory, { "image.json": JSON.stringify(inputOf({ packages: ["libhello0"] })) });
    const stale = await run(["build", "--locked"], scene);
    expect([stale.status, stale.error]).toEqual([1, expect.stringContaining("error[lock/stale]: Cannot ")]);
    expect(stale.error).toContain("hint: ");
    expect(readFileSync(join(scene.directory, "image.lock"), "utf8")).toBe(before);
    expect(existsSync(join(scene.directory, "build"))).toBe(false);
  });

  it("from a directory that takes no output says so", async () => {
    await writeLocked(scene);
    writeFileSync(join(scene.directory, "build"), "a file in the way");
    const { status, error } = await run(["build"], scene);
    expect([status, error]).toEqual([1, expect.stringMatching(/error\[io\/[a-z-]+\]: Cannot /)]);
  });

  it("that is interrupted ends with 130, without output, and the next one succeeds", async () => {
    await writeLocked(scene);
    scene.server.faults.push({ path: /\.deb$/, kind: "slow", milliseconds: 300 });
    const { child, ended } = start(["build"], scene);
    while (!scene.server.requests.some(({ path }) => path.endsWith(".deb")))
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const { status, out, error } = await ended;
    expect([status, out]).toEqual([130, ""]);
    expect(error).toContain("interrupted");
    expect(error).not.toContain("error[");
    expect(existsSync(join(scene.directory, "build"))).toBe(false);
    expect(leftovers(scene.cacheDir)).toEqual([]);
    scene.server.faults.length = 0;
    const again = await run(["build"], scene);
    const { sums } = await (await openScene()).build();
    expect(
      again.out
        .trimEnd()
        .split("\n")
        .map((line) => line.split("  ")[0]),
    ).toEqual(Object.values(sums));
  });

  it("runs beside another on one cache", async () => {
    await writeLocked(scene);
    const both = await Promise.all(["a", "b"].map((name) => run(["build", "-o", name], scene)));
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(readFileSync(join(scene.directory, "a/test.efi"))).toEqual(
      readFileSync(join(scene.directory, "b/test.efi")),
    );
  });
});

describe("an error", () => {
  it("of the recipe is 2: its code, place and hint on stderr", async () => {
    writeFiles(scene.directory, { "image.yaml": "image: test\npakcages: [hello]\n" });
    const { status, out, error } = await run(["show"], scene);
    expect([status, out]).toEqual([2, ""]);
    expect(error).toMatch(
      /^error\[recipe\/unknown-key\]: Cannot .*image\.yaml:2:1: "pakcages" .*nearest known key is packages/,
    );
  });

  it("is one object with --json", async () => {
    writeFiles(scene.directory, { "image.yaml": "image: test\npakcages: [hello]\n" });
    const { status, out } = await run(["show", "--json"], scene);
    expect([status, JSON.parse(out)]).toEqual([
      2,
      expect.objectContaining({ type: "error", code: "recipe/unknown-key" }),
    ]);
  });

  it("of trust is 4: the fixture's key is not Debian's", async () => {
    writeFiles(scene.directory, { "image.json": JSON.stringify(inputOf()) });
    const { status, error } = await run(["lock"], scene);
    expect([status, error]).toEqual([4, expect.stringContaining("error[apt/key-unknown]")]);
    expect(existsSync(join(scene.directory, "image.lock"))).toBe(false);
  });

  it("of what --offline misses is 3", async () => {
    await writeLocked(scene);
    const { status, error } = await run(["build", "--offline"], scene);
    expect([status, error]).toEqual([3, expect.stringContaining("error[io/offline-missing]")]);
  });

  it("of a bad mirror's URL is 2", async () => {
    await writeLocked(scene);
    const { status, error } = await run(["build", "--mirror", "ftp://x y"], {
      ...scene,
      server: { ...scene.server, url: "nonsense" },
    });
    expect([status, error]).toEqual([2, expect.stringContaining("error[apt/mirror-invalid]")]);
  });

  it.for<[string, string[], RegExp]>([
    ["an unknown command", ["biuld"], /nearest command is build/],
    ["an unknown option", ["build", "--lokced"], /--lokced/],
    ["a command of a later version", ["size"], /later version/],
    ["a number that is none", ["build", "--jobs", "many"], /whole number/],
    ["no command at all", [], /Usage/],
  ])("of the command line is 2: %s", async ([, args, said]) => {
    const { status, out, error } = await run(args);
    expect([status, out]).toEqual([2, ""]);
    expect(error).toMatch(said);
  });

  it("of a format that does not exist names the nearest", async () => {
    await writeLocked(scene);
    const { status, error } = await run(["build", "--format", "ext5"], scene);
    expect([status, error]).toEqual([2, expect.stringMatching(/error\[cli\/format-unknown\].*ext4/s)]);
  });

  it.for([
    ["inspect"],
    ["measure"],
    ["sign"],
    ["verify"],
    ["diff", "package.json"],
    ["replay", "package.json", "--against"],
  ])("of a file that is not there, or is none, is 2: %s", async ([command, ...more]) => {
    const code = `error[${command === "replay" ? "measure" : command}/file-missing]: Cannot read `;
    const missing = await run([command!, ...more, "nowhere.efi"]);
    expect([missing.status, missing.out, missing.error]).toEqual([
      2,
      "",
      expect.stringContaining(`${code}nowhere.efi: `),
    ]);
    if (command === "replay") return;
    const device = await run([command!, ...more, "/dev/null"]);
    expect([device.status, device.error]).toEqual([2, expect.stringContaining(`${code}/dev/null: it is a device`)]);
  });

  it("of a recipe that is not there is 2", async () => {
    const { status, error } = await run(["build", "nowhere"], scene);
    expect([status, error]).toEqual([2, expect.stringContaining("error[recipe/not-found]")]);
  });
});

describe("other commands", () => {
  it("lock --check compares without the network", async () => {
    await writeLocked(scene);
    const asked = scene.server.requests.length;
    expect((await run(["lock", "--check"], scene)).status).toBe(0);
    writeFiles(scene.directory, { "image.json": JSON.stringify(inputOf({ packages: ["libhello0"] })) });
    expect((await run(["lock", "--check"], scene)).status).toBe(1);
    expect(scene.server.requests.length).toBe(asked);
  });

  it("show prints each value with its place", async () => {
    mkdirSync(join(scene.directory, "sub"));
    writeFiles(scene.directory, {
      "image.yaml": "image: test\ninclude: [sub/base.yaml]\n",
      "sub/base.yaml": "hostname: box\n",
    });
    const { status, out } = await run(["show"], scene);
    expect([status, out]).toEqual([0, expect.stringMatching(/hostname.*box.*base\.yaml:1/)]);
  });

  it("inspect reads what build made", async () => {
    await writeLocked(scene);
    await run(["build", "--format", "uki"], scene);
    const { status, out } = await run(["inspect", "build/test.efi", "--ls"], scene);
    expect([status, out]).toEqual([0, expect.stringContaining("usr/bin/hello")]);
  });

  it("cache info and cache prune", async () => {
    await writeLocked(scene);
    await run(["build", "--format", "tar"], scene);
    const info = JSON.parse((await run(["cache", "info", "--json"], scene)).out);
    expect(JSON.stringify(info)).toMatch(/[1-9][0-9]{4}/);
    expect((await run(["cache", "prune"], scene)).status).toBe(0);
    expect((await run(["build", "--format", "tar"], scene)).status).toBe(0);
  });

  it("--version and --help are 0 and go to stdout", async () => {
    expect(await run(["--version"])).toEqual({ status: 0, out: "0.1.0\n", error: "" });
    expect(await run(["build", "--help"])).toMatchObject({
      status: 0,
      out: expect.stringContaining("--locked"),
      error: "",
    });
  });
});

describe("disk create", () => {
  it("makes an empty disk of the format that the name says, and never replaces a file", async () => {
    const directory = scratchDirectory();
    const sizes: Record<string, number> = {};
    for (const name of ["a.qcow2", "b.raw", "c.vhd", "d"]) {
      const made = await run(["disk", "create", name, "--size", "2000G", "-C", directory, "--json"]);
      expect([made.status, made.error]).toEqual([0, ""]);
      const { format, size } = JSON.parse(made.out);
      expect(size).toBe(2000 * 2 ** 30);
      sizes[format] = statSync(join(directory, name)).blocks * 512;
    }
    expect(Object.keys(sizes)).toEqual(["qcow2", "raw", "vhd"]);
    expect(Math.max(...Object.values(sizes))).toBeLessThan(8 << 20);
    const again = await run(["disk", "create", "a.qcow2", "--size", "1G", "-C", directory]);
    expect([again.status, again.error]).toEqual([2, expect.stringContaining("io/file-exists")]);
    expect(readdirSync(directory).sort()).toEqual(["a.qcow2", "b.raw", "c.vhd", "d"]);
    expect((await run(["disk", "create", "e", "--size", "lots", "-C", directory])).status).toBe(2);
  });
});
