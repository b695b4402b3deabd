import { describe, expect, it } from "vitest";
import { defineImage, loadRecipe } from "#dist/config/load-recipe.js";
import { errorOf, recipeFiles } from "./recipe-files.js";

const refusal = (text: string, profiles: string[] = []) =>
  errorOf(() => loadRecipe(recipeFiles({ "image.yaml": text }), { profiles }));

/** A recipe of one more line, number 2. */
const cases: readonly (readonly [line: string, code: string, message: RegExp, hint?: RegExp])[] = [
  [
    "pacakges: [a]",
    "recipe/unknown-key",
    /image\.yaml:2:1: "pacakges" is not a key of the recipe, the nearest known key is packages/,
  ],
  [
    "commandLine: [quiet]",
    "recipe/unknown-key",
    /"commandLine" is not a key of the recipe/,
    /there is kernel\.commandLine/,
  ],
  [
    "kernel: { comandLine: [] }",
    "recipe/unknown-key",
    /:2:11: "comandLine" is not a key of kernel, the nearest known key is commandLine/,
  ],
  [
    "users: [{ name: a, uuid: 3 }]",
    "recipe/unknown-key",
    /:2:20: "uuid" is not a key of users\[0\], the nearest known key is uid/,
  ],
  [
    "profiles: { x: { pakages: [] } }",
    "recipe/unknown-key",
    /:2:18: "pakages" is not a key of profiles\.x, the nearest known key is packages/,
  ],
  ["profiles: { x: { profiles: {} } }", "recipe/unknown-key", /"profiles" is not a key of profiles\.x/],
  ["zzzzzzzzzzzz: 1", "recipe/unknown-key", /one of image, version, .* was wanted/],
  [
    "version: 1.0",
    "recipe/invalid-value",
    /:2:10: version is the number 1\.0, a string was wanted/,
    /put it in quotes: "1\.0"/,
  ],
  [
    "permissions: { /a: { mode: 0644 } }",
    "recipe/invalid-value",
    /:2:28: permissions\["\/a"\]\.mode is the number 0644, a string was wanted/,
    /"0644"/,
  ],
  ['permissions: { /a: { mode: "9" } }', "recipe/invalid-value", /mode is "9", a mode in octal/],
  [
    "permissions: { etc/x: { owner: root } }",
    "recipe/invalid-value",
    /:2:16: "etc\/x" is a key of permissions, an absolute path/,
  ],
  ["permissions: { /a: {} }", "recipe/invalid-value", /permissions\["\/a"\] is empty, mode, owner or group was wanted/],
  ["packages:", "recipe/invalid-value", /packages is empty, a list was wanted/],
  ["packages: curl", "recipe/invalid-value", /:2:11: packages is "curl", a list was wanted/],
  ["packages: [[a]]", "recipe/invalid-value", /packages\[0\] is a list, a string was wanted/],
  ["packages: [Curl]", "recipe/invalid-value", /:2:12: packages\[0\] is "Curl", a package such as/],
  ["packages: [-bar=1]", "recipe/invalid-value", /packages\[0\] is "-bar=1"/],
  ["packages: [3]", "recipe/invalid-value", /packages\[0\] is the number 3, a string was wanted/, /"3"/],
  [
    "base: minbsae",
    "recipe/invalid-value",
    /base is "minbsae", one of essential, minbase, none was wanted/,
    /nearest is minbase/,
  ],
  ["architecture: arm64", "recipe/invalid-value", /architecture is "arm64", amd64 was wanted/],
  ["installRecommends: 'no'", "recipe/invalid-value", /installRecommends is "no", true or false was wanted/],
  ["installRecommends: no", "recipe/invalid-value", /installRecommends is "no", true or false was wanted/],
  ["hostname: a_b", "recipe/invalid-value", /a host name/],
  ["hostname: -a", "recipe/invalid-value", /a host name/],
  ["rootPassword: secret", "recipe/invalid-value", /rootPassword is "secret", an object was wanted/],
  ["rootPassword: { hash: secret }", "recipe/invalid-value", /rootPassword\.hash is "secret", a crypt\(5\) hash/],
  [
    "archive: { snapshot: 2026-08-15 }",
    "recipe/invalid-value",
    /snapshot is "2026-08-15", a time such as `20260815T000000Z`/,
  ],
  ["archive: { snapshot: 20260230T000000Z }", "recipe/invalid-value", /a day that exists/],
  [
    "archive: { mirror: ftp://x/debian }",
    "recipe/invalid-value",
    /archive\.mirror is "ftp:\/\/x\/debian", `auto`, a URL/,
  ],
  [
    "archive: { mirror: { debain: http://x/debian } }",
    "recipe/unknown-key",
    /"debain" is not a key of archive\.mirror, the nearest known key is debian/,
  ],
  [
    "archive: { extra: [{ packages: [x] }] }",
    "recipe/missing-key",
    /archive\.extra\[0\]\.suite is missing, a suite was wanted/,
  ],
  ["archive: { extra: [{ suite: x, uri: https://x.example/d }] }", "recipe/missing-key", /signedBy is missing/],
  ["archive: { extra: [{ suite: x, signedBy: k }] }", "recipe/invalid-value", /signedBy is stated without uri/],
  [
    "archive: { signedBy: own.asc, snapshot: 20260815T000000Z }",
    "recipe/conflicting-keys",
    /archive\.snapshot and archive\.signedBy are both stated/,
  ],
  ["debconf: [tzdata]", "recipe/invalid-value", /debconf\[0\] is "tzdata", `owner question type value`/],
  [
    "overrides: [{ package: a, script: postinst, reason: b }]",
    "recipe/missing-key",
    /:2:13: overrides\[0\]\.sha256 is missing/,
  ],
  [
    `overrides: [{ package: a, script: postinst, sha256: ${"ab".repeat(32)}, reason: b }]`,
    "recipe/conflicting-keys",
    /neither skip nor effects/,
  ],
  [
    `overrides: [{ package: a, script: postinst, sha256: ${"AB".repeat(32)}, reason: b, skip: true }]`,
    "recipe/invalid-value",
    /sha256 is "ABAB.*64 lower-case hex/,
  ],
  [
    `overrides: [{ package: a, script: posinst, sha256: ${"ab".repeat(32)}, reason: b, skip: true }]`,
    "recipe/invalid-value",
    /script is "posinst"/,
    /postinst/,
  ],
  [
    `overrides: [{ package: a, script: postinst, sha256: ${"ab".repeat(32)}, reason: b, effects: [{ path: /x, type: fifo }] }]`,
    "recipe/invalid-value",
    /effects\[0\]\.type is "fifo"/,
  ],
  ["extraTrees: [{ target: /x }]", "recipe/missing-key", /extraTrees\[0\]\.source is missing/],
  [
    "extraTrees: [{ source: a, target: ../x }]",
    "recipe/invalid-value",
    /target is "\.\.\/x", an absolute path in the image/,
  ],
  ["users: [{ uid: 1 }]", "recipe/missing-key", /users\[0\]\.name is missing/],
  ["users: [{ name: Root }]", "recipe/invalid-value", /users\[0\]\.name is "Root", a name of lower-case/],
  ["users: [{ name: a, uid: 65535 }]", "recipe/invalid-value", /65535, which/],
  ["users: [{ name: a, uid: -1 }]", "recipe/invalid-value", /an id from 0 up/],
  ["users: [{ name: a, uid: 1.5 }]", "recipe/invalid-value", /uid is the number 1\.5, a whole number was wanted/],
  ['users: [{ name: a, uid: "7" }]', "recipe/invalid-value", /uid is "7", a whole number was wanted/],
  ["users: [{ name: a, gecos: 'a:b' }]", "recipe/invalid-value", /one line without `:`/],
  ["users: [{ name: a, shell: sh }]", "recipe/invalid-value", /shell is "sh", an absolute path/],
  ["users: [{ name: a }, { name: a, uid: 3 }]", "recipe/duplicate-name", /:2:30: users\[1\]\.name is a again/],
  [
    "users: [{ name: a, uid: 3 }, { name: b, uid: 3 }]",
    "recipe/id-collision",
    /:2:46: users\[1\]\.uid is 3 for b and a, an id for each/,
  ],
  ["groups: [{ name: a, gid: 3 }, { name: b, gid: 3 }]", "recipe/id-collision", /groups\[1\]\.gid is 3/],
  ["services: { enable: [a b] }", "recipe/invalid-value", /the name of a service/],
  [
    "scripts: { postinst: [{ run: a, in: chroot }] }",
    "recipe/invalid-value",
    /scripts\.postinst\[0\]\.in is "chroot", one of shell, sandbox/,
  ],
  ["scripts: { build: [{ run: a, in: shell }] }", "recipe/invalid-value", /build scripts run in the sandbox/],
  ["sources: [{ name: a }]", "recipe/missing-key", /git, tarball, path or binary was wanted/],
  ["sources: [{ name: a, git: { url: 'https://x/y' } }]", "recipe/missing-key", /tag, branch or commit/],
  ["sources: [{ name: a, git: { url: 'https://x/y', commit: abc } }]", "recipe/invalid-value", /whole commit id/],
  ["sources: [{ name: a, tarball: { url: 'https://x/y' } }]", "recipe/missing-key", /tarball\.sha256 is missing/],
  [
    "sources: [{ name: a, path: b, tarball: { url: 'https://x/y' } }]",
    "recipe/conflicting-keys",
    /sources\[0\] has tarball and path, one of them/,
  ],
  [
    "sources: [{ name: a, path: b, install: { ../x: /y } }]",
    "recipe/invalid-value",
    /"\.\.\/x" is a key of sources\[0\]\.install, a relative path without/,
  ],
  [
    "kernel: { package: a-b, image: c }",
    "recipe/conflicting-keys",
    /:2:25: kernel has package and image, one of them was wanted/,
  ],
  ["kernel: { version: '6.12' }", "recipe/conflicting-keys", /kernel\.version is stated without kernel\.image/],
  ["kernel: { build: { config: c } }", "recipe/missing-key", /kernel\.build\.source is missing/],
  ["kernel: { package: -foo }", "recipe/invalid-value", /kernel\.package is "-foo"/],
  [
    "kernel: { modules: most }",
    "recipe/invalid-value",
    /kernel\.modules is "most", `all` or a list of modules was wanted/,
  ],
  ["kernel: { modules: [virtio_net.ko] }", "recipe/invalid-value", /without `\.ko`/],
  [
    'kernel: { commandLine: ["a\\tb"] }',
    "recipe/command-line-control-character",
    /:2:25: kernel\.commandLine\[0\] holds the control character U\+0009/,
  ],
  [
    'kernel: { commandLine: [a, "b\\u0085"] }',
    "recipe/command-line-control-character",
    /commandLine\[1\] holds the control character U\+0085/,
  ],
  ["kernel: { commandLine: [a b] }", "recipe/invalid-value", /one word was wanted/, /its own item/],
  [
    `kernel: { commandLine: [${"x".repeat(2000)}, ${"y".repeat(47)}] }`,
    "recipe/command-line-too-long",
    /:2:2027: kernel\.commandLine has 2048 bytes, at most 2047/,
  ],
  [`kernel: { commandLine: [${"ä".repeat(1024)}] }`, "recipe/command-line-too-long", /2048 bytes/],
  ["stub: Systemd", "recipe/invalid-value", /stub is "Systemd", a package or a file/],
  ["root: { size: 5X }", "recipe/invalid-value", /a size such as `512M`/],
  ["root: { size: 512MiB }", "recipe/invalid-value", /a size such as `512M`/],
  ["initrd: { compression: { type: lz4 } }", "recipe/invalid-value", /one of zstd, gzip, none/],
  ["initrd: { compression: { type: gzip, level: 19 } }", "recipe/invalid-value", /level is 19, at most 9 for gzip/],
  ["initrd: { compression: { level: 23 } }", "recipe/invalid-value", /at most 22/],
  ["disk: { partitions: [{ type: rot }] }", "recipe/invalid-value", /a partition type such as/],
  ["removeFiles: [usr/share]", "recipe/invalid-value", /removeFiles\[0\] is "usr\/share", an absolute path/],
  ["removeFiles: ['/usr/[a']", "recipe/invalid-value", /brackets and braces are closed/],
  ["removeFiles: [/usr/../etc]", "recipe/invalid-value", /without `\.\.`/],
  ["sourceDateEpoch: -1", "recipe/invalid-value", /sourceDateEpoch is the number -1, seconds from 0 to 4294967295, or/],
  ["sourceDateEpoch: 4294967296", "recipe/invalid-value", /seconds from 0 to 4294967295/],
  ["sourceDateEpoch: '0'", "recipe/invalid-value", /seconds from 0/],
  ["sourceDateEpoch: { fromHost: true }", "recipe/environment-missing", /SOURCE_DATE_EPOCH is not set/],
  ["seed: 630b5f72", "recipe/invalid-value", /seed is "630b5f72", a UUID was wanted/],
  ["environment: { 1A: b }", "recipe/invalid-value", /"1A" is a key of environment, a variable name/],
  ["environment: { A: 1 }", "recipe/invalid-value", /environment\.A is the number 1, a text, or/, /"1"/],
  ["environment: { A: { secret: true } }", "recipe/missing-key", /fromHost or default was wanted/],
  [
    "environment: { A: { fromhost: true } }",
    "recipe/unknown-key",
    /"fromhost" is not a key of environment\.A, the nearest known key is fromHost/,
  ],
  ["outputs: [uki, iso]", "recipe/invalid-value", /:2:16: outputs\[1\] is "iso", one of uki, kernel/],
  ["outputs: []", "recipe/invalid-value", /outputs is empty/],
  ["outputs: { replace: x }", "recipe/invalid-value", /outputs\.replace is "x", a list was wanted/],
  ["measure: { allow: [Cmdline] }", "recipe/invalid-value", /a word such as/],
  ["secureBoot: { certificate: a }", "recipe/conflicting-keys", /neither key nor signer/],
  ["secureBoot: { key: a, signer: b }", "recipe/conflicting-keys", /key and signer, one of them/],
  ["include: base.yaml", "recipe/invalid-value", /include is "base\.yaml", a list was wanted/],
  ["profiles: [a]", "recipe/invalid-value", /profiles is a list, an object was wanted/],
];

describe("a recipe that does not fit", () => {
  for (const [line, code, message, hint] of cases) {
    it(`${line} → ${code}`, async () => {
      const error = await refusal(`image: x\n${line}\n`);
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(message);
      if (hint !== undefined) expect(error.hint).toMatch(hint);
    });
  }

  it("names the first mistake of several", async () => {
    const error = await refusal("image: x\nversion: 1\npakages: []\nbase: 7\n");
    expect(error.message).toContain("image.yaml:2:10");
  });

  it("has to have a name that is a safe file name", async () => {
    expect(await refusal("packages: []\n")).toMatchObject({
      code: "recipe/missing-key",
      message: expect.stringMatching(/image is missing/),
    });
    for (const name of ["../x", "a/b", ".x", "a b", '"a\\nb"', "''", "a".repeat(101)]) {
      expect(await refusal(`image: ${name}\n`), name).toMatchObject({ code: "recipe/invalid-value" });
    }
    expect(
      await refusal(`image: ${"a".repeat(100)}\nprofiles: { ${"b".repeat(64)}: {}, ${"c".repeat(64)}: {} }\n`, [
        "b".repeat(64),
        "c".repeat(64),
      ]),
    ).toMatchObject({
      message: expect.stringMatching(/output name of 230 bytes/),
    });
  });

  it("is an object", async () => {
    for (const text of ["- a\n", "x\n", "7\n"])
      expect(await refusal(text)).toMatchObject({ code: "recipe/invalid-value" });
  });

  it("names the key of a typed object", async () => {
    // @ts-expect-error a number where a string belongs
    const error = await errorOf(() => defineImage({ image: "x", version: 1 }));
    expect(error).toMatchObject({
      code: "recipe/invalid-value",
      message: "Cannot use defineImage: version is the number 1, a string was wanted",
    });
    // @ts-expect-error a function
    expect(() => defineImage({ image: () => "x" })).toThrow(TypeError);
  });

  it("accepts the border cases", async () => {
    const words = `${"x".repeat(2000)}, ${"y".repeat(46)}`;
    const recipe = await loadRecipe(
      recipeFiles({
        "image.yaml": `image: x
kernel: { commandLine: [${words}, 'a="b c"'] , package: linux-image-amd64/trixie-backports, modules: all }
root: { size: 4096 }
removeFiles: ["/usr/share/{doc,man}/**", "/etc/*-", "/var/log/", "/a[bc]"]
stub: ./my.efi
sourceDateEpoch: { fromHost: true }
`.replace(`, 'a="b c"'`, ""),
      }),
      { environment: { SOURCE_DATE_EPOCH: "1700000000" } },
    );
    expect(recipe.kernel.commandLine).toHaveLength(2);
    expect(recipe.root.sizeBytes).toBe(4096);
    expect(recipe.removeFiles[2]).toBe("/var/log");
    expect(recipe.stub).toMatchObject({ file: { name: "my.efi" } });
    expect(recipe.sourceDateEpoch).toBe(1_700_000_000);
  });

  it("refuses a SOURCE_DATE_EPOCH that is no number of seconds", async () => {
    const directory = recipeFiles({ "image.yaml": "image: x\nsourceDateEpoch: { fromHost: true }\n" });
    for (const epoch of ["", "now", "-1", "99999999999"]) {
      const error = await errorOf(() => loadRecipe(directory, { environment: { SOURCE_DATE_EPOCH: epoch } }));
      expect(error).toMatchObject({
        code: "recipe/invalid-value",
        message: expect.stringContaining(JSON.stringify(epoch)),
      });
    }
  });
});
