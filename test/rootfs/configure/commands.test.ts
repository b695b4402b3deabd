// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of dpkg and debconf
import { beforeEach, describe, expect, test } from "vitest";
import { addPackage } from "#dist/apt/order/dpkg-state.js";
import { dpkgCommands } from "#dist/rootfs/configure/commands/dpkg-commands.js";
import { patternTest } from "#dist/rootfs/configure/commands/path-pattern.js";
import { installInfoFiles } from "#dist/rootfs/configure/info-files.js";
import { loadDatabase } from "#dist/rootfs/configure/load-database.js";
import { StatusFile } from "#dist/rootfs/configure/status-file.js";
import { createSystem, runScript } from "#dist/rootfs/shell/system.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { DpkgDatabase } from "#dist/rootfs/unpack/dpkg-database.js";
import { unpackPackage } from "#dist/rootfs/unpack/unpack-package.js";
import { makeArchive, type PackageSpec, recordOf } from "../package-fixture.js";

// Expected texts and statuses are those of dpkg 1.22.22.

let tree: Tree;
let database: DpkgDatabase;

beforeEach(() => {
  tree = new Tree();
  for (const path of ["/var/lib/dpkg/info", "/usr/bin", "/etc", "/d"]) tree.mkdirs(path);
  tree.write("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
  tree.write("/etc/group", "root:x:0:\ntty:x:5:\nproxy:x:13:\n");
  database = new DpkgDatabase(tree, "amd64");
});

function installed(spec: PackageSpec, status: "installed" | "unpacked" = "installed"): void {
  const archive = makeArchive(spec);
  const entry = database.begin(recordOf(archive));
  addPackage(database.state, { record: entry.record, triggers: "", hasPostinst: false }).status = status;
  unpackPackage(database, entry, archive);
  installInfoFiles(database, entry, archive);
}

/** Runs shell text; the commands of dpkg are in the tree. */
function sh(
  text: string,
  environment: Record<string, string> = {},
): { status: number; output: string; errors: string } {
  const commands = dpkgCommands(database);
  for (const name of commands.keys())
    if (tree.lookup(`/usr/bin/${name}`) === undefined) tree.write(`/usr/bin/${name}`, "\x7fELF", { mode: 0o755 });
  const system = createSystem({ tree, commands });
  return runScript(
    system,
    { text },
    { location: { owner: "test", script: "test" }, environment: { PATH: "/usr/bin", ...environment } },
  );
}

describe("options that dpkg does not have", () => {
  test("are an error, and those that it has and are not emulated stop", () => {
    const { status, errors } = sh('dpkg --compare-cversions "" lt 2');
    expect(status).toBe(2);
    expect(errors).toMatch(/^dpkg: error: unknown option --compare-cversions\n\nType dpkg --help /);
    expect(() => sh("dpkg --configure -a")).toThrow("needs dpkg --configure");
    expect(() => sh("dpkg --force-all --install x.deb")).toThrow("needs dpkg --force-all");
  });
});

describe("dpkg --compare-versions", () => {
  // Statuses for 1 2, 1 1, 2 1, "" 1, 1 "", "" "".
  test.each([
    ["lt", "0 1 1 0 1 1"],
    ["le", "0 0 1 0 1 0"],
    ["eq", "1 0 1 1 1 0"],
    ["ne", "0 1 0 0 0 1"],
    ["ge", "1 0 0 1 0 0"],
    ["gt", "1 1 0 1 0 1"],
    ["lt-nl", "0 1 1 1 0 1"],
    ["le-nl", "0 0 1 1 0 0"],
    ["ge-nl", "1 0 0 0 1 0"],
    ["gt-nl", "1 1 0 0 1 1"],
    ["'<'", "0 0 1 0 1 0"],
    ["'<<'", "0 1 1 0 1 1"],
    ["'<='", "0 0 1 0 1 0"],
    ["'='", "1 0 1 1 1 0"],
    ["'>='", "1 0 0 1 0 0"],
    ["'>>'", "1 1 0 1 0 1"],
    ["'>'", "1 0 0 1 0 0"],
    ["''", "2 2 2 2 2 2"],
  ])("%s", (operator, statuses) => {
    const pairs = ["1 {} 2", "1 {} 1", "2 {} 1", "'' {} 1", "1 {} ''", "'' {} ''"];
    const calls = pairs.map(
      (pair) => `dpkg --compare-versions ${pair.replace("{}", operator)} 2>/dev/null; printf '%s ' $?`,
    );
    expect(sh(calls.join("\n")).output.trim()).toBe(statuses);
  });

  test("what cannot be compared gives 2, what only Policy forbids a warning", () => {
    expect(sh("dpkg --compare-versions 1 lt").status).toBe(2);
    expect(sh("dpkg --compare-versions '1 x' lt 2").status).toBe(2);
    expect(sh("dpkg --compare-versions a lt 2")).toMatchObject({
      status: 1,
      errors: expect.stringContaining("warning"),
    });
  });
});

test("dpkg answers questions about itself", () => {
  expect(sh("dpkg --print-architecture; dpkg --print-foreign-architectures").output).toBe("amd64\n");
  expect(sh("dpkg --assert-multi-arch && dpkg --assert-protected-field").status).toBe(0);
  expect(sh("dpkg --validate-version -- 1.0-1").status).toBe(0);
  expect(sh("dpkg --validate-version 1:").status).toBe(2);
  expect(sh("dpkg --validate-pkgname A_b").status).toBe(0);
  expect(sh("dpkg --validate-trigname 'a b'").status).toBe(2);
  expect(sh("dpkg --validate-pkgname a/b").status).toBe(2);
  expect(() => sh("dpkg --install x.deb || true")).toThrow(
    expect.objectContaining({ code: "shell/unsupported-command" }),
  );
  expect(() => sh("dpkg -l --root=/target")).toThrow(expect.objectContaining({ code: "shell/unsupported-command" }));
});

describe("dpkg-query", () => {
  beforeEach(() => {
    installed({
      name: "libx1",
      version: "0:2-1+b1",
      fields: { "Multi-Arch": "same", Source: "x (2-1)", Depends: "libc-l10n" },
      files: { "usr/lib/x.so": "x" },
    });
    installed({
      name: "mawk",
      version: "1.3-1",
      fields: { Essential: "yes", Depends: "libx1 (>= 0:1)", Section: "interpreters" },
      files: { "usr/bin/mawk": "m" },
      members: { postinst: "#!/bin/sh\n" },
    });
  });

  test("--show with formats", () => {
    expect(sh("dpkg-query -W").output).toBe("libx1:amd64\t2-1+b1\nmawk\t1.3-1\n");
    const format =
      "${Package}|${binary:Package}|${Status}|${db:Status-Abbrev}|${source:Package}|${source:Version}|${source:Upstream-Version}|${Essential}|${Multi-Arch}|${Nope}|${Package;3}|${Package;-8}|${Depends}\\n";
    expect(sh(`dpkg-query -W -f='${format}' libx1 mawk`).output).toBe(
      "libx1|libx1:amd64|install ok installed|ii |x|2-1|2|no|same||lib|libx1   |libc-l10n\n" +
        "mawk|mawk|install ok installed|ii |mawk|1.3-1|1.3|yes|no||maw|mawk    |libx1 (>= 1)\n",
    );
    expect(sh("dpkg-query -f '${Package}\\n' -W 'm*' libx1:amd64").output).toBe("libx1\nmawk\n");
    expect(sh("dpkg-query -W -f '${b'").status).toBe(2);
  });

  test("what is only mentioned is known, what is not even that is missing", () => {
    expect(sh("dpkg-query -W -f='${binary:Package} ${Status} ${Architecture}\\n' libc-l10n")).toMatchObject({
      status: 0,
      output: "libc-l10n unknown ok not-installed \n",
    });
    expect(sh("dpkg-query -W nosuch mawk")).toMatchObject({
      status: 1,
      output: "mawk\t1.3-1\n",
      errors: "dpkg-query: no packages found matching nosuch\n",
    });
    expect(sh("dpkg-query -W mawk:any").status).toBe(1);
    expect(sh("dpkg -s libc-l10n").status).toBe(1);
  });

  test("--list", () => {
    expect(sh("dpkg -l libc-l10n mawk").output).toBe(
      `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
||/ Name           Version      Architecture Description
+++-==============-============-============-=================================
un  libc-l10n      <none>       <none>       (no description available)
ii  mawk           1.3-1        amd64        package mawk
`,
    );
    installed({ name: "half" }, "unpacked");
    expect(sh("dpkg -l half | tail -n 1 2>/dev/null || dpkg -l half").output).toContain("iU  half ");
  });

  test("--status, --listfiles, --search, --get-selections", () => {
    expect(sh("dpkg -s mawk").output).toBe(
      "Package: mawk\nEssential: yes\nStatus: install ok installed\nSection: interpreters\nMaintainer: A <a@example.org>\n" +
        "Architecture: amd64\nVersion: 1.3-1\nDepends: libx1 (>= 1)\nDescription: package mawk\n of a test\n",
    );
    expect(sh("dpkg -L mawk libx1").output).toBe(
      "/.\n/usr\n/usr/bin\n/usr/bin/mawk\n\n/.\n/usr\n/usr/lib\n/usr/lib/x.so\n",
    );
    expect(sh("dpkg -S /usr/bin/mawk x.so /usr/lib/").output).toBe(
      "mawk: /usr/bin/mawk\nlibx1:amd64: /usr/lib/x.so\nlibx1:amd64: /usr/lib\n",
    );
    expect(sh("dpkg -S nothing").status).toBe(1);
    expect(sh("dpkg --get-selections mawk 'lib*'").output).toBe(
      "mawk\t\t\t\t\t\tinstall\nlibx1:amd64\t\t\t\t\tinstall\n",
    );
  });

  test("--control-path, --control-list, --control-show", () => {
    expect(sh("dpkg-query --control-path mawk postinst").output).toBe("/var/lib/dpkg/info/mawk.postinst\n");
    expect(sh("dpkg-query --control-list mawk").output).toBe("md5sums\npostinst\n");
    expect(sh("dpkg-query --control-show mawk postinst").output).toBe("#!/bin/sh\n");
    expect(sh("dpkg-query --control-path libx1 md5sums").output).toBe("/var/lib/dpkg/info/libx1:amd64.md5sums\n");
  });

  test("a diverted path says so", () => {
    database.diversions.add({ from: "/usr/bin/mawk", to: "/usr/bin/mawk.div", owner: "other" });
    expect(sh("dpkg -S /usr/bin/mawk").output).toBe(
      "diversion by other from: /usr/bin/mawk\ndiversion by other to: /usr/bin/mawk.div\nmawk: /usr/bin/mawk\n",
    );
    expect(sh("dpkg -L mawk").output).toContain("/usr/bin/mawk\ndiverted by other to: /usr/bin/mawk.div\n");
  });

  test("the database comes back from the tree", () => {
    new StatusFile(database).write();
    const before = sh("dpkg -s mawk; dpkg -L libx1; dpkg -S mawk").output;
    database = loadDatabase(tree, "amd64");
    expect(sh("dpkg -s mawk; dpkg -L libx1; dpkg -S mawk").output).toBe(before);
  });
});

describe("dpkg-divert", () => {
  test("adds, leaves, lists and removes", () => {
    tree.write("/d/f", "a");
    expect(sh("dpkg-divert --package foo --divert /d/f.x --rename --add /d/f").output).toBe(
      "Adding 'diversion of /d/f to /d/f.x by foo'\n",
    );
    expect([...tree.directory("/d").entries.keys()]).toEqual(["f.x"]);
    expect(tree.readText("/var/lib/dpkg/diversions")).toBe("/d/f\n/d/f.x\nfoo\n");
    expect(sh("dpkg-divert --package foo --divert /d/f.x --rename --add /d/f").output).toBe(
      "Leaving 'diversion of /d/f to /d/f.x by foo'\n",
    );
    expect(
      sh(
        "dpkg-divert --truename /d/f; dpkg-divert --truename /nope; dpkg-divert --listpackage /d/f; dpkg-divert --listpackage /nope",
      ).output,
    ).toBe("/d/f.x\n/nope\nfoo\n");
    expect(sh("dpkg-divert --list '*/f'; dpkg-divert --list foo; dpkg-divert --list nope").output).toBe(
      "diversion of /d/f to /d/f.x by foo\n".repeat(2),
    );
    expect(sh("dpkg-divert --test --package foo --remove --rename /d/f").output).toBe(
      "Removing 'diversion of /d/f to /d/f.x by foo'\n",
    );
    expect(sh("dpkg-divert --quiet --package foo --remove --rename /d/f").output).toBe("");
    expect([...tree.directory("/d").entries.keys()]).toEqual(["f"]);
    expect(sh("dpkg-divert --remove --no-rename /d/f").output).toBe(
      "No diversion 'any diversion of /d/f', none removed.\n",
    );
    expect(tree.readText("/var/lib/dpkg/diversions")).toBe("");
  });

  test("takes the package of the running script; --package beats --local", () => {
    expect(sh("dpkg-divert --add --no-rename /d/k", { DPKG_MAINTSCRIPT_PACKAGE: "zz" }).output).toBe(
      "Adding 'diversion of /d/k to /d/k.distrib by zz'\n",
    );
    expect(sh("dpkg-divert --local --add --no-rename /d/l", { DPKG_MAINTSCRIPT_PACKAGE: "zz" }).output).toBe(
      "Adding 'local diversion of /d/l to /d/l.distrib'\n",
    );
    expect(sh("dpkg-divert --local --package foo --add --no-rename /d/m").output).toContain("by foo");
    expect(sh("dpkg-divert --listpackage /d/l").output).toBe("LOCAL\n");
  });

  test.each([
    ["--package bar --divert /d/f.x --rename --add /d/f", "clashes with 'diversion of /d/f to /d/f.x by foo'"],
    ["--package foo --divert /d/f.y --no-rename --add /d/f", "clashes with"],
    ["--add --no-rename /d/f.x", "clashes with"],
    ["--divert /d/f.x --add --no-rename /d/other", "clashes with"],
    [
      "--package bar --remove --no-rename /d/f",
      "mismatch on package\n  when removing 'diversion of /d/f by bar'\n  found",
    ],
    ["--package foo --divert /d/f.y --remove --no-rename /d/f", "mismatch on divert-to"],
    ["--add", "--add needs a single argument"],
    ["--add --no-rename rel", 'filename "rel" is not absolute'],
    ["--add --no-rename /d", "cannot divert directories"],
    ["--add --rename /d/g", "rename involves overwriting '/d/g.distrib'"],
  ])("dpkg-divert %s gives 2", (args, message) => {
    tree.write("/d/g", "g");
    tree.write("/d/g.distrib", "other");
    sh("dpkg-divert --package foo --divert /d/f.x --no-rename --add /d/f");
    const result = sh(`dpkg-divert ${args}`);
    expect(result.status).toBe(2);
    expect(result.errors).toContain(message);
    expect(database.diversions.all()).toHaveLength(1);
  });
});

describe("dpkg-statoverride", () => {
  test("adds, updates, lists and removes", () => {
    tree.write("/d/f", "a");
    expect(sh("dpkg-statoverride --list /d/f").status).toBe(1);
    expect(sh("dpkg-statoverride --add root root 0755 /d/f; dpkg-statoverride --list '*f'").output).toBe(
      "root root 755 /d/f\n",
    );
    expect(tree.get("/d/f").mode).toBe(0o644);
    expect(sh("dpkg-statoverride --update --add root root 04711 /d/f").status).toBe(2);
    expect(sh("dpkg-statoverride --update --force-statoverride-add --add root tty 04711 /d/f").status).toBe(0);
    expect(tree.get("/d/f")).toMatchObject({ mode: 0o4711, gid: 5 });
    expect(sh("dpkg-statoverride --add '#12' '#13' 644 /d/q/").status).toBe(0);
    expect(sh("dpkg-statoverride --list /d/q").output).toBe("#12 proxy 644 /d/q\n");
    expect(sh("dpkg-statoverride --add nouser root 644 /d/qq").status).toBe(2);
    expect(sh("dpkg-statoverride --add root root 0999 /x").status).toBe(2);
    expect(sh("dpkg-statoverride --remove /d/f; dpkg-statoverride --remove /d/f").status).toBe(2);
    expect(sh("dpkg-statoverride --force-all --remove /nope").status).toBe(0);
    expect(tree.readText("/var/lib/dpkg/statoverride")).toBe("#12 proxy 644 /d/q\n");
  });
});

test("dpkg-trigger notes a trigger for the package of the script, or for nobody", () => {
  expect(sh("dpkg-trigger x").status).toBe(2);
  expect(sh("dpkg-trigger x", { DPKG_MAINTSCRIPT_PACKAGE: "p" }).status).toBe(0);
  expect(
    sh("dpkg-trigger --no-await /y; dpkg-trigger --by-package=q --no-act z; dpkg-trigger --check-supported").status,
  ).toBe(0);
  expect(database.state.unincorporated).toEqual([
    { trigger: "x", awaiters: ["p"] },
    { trigger: "/y", awaiters: [undefined] },
  ]);
});

test("dpkg-realpath resolves links in the root, also to what is not there", () => {
  tree.write("/usr/bin/dash", "x");
  tree.symlink("usr/bin", "/bin");
  tree.symlink("dash", "/usr/bin/sh");
  tree.symlink("/nowhere/x", "/d/l");
  tree.symlink("/d/b", "/d/a");
  tree.symlink("/d/a", "/d/b");
  expect(
    sh(
      "dpkg-realpath /bin/sh; dpkg-realpath /nosuch; dpkg-realpath /usr/nosuch/x; dpkg-realpath bin/sh; dpkg-realpath /a/../b; dpkg-realpath //usr//bin/./sh; dpkg-realpath /; dpkg-realpath /d/l",
    ).output,
  ).toBe("/usr/bin/dash\n/nosuch\n/usr/nosuch/x\n/usr/bin/dash\n/b\n/usr/bin/dash\n\n/nowhere/x\n");
  expect(sh("dpkg-realpath -z /bin/sh").output).toBe("/usr/bin/dash\0");
  expect(sh("dpkg-realpath /d/a").status).toBe(2);
  expect(sh("dpkg-realpath").status).toBe(2);
});

test("patterns match as fnmatch without flags", () => {
  expect(patternTest("*bin/dpkg-d*")("/usr/bin/dpkg-divert")).toBe(true);
  expect(patternTest("lib[a-c]?")("libb1")).toBe(true);
  expect(patternTest("lib[!a-c]?")("libb1")).toBe(false);
  expect(patternTest("a\\*b")("a*b")).toBe(true);
  expect(patternTest("a.b")("axb")).toBe(false);
  expect(patternTest("[")("[")).toBe(true);
});
