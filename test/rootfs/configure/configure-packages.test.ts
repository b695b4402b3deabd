import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { contentOfByteString, type FileContent } from "#dist/bytes/content.js";
import { defineImage } from "#dist/config/load-recipe.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import {
  type ConfigureEvent,
  type ConfigureOptions,
  configurePackages,
} from "#dist/rootfs/configure/configure-packages.js";
import type { Command } from "#dist/rootfs/shell/process.js";
import { textTools } from "#dist/rootfs/shell/tools/table.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { makeArchive, type PackageSpec } from "../package-fixture.js";

const BINARY = { mode: 0o755, content: contentOfByteString("\x7fELF") };

/** A base with the programs that scripts of the tests call. */
const BASE: PackageSpec = {
  name: "base",
  fields: { Essential: "yes" },
  files: {
    "etc/": {},
    "root/": {},
    "usr/bin/dpkg-divert": BINARY,
    "usr/bin/dpkg-trigger": BINARY,
    "usr/bin/show": BINARY,
    bin: "-> usr/bin",
  },
};

/** Writes its arguments and the environment that matters to /root/log. */
const show: Command = (process, args) => {
  const names = [
    "DPKG_MAINTSCRIPT_NAME",
    "DPKG_MAINTSCRIPT_PACKAGE",
    "DPKG_MAINTSCRIPT_ARCH",
    "DPKG_ROOT",
    "DEBIAN_FRONTEND",
    "LC_ALL",
  ];
  const line = [...args.slice(1), ...names.map((name) => process.environment.get(name) ?? "unset")].join("|");
  const known = process.tree.lookup("/root/log") === undefined ? "" : process.tree.readText("/root/log");
  process.tree.write("/root/log", `${known}${line}\n`);
  return 0;
};

function configure(
  base: readonly PackageSpec[],
  rest: readonly PackageSpec[] = [],
  options: Partial<ConfigureOptions> = {},
): { tree: Tree; result: ReturnType<typeof configurePackages>; events: ConfigureEvent[] } {
  const tree = options.tree ?? new Tree({ epoch: 2000 });
  const events: ConfigureEvent[] = [];
  const stage = (number: 1 | 2) => (spec: PackageSpec) =>
    ({ archive: makeArchive(spec), stage: number, priority: "optional", archiveId: "a", automatic: false }) as const;
  const result = configurePackages({
    tree,
    packages: [...base.map(stage(1)), ...rest.map(stage(2))],
    architecture: "amd64",
    commands: new Map([["show", show]]),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { tree, result, events };
}

const code = (code: string) => expect.objectContaining({ code });
const script = (text: string): string => `#!/bin/sh\nset -e\n${text}\n`;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("scripts run in dpkg's order, with its arguments and environment", () => {
  const one = (name: string, fields: Record<string, string> = {}): PackageSpec => ({
    name,
    fields,
    members: { preinst: script('show "$0" "$@"'), postinst: script('show "$0" "$@"') },
  });
  const { tree, result } = configure(
    [BASE, one("first")],
    [one("zeta", { Depends: "alpha" }), one("alpha", { "Multi-Arch": "same" })],
  );
  const tail = (name: string, which: string): string => `${which}|${name}|amd64||noninteractive|C.UTF-8`;
  expect(tree.readText("/root/log").split("\n")).toEqual([
    `/var/lib/dpkg/tmp.ci/preinst|install|${tail("first", "preinst")}`,
    `/var/lib/dpkg/info/first.postinst|configure||${tail("first", "postinst")}`,
    `/var/lib/dpkg/tmp.ci/preinst|install|${tail("alpha", "preinst")}`,
    `/var/lib/dpkg/tmp.ci/preinst|install|${tail("zeta", "preinst")}`,
    `/var/lib/dpkg/info/alpha:amd64.postinst|configure||${tail("alpha", "postinst")}`,
    `/var/lib/dpkg/info/zeta.postinst|configure||${tail("zeta", "postinst")}`,
    "",
  ]);
  expect(result.scripts.map((run) => `${run.package} ${run.script}`)).toEqual([
    "first preinst",
    "first postinst",
    "alpha preinst",
    "zeta preinst",
    "alpha postinst",
    "zeta postinst",
  ]);
  expect(tree.lookup("/usr/sbin/policy-rc.d")).toBeUndefined();
});

test("the whole of /var/lib/dpkg", () => {
  const { tree } = configure(
    [BASE],
    [
      {
        name: "x",
        version: "0:1.0-1",
        fields: { "Multi-Arch": "same", Depends: "base(>= 0:1) ,  base|nosuch", "X-Field": "y", Essential: "no" },
        files: { "etc/x.conf": "conf\n", "usr/share/x/f": "hello\n", "usr/share/x/g": "=> ./usr/share/x/f" },
        members: {
          conffiles: "/etc/x.conf\nremove-on-upgrade /etc/gone.conf\n",
          triggers: "interest-noawait xtrig\ninterest /usr/share/y\n",
          postinst: script(":"),
        },
      },
    ],
  );
  const read = (path: string): string => tree.readText(`/var/lib/dpkg/${path}`);
  expect(read("status").slice(read("status").indexOf("Package: x"))).toBe(
    "Package: x\nStatus: install ok installed\nMaintainer: A <a@example.org>\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1.0-1\n" +
      "Depends: base (>= 1), base | nosuch\nConffiles:\n /etc/x.conf b9a771b420047cfaa3543e66c78f44f6\n /etc/gone.conf newconffile remove-on-upgrade\n" +
      "Description: package x\n of a test\nX-Field: y\n\n",
  );
  expect(read("info/x:amd64.list")).toBe(
    "/.\n/etc\n/etc/x.conf\n/usr\n/usr/share\n/usr/share/x\n/usr/share/x/f\n/usr/share/x/g\n",
  );
  // dpkg makes md5sums where a package has none, and has the configuration files in it.
  expect(read("info/x:amd64.md5sums")).toBe(
    "b9a771b420047cfaa3543e66c78f44f6  etc/x.conf\nb1946ac92492d2347c6235b4d2611184  usr/share/x/f\nb1946ac92492d2347c6235b4d2611184  usr/share/x/g\n",
  );
  expect(tree.get("/var/lib/dpkg/info/x:amd64.postinst")).toMatchObject({ mode: 0o755, mtime: 1000 });
  expect(tree.lookup("/var/lib/dpkg/info/x:amd64.control")).toBeUndefined();
  expect(tree.lookup("/var/lib/dpkg/tmp.ci")).toBeUndefined();
  expect(read("info/format")).toBe("1\n");
  expect(read("triggers/File")).toBe("/usr/share/y x:amd64\n");
  expect(read("triggers/xtrig")).toBe("x:amd64/noawait\n");
  expect([read("triggers/Unincorp"), read("triggers/Lock"), read("arch"), read("arch-native")]).toEqual([
    "",
    "",
    "amd64\n",
    "amd64\n",
  ]);
  const modes = ["triggers/Lock", "lock", "lock-frontend", "status"].map((name) =>
    tree.get(`/var/lib/dpkg/${name}`).mode.toString(8),
  );
  expect(modes).toEqual(["600", "640", "640", "644"]);
  // The native architecture has a file of its own since dpkg 1.22.16.
  const versions = ["1.21.22", "1.22.16"].map((version) => configure([BASE, { name: "dpkg", version }], []).tree);
  expect(versions.map((made) => made.lookup("/var/lib/dpkg/arch-native") === undefined)).toEqual([true, false]);
});

test("triggers: files of a later package wake the interested one, once, at the end", () => {
  const log = script('show "$@"');
  const { tree } = configure(
    [BASE],
    [
      {
        name: "cache",
        members: { triggers: "interest-noawait /usr/share/fonts/f\ninterest-noawait named\n", postinst: log },
      },
      {
        name: "font",
        fields: { "Pre-Depends": "cache" },
        files: { "usr/share/fonts/f": "x" },
        members: { postinst: script("dpkg-trigger --no-await named") },
      },
    ],
  );
  const lines = tree
    .readText("/root/log")
    .split("\n")
    .map((line) => line.split("|").slice(0, 2).join(" "));
  expect(lines).toEqual(["configure ", "triggered named /usr/share/fonts/f", ""]);
});

test("a diversion of a preinst moves the file that is unpacked next", () => {
  const { tree } = configure(
    [BASE],
    [
      { name: "a", files: { "usr/bin/tool": "a" } },
      {
        name: "b",
        fields: { "Pre-Depends": "a" },
        files: { "usr/bin/tool": "b" },
        members: { preinst: script("dpkg-divert --package b --rename --divert /usr/bin/tool.a --add /usr/bin/tool") },
      },
    ],
  );
  expect([tree.readText("/usr/bin/tool"), tree.readText("/usr/bin/tool.a")]).toEqual(["b", "a"]);
  expect(tree.readText("/var/lib/dpkg/diversions")).toBe("/usr/bin/tool\n/usr/bin/tool.a\nb\n");
});

describe("configuration files", () => {
  const members = { conffiles: "/etc/c\n" };
  const skeleton = (): Tree => {
    const tree = new Tree({ epoch: 2000 });
    tree.mkdirs("/etc");
    tree.write("/etc/c", "mine\n", { mode: 0o600 });
    return tree;
  };

  test.each([1, 2])("a skeleton's file wins in stage %i, and the shipped one's digest is recorded", (stage) => {
    const tree = skeleton();
    const spec = { name: "c", files: { "etc/c": "theirs\n" }, members };
    configure(stage === 1 ? [BASE, spec] : [BASE], stage === 2 ? [spec] : [], { tree });
    expect(tree.readText("/etc/c")).toBe("mine\n");
    expect(tree.get("/etc/c").mode).toBe(0o600);
    expect([...tree.directory("/etc").entries.keys()].filter((name) => name.startsWith("c"))).toEqual(["c"]);
    expect(tree.readText("/var/lib/dpkg/status")).toContain("\n /etc/c 4b60e63c902af33ad002c798dc6b91e6\n");
  });

  test("they are there when postinst runs, not when another package's does", () => {
    const look = script("[ -e /etc/c ] && show there || show missing; [ -e /etc/c.dpkg-new ] && show new || show none");
    const { tree } = configure(
      [BASE],
      [
        { name: "c", fields: { Depends: "d" }, files: { "etc/c": "x" }, members: { ...members, postinst: look } },
        { name: "d", members: { postinst: look } },
      ],
    );
    expect(
      tree
        .readText("/root/log")
        .split("\n")
        .map((line) => line.split("|")[0]),
    ).toEqual(["missing", "new", "there", "none", ""]);
  });
});

function thrownBy(action: () => unknown): AssembleError {
  try {
    action();
  } catch (error) {
    if (error instanceof AssembleError) return error;
    throw error;
  }
  return expect.fail("it succeeded");
}

describe("overrides", () => {
  const postinst = script("exit 3");
  const failing: PackageSpec = { name: "bad", files: { "etc/": {} }, members: { postinst } };
  const override = { package: "bad", script: "postinst", sha256: sha256(postinst), reason: "test" } as const;

  test("a script that fails stops the build, and says what it wrote", () => {
    const loud = { ...failing, members: { postinst: script("echo one; echo two >&2; exit 3") } };
    expect(() => configure([BASE], [loud])).toThrow(code("configure/script-failed"));
    expect(() => configure([BASE], [loud])).toThrow(/bad 1\.0.*postinst \(configure\).*status 3.*\none\ntwo$/s);
  });

  test("a command that is there but not emulated stops it, whatever the script says", () => {
    const spec = { name: "u", files: { "usr/bin/unknown": BINARY }, members: { postinst: script("unknown || true") } };
    expect(() => configure([BASE], [spec])).toThrow(code("shell/unsupported-command"));
  });

  test("what stops it comes with the override to write, and that helps", () => {
    const spec = {
      name: "u",
      version: "1.0",
      files: { "usr/bin/unknown": BINARY },
      members: { postinst: script("true\nif unknown --opt; then echo; fi") },
    };
    const error = thrownBy(() => configure([BASE], [spec]));
    expect(error.message).toBe(
      "Cannot run postinst of u: line 4 of /var/lib/dpkg/info/u.postinst needs /usr/bin/unknown (a binary), a command that is emulated was expected",
    );
    const [said, ...yaml] = (error.hint ?? "").split("\n");
    expect(said).toMatch(/this goes into the recipe/);
    const { overrides } = defineImage({ image: "x", ...(parse(yaml.join("\n")) as object) });
    expect(overrides).toMatchObject([{ package: "u", script: "postinst", effects: [] }]);
    expect(configure([BASE], [spec], { overrides }).result.overrides).toEqual(overrides);
    expect(thrownBy(() => configure([BASE], [failing])).hint).toContain("package: bad\n    script: postinst");
  });

  test("skipping", () => {
    const { result } = configure([BASE], [failing], { overrides: [{ ...override, effects: [] }] });
    expect(result.overrides).toHaveLength(1);
    expect(result.scripts.at(-1)).toMatchObject({ package: "bad", overridden: true });
    expect(result.database.state.packages.get("bad")?.status).toBe("installed");
  });

  test("effects", () => {
    const owner = { owner: "root", group: 7 } as const;
    const { tree } = configure(
      [{ ...BASE, files: { ...BASE.files, "etc/passwd": "root:x:0:0::/:/bin/sh\n", "etc/old": "x" } }],
      [failing],
      {
        overrides: [
          {
            ...override,
            effects: [
              { path: "/etc/new/f", type: "file", content: "ä\n", mode: 0o600, ...owner },
              { path: "/etc/dir", type: "directory", mode: 0o700, ...owner },
              { path: "/etc/link", type: "symlink", target: "/nowhere", ...owner },
              { path: "/etc/old", type: "absent", ...owner },
            ],
          },
        ],
      },
    );
    expect(Buffer.from(tree.read("/etc/new/f")).toString()).toBe("ä\n");
    expect(tree.get("/etc/new/f")).toMatchObject({ mode: 0o600, gid: 7 });
    expect(tree.get("/etc/dir")).toMatchObject({ type: "directory", mode: 0o700 });
    expect(tree.get("/etc/link", { follow: false })).toMatchObject({ target: "/nowhere" });
    expect(tree.lookup("/etc/old")).toBeUndefined();
  });

  test("a config script can be overridden too, and is reported", () => {
    const config = script("exit 9");
    const base = {
      ...BASE,
      files: {
        ...BASE.files,
        "usr/share/debconf/frontend": { mode: 0o755, content: contentOfByteString("#!/usr/bin/perl\n") },
      },
    };
    const spec: PackageSpec = {
      name: "asks",
      fields: { "Multi-Arch": "same" },
      members: {
        config,
        postinst: '#!/bin/sh\n[ "$DEBIAN_HAS_FRONTEND" ] || exec /usr/share/debconf/frontend "$0" "$@"\nexit 0\n',
      },
    };
    expect(() => configure([base], [spec])).toThrow(code("configure/script-failed"));
    const lacking = { ...spec, members: { ...spec.members, config: script("unknown") } };
    const withUnknown = { ...base, files: { ...base.files, "usr/bin/unknown": BINARY } };
    expect(thrownBy(() => configure([withUnknown], [lacking])).hint).toContain(
      `package: asks\n    script: config\n    sha256: ${sha256(lacking.members.config)}`,
    );
    const { result } = configure([base], [spec], {
      overrides: [{ package: "asks", script: "config", sha256: sha256(config), reason: "test", effects: [] }],
    });
    expect(result.scripts.map((run) => [run.script, run.overridden])).toEqual([
      ["postinst", false],
      ["config", true],
    ]);
  });

  test("one for another version of the script, or for none at all, is refused", () => {
    expect(() =>
      configure([BASE], [failing], { overrides: [{ ...override, sha256: sha256("x"), effects: [] }] }),
    ).toThrow(code("configure/override-mismatch"));
    const good = { ...failing, members: {} };
    expect(() => configure([BASE], [good], { overrides: [{ ...override, effects: [] }] })).toThrow(
      code("configure/override-unused"),
    );
  });
});

test("the order in which packages are given does not matter", () => {
  const specs: PackageSpec[] = ["d", "b", "c", "a"].map((name) => ({
    name,
    files: { [`usr/share/${name}`]: name },
    members: { postinst: script(`show ${name}`) },
  }));
  const logs = [specs, [...specs].reverse()].map((rest) => configure([BASE], rest).tree.readText("/root/log"));
  expect(logs[0]).toBe(logs[1]);
});

test("a base alone, and no base at all", () => {
  expect(configure([BASE]).tree.readText("/var/lib/dpkg/status")).toContain("Package: base\n");
  expect(configure([], [BASE]).tree.readText("/var/lib/dpkg/status")).toContain("Status: install ok installed\n");
  expect(configure([]).tree.readText("/var/lib/dpkg/status")).toBe("");
});

describe("contents", () => {
  test("stay where they are: packages are unpacked, and their files copied and moved, unread", () => {
    const content: FileContent = {
      size: 2 ** 40,
      read: () => expect.fail("a content was read"),
      chunks: () => expect.fail("a content was read"),
    };
    const big = { content, md5: "0".repeat(32) };
    const { tree } = configure(
      [BASE],
      [
        {
          name: "a",
          files: {
            "usr/bin/cp": BINARY,
            "usr/bin/mv": BINARY,
            "usr/bin/ln": BINARY,
            "usr/bin/install": BINARY,
            "srv/big": big,
          },
          members: {
            postinst: "#!/bin/sh\ncd /srv\ncp -a big copy\nmv copy moved\nln big link\ninstall -m 600 big installed\n",
          },
        },
      ],
      { commands: textTools },
    );
    for (const name of ["big", "moved", "link", "installed"]) expect(tree.file(`/srv/${name}`).content).toBe(content);
  });
});
