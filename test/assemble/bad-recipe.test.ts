/** Recipes that ask for what is not there or cannot be: each ends with its code, names what is wrong, and leaves no output. */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadRecipe } from "#dist/index.js";
import type { FixturePackage } from "../fixtures/archive/build-deb.js";
import { makeKernel } from "../fixtures/pe/make-pe.js";
import {
  type BuildInput,
  errorOf,
  type ImageInput,
  leftovers,
  openScene,
  PACKAGES,
  RELEASE,
  type Scene,
  scratchDirectory,
  writeFiles,
} from "./image-fixture.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const CHAIN: readonly FixturePackage[] = [
  { name: "top", depends: "middle" },
  { name: "middle", depends: "bottom (>= 5)" },
  { name: "bottom", version: "4" },
];

let scene: Scene;
beforeEach(async () => {
  scene = await openScene(CHAIN);
});

/** The cache of every scene that is not asked for another: none of the failures may harm it. */
let sharedCache: string;
beforeAll(() => {
  sharedCache = mkdtempSync(join(tmpdir(), "tdx-bad-recipe-"));
});
afterAll(() => rmSync(sharedCache, { recursive: true, force: true }));

interface Expected {
  readonly exit?: 1 | 2;
  readonly on?: Scene;
}

/** Fails with a code that has the exit status, and leaves nothing in the output directory, nor aside in the cache. */
async function expectError(what: BuildInput, code: string, { exit = 2, on = scene }: Expected = {}): Promise<string> {
  const output = join(scratchDirectory(), "out");
  const cacheDir = what.options?.cacheDir ?? sharedCache;
  const options = { ...what.options, cacheDir };
  const error = await errorOf((async () => on.build({ ...what, output, options }))());
  expect([error.code, error.exit, error.text]).toEqual([code, exit, expect.stringMatching(/^Cannot .*: /)]);
  expect(existsSync(output) ? readdirSync(output) : []).toEqual([]);
  expect(leftovers(cacheDir)).toEqual([]);
  return `${error.text} ${error.hint}`;
}

describe("a recipe with", () => {
  it("an unknown key: file, line, column, and the nearest known", async () => {
    writeFiles(scene.directory, { "image.yaml": "image: test\npakcages: [hello]\n" });
    const { code, exit, text, hint } = await errorOf(loadRecipe(scene.directory));
    expect([code, exit]).toEqual(["recipe/unknown-key", 2]);
    expect(`${text} ${hint}`).toMatch(/image\.yaml:2:1.*pakcages.*packages/s);
  });

  it("an unknown package: the nearest names", async () => {
    expect(await expectError({ input: { packages: ["helo"] } }, "apt/unknown-package")).toContain("hello");
  });

  it("dependencies that cannot be satisfied: the chain", async () => {
    const text = await expectError({ input: { packages: ["top"] } }, "apt/unsatisfiable", { exit: 1 });
    expect(text).toMatch(/top.*middle.*bottom.*>= 5/s);
  });

  it("packages that exclude each other", async () => {
    const text = await expectError({ input: { packages: ["hello", "-libhello0"] } }, "apt/excluded-package-needed");
    expect(text).toContain("libhello0");
  });

  it.for<[string, Partial<ImageInput>, string, string]>([
    ["a user whose uid a package took", { users: [{ name: "reth", uid: 1 }] }, "rootfs/id-taken", "daemon"],
    ["a group whose gid a package took", { groups: [{ name: "eth", gid: 50 }] }, "rootfs/id-taken", "staff"],
    ["a user that a package made", { users: [{ name: "daemon" }] }, "rootfs/account-exists", "daemon"],
    [
      "two users of one uid",
      {
        users: [
          { name: "a", uid: 700 },
          { name: "b", uid: 700 },
        ],
      },
      "recipe/id-collision",
      "700",
    ],
    [
      "permissions of a path that is not there",
      { permissions: { "/etc/none.conf": { mode: "0600" } } },
      "rootfs/path-missing",
      "/etc/none.conf",
    ],
    [
      "an owner that is not there",
      { permissions: { "/etc/issue": { owner: "nobody" } } },
      "rootfs/owner-unknown",
      "nobody",
    ],
    ["a service that is not there", { services: { enable: ["nginx"] } }, "rootfs/service-unknown", "/etc/init.d/nginx"],
    ["a package to remove that is not there", { removePackages: ["helo"] }, "rootfs/package-missing", "hello"],
    [
      "an unknown module",
      { kernel: { package: "linux-image-test", modules: ["nonesuch"] } },
      "kernel/module-unknown",
      "nonesuch",
    ],
    [
      "a command line over 2,047 bytes",
      { kernel: { package: "linux-image-test", modules: [], commandLine: ["x".repeat(2048)] } },
      "recipe/command-line-too-long",
      "2047",
    ],
    [
      "a control character in the command line",
      { kernel: { package: "linux-image-test", modules: [], commandLine: ["a\u0007b"] } },
      "recipe/command-line-control-character",
      "",
    ],
    ["a tree that is not there", { extraTrees: ["nowhere"] }, "rootfs/tree-missing", "nowhere"],
    ["a script that is not there", { scripts: { postinst: ["nowhere"] } }, "script/missing", "nowhere"],
    [
      "a kernel package that is not there",
      { kernel: { package: "linux-image-tset" } },
      "apt/unknown-package",
      "linux-image-test",
    ],
    ["a version that is not there", { packages: ["hello=3.*"] }, "apt/version-not-found", "2.10-3"],
  ])("%s", async ([, input, code, named]) => {
    expect(await expectError({ input }, code)).toContain(named);
  });

  it("a kernel image that does not match its modules", async () => {
    writeFileSync(join(scene.directory, "bzImage"), makeKernel());
    writeFiles(scene.directory, {
      "modules/lib/modules/6.1.0/modules.order": "",
      "modules/lib/modules/6.1.0/modules.builtin": "",
    });
    const input = { kernel: { image: "bzImage", modulesFrom: "modules", modules: [] } } as Partial<ImageInput>;
    const text = await expectError({ input }, "kernel/version-mismatch");
    expect(text).toContain("6.1.0");
    expect(text).toContain(RELEASE);
  });

  it("a kernel image that is none", async () => {
    writeFiles(scene.directory, { bzImage: "no kernel" });
    await expectError(
      { input: { kernel: { image: "bzImage", modules: [] } } as Partial<ImageInput> },
      "uki/kernel-invalid",
    );
  });

  it("a template that uses a name which is not there", async () => {
    writeFiles(scene.directory, { "extra/etc/motd.mustache": "Hello {{name}}\n", "data.json": "{}" });
    const text = await expectError(
      { input: { extraTrees: ["extra"], templates: { data: "data.json" } } },
      "template/key-missing",
    );
    expect(text).toContain("name");
    expect(text).toContain("etc/motd.mustache");
  });

  it("a variable of the host that is not set", async () => {
    await expectError({ input: { environment: { TOKEN: { fromHost: true } } } }, "recipe/environment-missing");
  });

  it("a script that fails: its last words", async () => {
    writeFiles(scene.directory, { post: "#!/bin/sh\necho no good >&2\nexit 3\n" });
    expect(await expectError({ input: { scripts: { postinst: ["post"] } } }, "script/failed", { exit: 1 })).toMatch(
      /status 3.*no good/s,
    );
  });

  it("a script for another interpreter", async () => {
    writeFiles(scene.directory, { post: "#!/usr/bin/python3\nprint(1)\n" });
    expect(await expectError({ input: { scripts: { postinst: ["post"] } } }, "script/interpreter")).toContain(
      "/usr/bin/python3",
    );
  });
});

describe("a maintainer script that", () => {
  const hello = PACKAGES.find(({ name }) => name === "hello")!;
  const withPostinst = (text: string): Promise<Scene> =>
    openScene([{ ...hello, scripts: { postinst: `#!/bin/sh\nset -e\n${text}\n` } }]);

  it("calls a program which is there but neither a shell program nor emulated stops the build, even under || true", async () => {
    const text = await expectError({}, "shell/unsupported-command", {
      exit: 1,
      on: await withPostinst("hello --version || true"),
    });
    expect(text).toMatch(/postinst of hello: line 3 .*\/usr\/bin\/hello/);
  });

  it("calls a program that is not there gets 127, as in dash", async () => {
    const on = await withPostinst('nonesuch || echo "$?" > /status\n[ "$(cat /status)" = 127 ]');
    expect((await on.build()).paths).toContain("/status");
  });

  it("never ends is stopped", async () => {
    expect(
      await expectError({}, "shell/limit-exceeded", { exit: 1, on: await withPostinst("while :; do :; done") }),
    ).toContain("postinst");
  });

  it("grows a variable without bound is stopped", async () => {
    await expectError({}, "shell/limit-exceeded", { exit: 1, on: await withPostinst("x=x\nwhile :; do x=$x$x; done") });
  });

  it("writes without bound is stopped", async () => {
    const text = "x=x\ni=0\nwhile [ $i -lt 20 ]; do x=$x$x i=$((i + 1)); done\nwhile :; do echo $x >> /big; done";
    await expectError({}, "shell/limit-exceeded", { exit: 1, on: await withPostinst(text) });
  });

  it("calls itself without end is stopped", async () => {
    await expectError({}, "shell/limit-exceeded", { exit: 1, on: await withPostinst("f() { f; }\nf") });
  });

  it("fails: package, script and status", async () => {
    expect(
      await expectError({}, "configure/script-failed", { exit: 1, on: await withPostinst("echo bad >&2\nexit 9") }),
    ).toMatch(/hello.*postinst.*status 9 near line 4 of .*hello\.postinst.*bad/s);
  });
});

describe("after all of that", () => {
  it("the cache that the failed builds shared still serves a sound one, with the bytes of an empty cache", async () => {
    const expected = await scene.build();
    const { sums } = await scene.build({ options: { cacheDir: sharedCache }, lock: expected.lock });
    expect(sums).toEqual(expected.sums);
  });
});
