/**
 * What users get wrong and what mirrors do, through the command line as it is: no lock, no key but the recipe's. Code, exit status, words and
 * hint; no output, no lock, nothing left in the cache; and the next build on that cache succeeds. Needs root for the small disk.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inputOf, leftovers, openScene, type Scene, writeFiles } from "../assemble/image-fixture.js";
import { type Ended, run, start } from "../cli/run-cli.js";
import { strangerKey } from "../fixtures/archive/signing-keys.js";
import { pattern } from "../fixtures/pe/make-pe.js";

/** Writes the recipe, with the archive's own key, and no lock. */
function writeRecipe(on: Scene, input: Parameters<typeof inputOf>[0] = {}): void {
  writeFileSync(join(on.directory, "own.asc"), on.archive.certificate);
  const archive = { suite: "trixie", signedBy: "own.asc" };
  writeFiles(on.directory, { "image.json": JSON.stringify(inputOf({ ...input, archive })) });
}

/** Asserts what an error is on the command line, and that it left nothing. */
function expectError(ended: Ended, on: Scene, expected: { code: string; exit: number; said: RegExp }): void {
  expect([ended.status, ended.out]).toEqual([expected.exit, ""]);
  const at = ended.error.indexOf("error[");
  expect(ended.error.slice(at)).toMatch(new RegExp(`^error\\[${expected.code}\\]: Cannot [^\\n]*: `));
  expect(ended.error.slice(at)).toMatch(expected.said);
  expect(existsSync(join(on.directory, "build"))).toBe(false);
  expect(leftovers(on.cacheDir)).toEqual([]);
}

async function expectSound(on: Scene): Promise<void> {
  const { status, error, out } = await run(["build", "--format", "tar"], on);
  expect([status, error]).toEqual([0, expect.stringContaining("Done in")]);
  expect(out).toMatch(/^[0-9a-f]{64} {2}build\/test\.tar/);
  expect(readdirSync(join(on.directory, "build")).sort()).toEqual([
    "test.manifest.json",
    "test.sha256sums",
    "test.tar",
  ]);
}

describe("an archive with its own key, archive.signedBy", () => {
  it("is locked and built from the recipe alone, and again from the lock", async () => {
    const scene = await openScene();
    writeRecipe(scene);
    await expectSound(scene);
    expect(existsSync(join(scene.directory, "image.lock"))).toBe(true);
    expect((await run(["build", "--locked", "--offline", "--format", "tar"], scene)).status).toBe(0);
    expect((await run(["lock", "--check"], scene)).status).toBe(0);
  });

  it.for<[string, string, RegExp, Parameters<typeof openScene>[1]]>([
    ["unsigned", "apt/signature-missing", /InRelease.*Release\.gpg/s, { suite: { signature: "none" } }],
    [
      "wrongly keyed",
      "apt/key-unknown",
      /signed with 02D3B66539AB4E83, wanted one of DB0E43AB/,
      { suite: { key: strangerKey } },
    ],
    [
      "expired",
      "apt/release-expired",
      /2026-07-08/,
      { suite: { date: "2026-07-01T00:00:00Z", validUntil: "2026-07-08T00:00:00Z" } },
    ],
    ["tampered", "apt/signature-invalid", /trixie/, {}],
  ])("that is %s is refused with 4, and no lock is written", async ([kind, code, said, options]) => {
    const scene = await openScene([], options);
    writeRecipe(scene);
    const path = "debian/dists/trixie/InRelease";
    const honest = scene.archive.files.get(path);
    if (kind === "tampered")
      scene.archive.files.set(
        path,
        Buffer.from(Buffer.from(honest!).toString().replace("Label: Fixture", "Label: Fixturf")),
      );
    expectError(await run(["build"], scene), scene, { code, exit: 4, said });
    expect(existsSync(join(scene.directory, "image.lock"))).toBe(false);
    // The archive is mended; the cache is the same.
    const sound = await openScene();
    scene.archive.files.clear();
    for (const [name, bytes] of sound.archive.files) scene.archive.files.set(name, bytes);
    await expectSound(scene);
  });

  it("that is older than what the lock trusts is refused with 4, and the lock stays", async () => {
    const scene = await openScene();
    writeRecipe(scene);
    await expectSound(scene);
    const older = await openScene([], { suite: { date: "2026-07-20T00:00:00Z" } });
    const { status, error } = await run(["lock", "--update"], { ...scene, server: older.server });
    expect([status, error]).toEqual([
      4,
      expect.stringMatching(/error\[apt\/release-downgrade\]: Cannot .*2026-07-20.*2026-08-01/s),
    ]);
    expect((await run(["lock", "--check"], scene)).status).toBe(0);
  });
});

describe("a recipe", () => {
  it.for<[string, Parameters<typeof inputOf>[0], { code: string; exit: number; said: RegExp }]>([
    [
      "with an unknown package",
      { packages: ["helo"] },
      { code: "apt/unknown-package", exit: 2, said: /Cannot install helo: .*\nhint: is hello meant\?/ },
    ],
    [
      "that cannot be satisfied",
      { packages: ["top"] },
      { code: "apt/unsatisfiable", exit: 1, said: /top.*middle.*bottom \(>= 5\)/ },
    ],
    [
      "with a command line that is too long",
      { kernel: { package: "linux-image-test", modules: [], commandLine: ["x".repeat(2048)] } },
      { code: "recipe/command-line-too-long", exit: 2, said: /image\.json:1:\d+: kernel\.commandLine has 2048 bytes/ },
    ],
    [
      "with a user whose id is taken",
      { users: [{ name: "reth", uid: 1 }] },
      { code: "rootfs/id-taken", exit: 2, said: /reth.*daemon.*\nhint: / },
    ],
    [
      "with a service that is not there",
      { services: { enable: ["nginx"] } },
      { code: "rootfs/service-unknown", exit: 2, said: /enable the service nginx: the tree has no/ },
    ],
  ])("%s", async ([, input, expected]) => {
    const scene = await openScene([
      { name: "top", depends: "middle" },
      { name: "middle", depends: "bottom (>= 5)" },
      { name: "bottom", version: "4" },
    ]);
    writeRecipe(scene, input);
    expectError(await run(["build"], scene), scene, expected);
  });
});

describe("Ctrl-C", () => {
  it.for(["unpack", "initramfs"])("during %s ends with 130 and leaves nothing", async (stage) => {
    // Random enough to keep the compressor busy for longer than it takes to be told.
    const scene = await openScene([{ name: "big", files: { "usr/share/big": { content: pattern(24_000_000, 3) } } }]);
    writeRecipe(scene, { packages: ["hello", "big"], initrd: { compression: { type: "zstd", level: 19 } } });
    const { child, ended } = start(["build", "--json"], scene);
    child.stdout!.on("data", (text: string) => {
      if (text.includes(`"stage":"${stage}","state":"start"`)) child.kill("SIGINT");
    });
    const { status, out, error } = await ended;
    expect([status, error]).toEqual([130, "interrupted\n"]);
    expect(out).not.toContain('"type":"result"');
    expect(out).not.toContain('"type":"error"');
    expect(existsSync(join(scene.directory, "build"))).toBe(false);
    expect(leftovers(scene.cacheDir)).toEqual([]);
    await expectSound(scene);
  });
});

describe("a full disk", () => {
  it.for(["cache", "output"])("under the %s is said with 1, and nothing is left on it", async (under) => {
    const scene = await openScene([{ name: "big", files: { "usr/share/big": { content: pattern(4_000_000, 3) } } }]);
    writeRecipe(scene, { packages: ["big"] });
    const disk = join(scene.directory, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
    try {
      const on = under === "cache" ? { ...scene, cacheDir: join(disk, "cache") } : scene;
      const out = under === "cache" ? join(scene.directory, "build") : join(disk, "out");
      const ended = await run(["build", "--format", "tar", "-o", out], on);
      const said = /the disk is full, free space was wanted\nhint: free space/;
      expectError(ended, on, { code: "io/disk-full", exit: 1, said });
      expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
    } finally {
      execFileSync("umount", [disk]);
    }
    await expectSound(scene);
  });
});
