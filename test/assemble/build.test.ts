/** What a build tells and keeps: events, manifest, lock, names, secrets. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import { readErofs } from "#dist/filesystem/erofs/read-erofs.js";
import { openSquashfs } from "#dist/filesystem/squashfs/read-squashfs.js";
import { defineImage, lock as makeLock } from "#dist/index.js";
import { stages } from "#dist/io/event.js";
import { errorOf, inputOf, openScene, type Scene, scratchDirectory, sha256, writeFiles } from "./image-fixture.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

/** Every byte below a directory. */
function everyFile(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

/** Every name below a cache, without the leases of the builds. */
function everyName(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names.filter((name) => !/(^|\/)(lease|tmp)(\/|$)/.test(name)).sort();
}

describe("events", () => {
  it("come in the order of the stages, each begun and ended once", async () => {
    const { events } = await scene.build({ output: scratchDirectory() });
    const told = events.flatMap((event) => (event.type === "stage" ? [`${event.stage} ${event.state}`] : []));
    const names = told.filter((text) => text.endsWith(" start")).map((text) => text.split(" ")[0]!);
    // What the recipe does not ask for does not begin.
    const absent = ["lock", "ext4", "squashfs", "erofs", "verity", "disk"];
    expect(names).toEqual(stages.filter((stage) => !absent.includes(stage)));
    // The kernel is unpacked while packages are configured; every other stage ends before the next begins.
    const alone = told.filter((text) => text !== "unpack end");
    expect(alone).toEqual(
      names.flatMap((name) => [`${name} start`, `${name} end`]).filter((text) => text !== "unpack end"),
    );
    expect(told.length).toBe(alone.length + 1);
    expect(told.indexOf("unpack end")).toBeGreaterThan(told.indexOf("unpack start"));
    expect(told.indexOf("unpack end")).toBeLessThan(told.indexOf("kernel end"));
  });

  it("of progress lie within their stage, never go back, and never pass their total", async () => {
    const { events } = await scene.build({ output: scratchDirectory() });
    const running = new Map<string, number>();
    let seen = 0;
    for (const event of events) {
      if (event.type === "stage") {
        if (event.state === "start") running.set(event.stage, 0);
        else running.delete(event.stage);
      }
      // The command draws the borders of the lock's stage; the library's call only tells how far it is.
      if (event.type !== "progress" || event.stage === "lock") continue;
      seen++;
      expect([...running.keys()]).toContain(event.stage);
      expect(event.done).toBeGreaterThanOrEqual(running.get(event.stage)!);
      if (event.total !== undefined) expect(event.done).toBeLessThanOrEqual(event.total);
      running.set(event.stage, event.done);
    }
    expect(seen).toBeGreaterThan(5);
  });

  it("say that a warm build configures and compresses nothing", async () => {
    const { lock } = await scene.build();
    const { events } = await scene.build({ lock });
    const ended = events.flatMap((event) => (event.type === "stage" && event.state === "end" ? [event] : []));
    expect(ended.map(({ stage }) => stage)).not.toContain("configure");
    const packed = ended.find(({ stage }) => stage === "initramfs")!;
    expect(packed.total).toBeGreaterThan(0);
    expect(packed.cached).toBe(packed.total);
  });
});

describe("a squashfs output", () => {
  it("holds the tree, and compresses nothing twice", async () => {
    const { lock, paths, files, sums } = await scene.build({ formats: ["squashfs"], output: scratchDirectory() });
    const image = readFileSync(files.find((name) => name.endsWith(".squashfs"))!);
    const entries = [...openSquashfs(contentOfBytes(new Uint8Array(image))).entries()];
    expect(entries.slice(1).map(({ path }) => `/${path}`)).toEqual(paths);
    const again = await scene.build({ formats: ["squashfs"], lock, options: { jobs: 1 } });
    expect(again.sums).toEqual(sums);
    const end = again.events.find(
      (event) => event.type === "stage" && event.stage === "squashfs" && event.state === "end",
    );
    expect(end).toMatchObject({ cached: expect.any(Number) });
    if (end?.type === "stage" && end.state === "end") expect(end.cached).toBe(end.total);
  });
});

describe("an EROFS output", () => {
  it("holds the tree", async () => {
    const { paths, files } = await scene.build({ formats: ["erofs"], output: scratchDirectory() });
    const image = readFileSync(files.find((name) => name.endsWith(".erofs"))!);
    const { tree, compression } = readErofs(contentOfBytes(new Uint8Array(image)));
    expect([...tree.walk()].map(({ path }) => path)).toEqual(paths);
    expect(compression).toMatch(/zstd|none/);
  });
});

describe("the manifest", () => {
  it("has inputs and outputs, and no time, host or path", async () => {
    const output = scratchDirectory();
    const { manifest, files, sums } = await scene.build({ output });
    expect(manifest).not.toContain(scene.directory);
    expect(manifest).not.toContain(scene.cacheDir);
    expect(manifest).not.toContain("127.0.0.1");
    const parsed = JSON.parse(manifest);
    // The only time in it is that of the signed Release.
    expect(parsed.suites.map((suite: { date: string }) => suite.date)).toEqual(["2026-08-01T00:00:00Z"]);
    const { suites: _, ...rest } = parsed;
    expect(JSON.stringify(rest)).not.toMatch(/\b20[2-9][0-9]-|\b1[7-9][0-9]{8}\b/);
    expect(parsed.packages.map((row: { name: string; role: string }) => `${row.role} ${row.name}`)).toEqual([
      "root base-files",
      "root coreutils",
      "root dash",
      "root hello",
      "root libhello0",
      "kernel linux-image-test",
      "stub systemd-boot-efi",
    ]);
    expect(
      Object.fromEntries(parsed.outputs.map((row: { format: string; sha256: string }) => [row.format, row.sha256])),
    ).toEqual(sums);
    expect(parsed.leastMemoryBytes).toBe(
      2 * parsed.rootBytes + parsed.outputs.find((row: { format: string }) => row.format === "uki").bytes + (64 << 20),
    );
    const names = files.map((file) => file.slice(output.length + 1));
    expect(names).toEqual([
      "test.tar",
      "test.cpio",
      "test.initrd",
      "test.vmlinuz",
      "test.efi",
      "test.manifest.json",
      "test.sha256sums",
    ]);
    const sums2 = readFileSync(join(output, "test.sha256sums"), "utf8").trimEnd().split("\n");
    expect(sums2).toEqual(names.slice(0, -1).map((name) => `${sha256(readFileSync(join(output, name)))}  ${name}`));
    expect(JSON.parse(readFileSync(join(output, "test.manifest.json"), "utf8"))).toEqual(parsed);
  });

  it("is written with the same bytes again, over what is there", async () => {
    const output = scratchDirectory();
    await scene.build({ output });
    const before = everyFile(output);
    await scene.build({ output });
    expect(everyFile(output)).toBe(before);
  });
});

describe("profiles", () => {
  it("name the outputs, and have an entry of their own in the lock", async () => {
    const input = { version: "2", profiles: { devtools: { packages: ["top"] }, console: { hostname: "c" } } };
    const on = await openScene([{ name: "top", files: { "etc/top": "x" } }]);
    const output = scratchDirectory();
    const { files, lock, paths } = await on.build({
      input,
      profiles: ["devtools", "console"],
      output,
      formats: ["tar"],
    });
    expect(files.map((file) => file.slice(output.length + 1))).toContain("test_2+devtools+console.tar");
    expect(paths).toContain("/etc/top");
    expect(lock.entries.map((entry) => entry.profiles)).toEqual([["devtools", "console"]]);
    const plain = await on.build({ input, formats: ["tar"] });
    expect(plain.paths).not.toContain("/etc/top");
  });
});

describe("the lock", () => {
  it("is used: a newer package in the archive changes nothing", async () => {
    const first = await scene.build();
    const newer = await openScene([
      { name: "libhello0", version: "1.6", architecture: "amd64", files: { "usr/lib/libhello.so.0": "new" } },
    ]);
    for (const [path, bytes] of newer.archive.files)
      if (!scene.archive.files.has(path) || path.includes("/dists/")) scene.archive.files.set(path, bytes);
    const again = await scene.build({ lock: first.lock, options: { cacheDir: scratchDirectory() } });
    expect(again.sums).toEqual(first.sums);
    const moved = await scene.build();
    expect(moved.sums["tar"]).not.toBe(first.sums["tar"]);
  });

  it("that is stale is refused by assemble", async () => {
    const { lock } = await scene.build();
    expect((await errorOf(scene.build({ lock, input: { packages: ["hello", "libhello0"] } }))).code).toBe("lock/stale");
  });

  it("that has no entry for the profiles is refused by assemble", async () => {
    const input = { profiles: { a: { packages: ["libhello0"] } } };
    const { lock } = await scene.build({ input });
    expect((await errorOf(scene.build({ lock, input, profiles: ["a"] }))).code).toBe("lock/missing");
  });

  it("does not go stale by what it does not record", async () => {
    const { lock } = await scene.build();
    await scene.build({
      lock,
      input: {
        hostname: "other",
        removeFiles: ["/etc/issue"],
        kernel: { package: "linux-image-test", modules: [], commandLine: ["quiet"] },
      },
    });
  });
});

describe("a secret", () => {
  it("reaches scripts, and never manifest, log, lock or cache, nor does its hash", async () => {
    const secret = "correct-horse-battery-staple";
    writeFiles(scene.directory, {
      post: '#!/bin/sh\nset -e\necho "key=$TOKEN" > "$BUILDROOT/etc/key"\necho done $USED\n',
    });
    const input = {
      environment: { TOKEN: { fromHost: true, secret: true }, USED: { fromHost: true, default: "" } },
      scripts: { postinst: ["post"] },
      outputs: ["tar" as const],
    };
    const output = scratchDirectory();
    const environment = { TOKEN: secret, USED: "plain-value", OTHER: "never-asked-for" };
    const built = await scene.build({ input, environment, output });
    const image = readFileSync(join(output, "test.tar"), "latin1");
    expect(image).toContain(`key=${secret}`);
    const told = JSON.stringify([built.lock, built.events, built.manifest]) + everyFile(scene.cacheDir);
    for (const form of [secret, sha256(secret), sha256(`key=${secret}\n`)]) expect(told.includes(form)).toBe(false);
    expect(told).not.toContain("never-asked-for");
    expect(JSON.parse(built.manifest).environment).toEqual({ TOKEN: null, USED: "plain-value" });
    const warnings = built.events.filter((event) => event.type === "warning");
    expect(warnings).toHaveLength(1);
  });

  it("in an initramfs stays out of the cache: no segment that a script could have written to is kept", async () => {
    const post = '#!/bin/sh\nset -e\necho "key=$TOKEN" > "$BUILDROOT/etc/key"\nln -s "$TOKEN" "$BUILDROOT/etc/link"\n';
    writeFiles(scene.directory, { post });
    const stated = { scripts: { postinst: ["post"] }, outputs: ["initrd" as const, "cpio" as const] };
    const secretInput = { ...stated, environment: { TOKEN: { fromHost: true, secret: true } } };
    const first = await scene.build({ input: secretInput, environment: { TOKEN: "one" } });
    const before = everyName(scene.cacheDir);
    const second = await scene.build({ input: secretInput, environment: { TOKEN: "two" } });
    expect(second.sums["cpio"]).not.toBe(first.sums["cpio"]);
    expect(everyName(scene.cacheDir)).toEqual(before);
    // The same bytes as of a value that is no secret, which is kept.
    const openInput = { ...stated, environment: { TOKEN: { fromHost: true } } };
    const third = await scene.build({ input: openInput, environment: { TOKEN: "two" } });
    expect(third.sums).toEqual(second.sums);
    expect(everyName(scene.cacheDir)).not.toEqual(before);
  });
});

describe("stopping", () => {
  it("at any stage leaves no output and a cache that still serves", async () => {
    const sound = await scene.build({ output: scratchDirectory() });
    const recipe = defineImage(inputOf(), { directory: scene.directory });
    const lock = await makeLock(recipe, scene.options);
    const begun = sound.events.flatMap((event) =>
      event.type === "stage" && event.state === "start" ? [event.stage] : [],
    );
    expect(begun.length).toBeGreaterThan(7);
    for (const stage of begun) {
      const cacheDir = scratchDirectory();
      const output = join(scratchDirectory(), "out");
      const abort = new AbortController();
      const onEvent = (event: { type: string; stage?: string }): void => {
        if (event.stage === stage) abort.abort();
      };
      const stopped = await errorOf(
        scene.build({ lock, output, options: { cacheDir, signal: abort.signal, onEvent } }),
      );
      expect([stage, stopped.code]).toEqual([stage, "AbortError"]);
      expect(readdirSync(join(output, ".."), { recursive: true }).filter((name) => String(name) !== "out")).toEqual([]);
      expect((await scene.build({ lock, options: { cacheDir } })).sums).toEqual(sound.sums);
    }
  });
});

describe("two builds at once on one cache", () => {
  it("both succeed, with the same bytes", async () => {
    const cacheDir = scratchDirectory();
    const both = await Promise.all(
      [0, 1, 2].map(() => scene.build({ options: { cacheDir }, output: scratchDirectory() })),
    );
    for (const one of both) expect(one.sums).toEqual(both[0]!.sums);
  });
});
