import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openScene, type Scene, scratchDirectory, writeFiles } from "./image-fixture.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const TREE: Readonly<Record<string, string>> = {
  "extra/usr/bin/tool": "#!/bin/sh\necho tool\n",
  "extra/etc/tool.conf": "a=1\n",
  "extra/etc/motd.mustache": "Hello {{name}} <&>\n",
  "skeleton/etc/issue": "From the skeleton\n",
  "data.json": '{"name": "world"}\n',
  "scripts/postinst":
    '#!/bin/sh\nset -e\nmkdir -p "$BUILDROOT/etc/made"\necho "$IMAGE_ID $IMAGE_VERSION" > "$BUILDROOT/etc/made/by-script"\n',
};

const INPUT = {
  version: "1.0",
  hostname: "box",
  skeletonTrees: ["skeleton"],
  extraTrees: ["extra"],
  templates: { data: "data.json" },
  users: [{ name: "reth", system: true, home: "/nonexistent", shell: "/bin/false" }],
  groups: [{ name: "eth", system: true, gid: 980 }],
  permissions: { "/etc/tool.conf": { mode: "0600", owner: "reth" } },
  scripts: { postinst: ["scripts/postinst"] },
  removeFiles: ["/usr/share/doc"],
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
  writeFiles(scene.directory, TREE);
});

describe("a whole image", () => {
  it("has the golden bytes: a change of them needs a line in CHANGELOG.md", async () => {
    expect((await scene.build({ input: INPUT })).sums).toMatchInlineSnapshot(`
      {
        "cpio": "c8fb1ad856e0fa0bf1ccd4ba577117bd48fb5d7bad80ec3581b061d0c4be0dbb",
        "initrd": "40748fcbe4ec4bce2334470488bf2c6f912ef22bde4931464bd642c275ea300c",
        "kernel": "89221eee47d5a085de9aaf02097430c85b057314c5358153d14766777a7ee4c1",
        "tar": "1ad20914544568f80e7239a1c17e1e336f970d1fed69f3b243d7bb014f99568b",
        "uki": "81a4a410644e55c480d6b0ee131ed959668cc6387f38d050813b7a2640e5856a",
      }
    `);
  });

  it("is the same with any number of workers, a cold or a warm cache, and a lock that was read", async () => {
    const first = await scene.build({ input: INPUT });
    const others = [
      await scene.build({ input: INPUT }),
      await scene.build({ input: INPUT, lock: first.lock }),
      await scene.build({ input: INPUT, options: { jobs: 1, cacheDir: scratchDirectory() } }),
      await scene.build({ input: INPUT, options: { jobs: 2, cacheDir: scratchDirectory() } }),
      await scene.build({ input: INPUT, options: { jobs: 4, cacheDir: scratchDirectory() } }),
    ];
    for (const other of others) {
      expect(other.sums).toEqual(first.sums);
      expect(other.manifest).toBe(first.manifest);
      expect(other.lock).toEqual(first.lock);
    }
  });

  it("comes out of the cache offline", async () => {
    const first = await scene.build({ input: INPUT });
    const asked = scene.server.requests.length;
    const again = await scene.build({ input: INPUT, lock: first.lock, options: { offline: true } });
    expect(again.sums).toEqual(first.sums);
    expect(scene.server.requests.length).toBe(asked);
  });

  it("does not depend on the recipe's directory, the checkout's modes, or the umask", async () => {
    const first = await scene.build({ input: INPUT });
    const elsewhere = join(scratchDirectory(), "a directory", "with spaces, ünïcode");
    mkdirSync(elsewhere, { recursive: true });
    writeFiles(elsewhere, TREE);
    // What a checkout under umask 0077 and one under umask 0002 leave.
    for (const path of ["extra/etc/tool.conf", "extra/etc/motd.mustache", "skeleton/etc/issue"])
      chmodSync(join(elsewhere, path), 0o600);
    for (const path of ["extra/usr/bin/tool", "extra", "extra/etc", "skeleton"])
      chmodSync(join(elsewhere, path), 0o700);
    const tight = await scene.build({
      input: INPUT,
      directory: elsewhere,
      lock: first.lock,
      options: { cacheDir: scratchDirectory() },
    });
    for (const path of ["extra/etc/tool.conf", "skeleton/etc/issue"]) chmodSync(join(elsewhere, path), 0o664);
    for (const path of ["extra/usr/bin/tool", "extra", "extra/etc"]) chmodSync(join(elsewhere, path), 0o775);
    const loose = await scene.build({ input: INPUT, directory: elsewhere, lock: first.lock });
    expect(tight.sums).toEqual(first.sums);
    expect(loose.sums).toEqual(first.sums);
    expect(tight.manifest).toBe(first.manifest);
  });

  it("differs when a file of a tree differs, or its executable bit", async () => {
    const first = await scene.build({ input: INPUT });
    chmodSync(join(scene.directory, "extra/etc/tool.conf"), 0o755);
    const executable = await scene.build({ input: { ...INPUT, permissions: {} }, lock: first.lock });
    chmodSync(join(scene.directory, "extra/etc/tool.conf"), 0o644);
    const plain = await scene.build({ input: { ...INPUT, permissions: {} }, lock: first.lock });
    writeFiles(scene.directory, { "extra/etc/tool.conf": "a=2\n" });
    const changed = await scene.build({ input: { ...INPUT, permissions: {} }, lock: first.lock });
    expect(new Set([executable, plain, changed].map((built) => built.sums["tar"])).size).toBe(3);
    expect(new Set([executable, plain, changed].map((built) => built.sums["uki"])).size).toBe(3);
    // The kernel is what it was.
    expect(changed.sums["kernel"]).toBe(first.sums["kernel"]);
  });

  it("makes only the formats asked for, with the bytes they have beside others", async () => {
    const all = await scene.build({ input: INPUT });
    for (const format of ["tar", "cpio", "initrd", "kernel", "uki"] as const) {
      const { sums } = await scene.build({ input: INPUT, lock: all.lock, formats: [format] });
      expect(sums).toEqual({ [format]: all.sums[format] });
    }
  });

  it("follows a link in a tree as a link", async () => {
    symlinkSync("tool.conf", join(scene.directory, "extra/etc/alias"));
    const { paths } = await scene.build({ input: INPUT });
    expect(paths).toContain("/etc/alias");
  });
});

describe("the environment of the process", () => {
  const saved = { ...process.env };
  const umask = process.umask();
  afterEach(() => {
    process.env = { ...saved };
    process.umask(umask);
  });

  it("changes nothing: umask, time zone, locale, home", async () => {
    const first = await scene.build({ input: INPUT });
    Object.assign(process.env, {
      TZ: "Pacific/Kiritimati",
      LANG: "tr_TR.UTF-8",
      LC_ALL: "tr_TR.UTF-8",
      HOME: "/nonexistent",
      PATH: "",
      SOURCE_DATE_EPOCH: "12345",
    });
    process.umask(0o077);
    const other = await scene.build({ input: INPUT, lock: first.lock, options: { cacheDir: scratchDirectory() } });
    expect(other.sums).toEqual(first.sums);
    expect(other.manifest).toBe(first.manifest);
  });
});
