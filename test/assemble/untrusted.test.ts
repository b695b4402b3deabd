/** What comes from a mirror and cannot be trusted: each ends with its code, and leaves nothing behind that a later build would use. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { defineImage, lock as makeLock } from "#dist/index.js";
import { serveArchive } from "../fixtures/archive/serve-archive.js";
import { strangerKey } from "../fixtures/archive/signing-keys.js";
import { errorOf, inputOf, leftovers, openScene, type Scene, scratchDirectory } from "./image-fixture.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

/** What an honest mirror's build makes; made once. */
let honest: ReturnType<Scene["build"]> | undefined;
function honestBuild(): ReturnType<Scene["build"]> {
  honest ??= openScene().then((scene) => scene.build());
  return honest;
}

/** Fails with a code and its exit status, makes no output and leaves nothing aside; the same cache then serves a build from an honest mirror. */
async function expectRefused(scene: Scene, code: string, exit: 1 | 4 = 4): Promise<string> {
  const output = join(scratchDirectory(), "out");
  const error = await errorOf(scene.build({ output }));
  expect([error.code, error.exit, error.text]).toEqual([code, exit, expect.stringMatching(/^Cannot .*: /)]);
  expect(existsSync(output) ? readdirSync(output) : []).toEqual([]);
  expect(leftovers(scene.cacheDir)).toEqual([]);
  const expected = await honestBuild();
  const sound = await openScene();
  const { sums } = await sound.build({ options: { cacheDir: scene.cacheDir }, lock: expected.lock });
  expect(sums).toEqual(expected.sums);
  return error.text;
}

describe("a Release", () => {
  it("that was changed after it was signed is refused", async () => {
    const scene = await openScene();
    const path = "debian/dists/trixie/InRelease";
    const text = Buffer.from(scene.archive.files.get(path)!).toString();
    scene.archive.files.set(path, Buffer.from(text.replace("Label: Fixture", "Label: Fixturf")));
    await expectRefused(scene, "apt/signature-invalid");
  });

  it("that is not signed is refused", async () => {
    await expectRefused(await openScene([], { suite: { signature: "none" } }), "apt/signature-missing");
  });

  it("that a stranger signed is refused", async () => {
    await expectRefused(await openScene([], { suite: { key: strangerKey } }), "apt/key-unknown");
  });

  it("that has expired is refused", async () => {
    const scene = await openScene([], { suite: { date: "2026-07-01T00:00:00Z", validUntil: "2026-07-08T00:00:00Z" } });
    await expectRefused(scene, "apt/release-expired");
  });

  it("that is older than the one of the lock is refused", async () => {
    const newer = await openScene();
    const { lock } = await newer.build();
    const older = await openScene([], { suite: { date: "2026-07-20T00:00:00Z" } });
    const previous = { ...older.options, previous: lock, update: true } as const;
    const error = await errorOf(makeLock(defineImage(inputOf()), previous));
    expect([error.code, error.exit]).toEqual(["apt/release-downgrade", 4]);
    expect(error.text).toMatch(/trixie.*2026-07-20.*2026-08-01/s);
    expect(leftovers(older.cacheDir)).toEqual([]);
  });

  it("of another suite is refused", async () => {
    const scene = await openScene([], { suite: { release: { Suite: "bookworm", Codename: "bookworm" } } });
    await expectRefused(scene, "apt/release-wrong-suite");
  });
});

describe("a file of a mirror", () => {
  it.for([
    ["package", /hello_2.*\.deb$/],
    ["index", /Packages|by-hash/],
  ] as const)("that is damaged is fetched once more, from another mirror: a %s", async ([, path]) => {
    const scene = await openScene();
    scene.server.faults.push({ path, kind: "corrupt", at: 500 });
    const second = await serveArchive(scene.archive);
    try {
      const mirror = [`${scene.server.url}/debian`, `${second.url}/debian`];
      const built = await scene.build({ options: { mirror } });
      expect(built.sums).toEqual((await honestBuild()).sums);
      expect(second.requests.some((request) => path.test(request.path))).toBe(true);
    } finally {
      await second.close();
    }
  });

  it("that is damaged once is taken from the same mirror the second time", async () => {
    const scene = await openScene();
    scene.server.faults.push({ path: /hello_2.*\.deb$/, kind: "corrupt", at: 500, times: 1 });
    await scene.build();
    expect(scene.server.requests.filter(({ path }) => path.includes("/hello_2"))).toHaveLength(2);
  });

  it.for([
    ["a .deb with another sha256", /hello_2.*\.deb$/, { kind: "corrupt", at: 500 }],
    ["a .deb of another size", /hello_2.*\.deb$/, { kind: "truncate", after: 500 }],
    ["an index with another sha256", /Packages|by-hash/, { kind: "corrupt", at: 100 }],
    ["an index of another size", /Packages|by-hash/, { kind: "truncate", after: 50 }],
  ] as const)("ends the build when it stays so: %s", async ([, path, fault]) => {
    const scene = await openScene();
    scene.server.faults.push({ path, ...fault });
    await expectRefused(scene, "io/download-mismatch");
  });
});

describe("a package", () => {
  /** A package whose bytes are what its index says, but which no honest archive has. */
  const hostile = (rawName: string) => ({
    name: "hello",
    version: "9",
    architecture: "amd64",
    files: { "usr/bin/hello": { content: "x", rawName } },
  });

  it.for([
    ["..", "./usr/../../etc/passwd"],
    [".. at the start", "../etc/passwd"],
    ["an absolute path", "/etc/passwd"],
  ])("with %s is refused", async ([, rawName]) => {
    await expectRefused(await openScene([hostile(rawName!)]), "deb/unsafe-path");
  });

  it("whose path leads through its own link out of the tree is refused", async () => {
    const files = {
      "usr/evil": { type: "symlink", target: "../../../../tmp" },
      "usr/evil/owned": { content: "owned" },
    } as const;
    const scene = await openScene([{ name: "hello", version: "9", architecture: "amd64", files }]);
    const text = await expectRefused(scene, "deb/unsafe-path");
    expect(text).toContain("hello");
    expect(existsSync("/tmp/owned")).toBe(false);
  });

  it("whose xz data ends in the middle is refused", async () => {
    const editDeb = (name: string, bytes: Uint8Array): Uint8Array => {
      if (name !== "hello") return bytes;
      const whole = Buffer.from(bytes);
      const at = whole.lastIndexOf("data.tar.xz");
      const size = Math.floor(Number(whole.toString("latin1", at + 48, at + 58)) / 4) * 2;
      whole.write(String(size).padEnd(10), at + 48, "latin1");
      return whole.subarray(0, at + 60 + size);
    };
    const resigned = await openScene([], { suite: { editDeb } });
    await expectRefused(resigned, "codec/xz-truncated", 1);
  });
});
