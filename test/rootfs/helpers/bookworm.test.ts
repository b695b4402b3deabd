/**
 * What programs of bookworm do otherwise than trixie's, as observed in mmdebstrap's trees of bookworm.
 */
import { describe, expect, it } from "vitest";
import { perlProbe } from "#dist/rootfs/configure/commands/perl-probe.js";
import { helperCommands } from "#dist/rootfs/helpers/table.js";
import type { Process } from "#dist/rootfs/shell/process.js";
import { createSystem, runCommand } from "#dist/rootfs/shell/system.js";
import { textTools } from "#dist/rootfs/shell/tools/table.js";
import type { Tree } from "#dist/rootfs/tree/tree.js";
import { MemoryStream } from "../shell/tools/tool-process.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

/** Runs a program of the tree; dpkg-query knows the versions that are given. */
function run(
  tree: Tree,
  argv: readonly [string, ...string[]],
  { versions = {}, stdin = "" }: { versions?: Readonly<Record<string, string>>; stdin?: string } = {},
) {
  for (const name of [argv[0], "dpkg-query"]) {
    tree.mkdirs("/usr/bin");
    if (tree.lookup(`/usr/bin/${name}`) === undefined) tree.write(`/usr/bin/${name}`, "", { mode: 0o755 });
  }
  const commands = new Map([
    ...textTools,
    ...helperCommands,
    [
      "dpkg-query",
      (process: Process, args: readonly string[]) => {
        process.stdout.write(versions[args.at(-1)!] ?? "");
        return args.at(-1)! in versions ? 0 : 1;
      },
    ] as const,
    ["perl", perlProbe] as const,
  ]);
  const stdout = new MemoryStream();
  const location = { owner: "x", script: "postinst" };
  const { status } = runCommand(createSystem({ tree, commands }), argv, {
    location,
    stdout,
    stdin: new MemoryStream(stdin),
  });
  return { status, out: stdout.written };
}

describe("usrmerge", () => {
  const tree = () => {
    const made = treeOf(
      {
        "/bin/one": "1",
        "/bin/plain": "p",
        "/usr/bin/other": "o",
        "/lib/x/y/deep": "d",
        "/lib/only/here": "h",
        "/usr/lib/x/z": "z",
        "/lib64/ld.so": "l",
        "/usr/sbin/": "",
      },
      1000,
    );
    for (const { node } of made.walk()) node.mtime = 10;
    made.link("/bin/one", "/bin/two");
    // Links that lead to each other's files, both ways.
    made.symlink("/bin/plain", "/usr/bin/plain");
    made.symlink("../usr/bin/other", "/bin/away");
    made.symlink("/usr/bin/other", "/bin/other");
    return made;
  };

  it("moves everything below /usr, and leaves links", () => {
    const made = tree();
    expect(runHelper(made, ["convert-usrmerge"])).toMatchObject({ status: 0 });
    for (const [path, target] of Object.entries({ "/bin": "usr/bin", "/lib": "usr/lib", "/lib64": "usr/lib64" }))
      expect(made.get(path, { follow: false })).toMatchObject({ type: "symlink", target });
    expect(made.lookup("/sbin", { follow: false })).toMatchObject({ type: "symlink", target: "usr/sbin" });
    expect(made.lookup("/lib32", { follow: false })).toBeUndefined();
    expect(made.readText("/lib/x/y/deep")).toBe("d");
    expect(made.readText("/usr/lib/only/here")).toBe("h");
    expect(made.get("/usr/bin/plain", { follow: false })).toMatchObject({ type: "file", mtime: 10 });
    expect(made.get("/usr/bin/away", { follow: false })).toMatchObject({ target: "../usr/bin/other" });
    // What was there stays, and hard links become files of their own.
    expect(made.readText("/bin/other")).toBe("o");
    expect([made.file("/usr/bin/one").links, made.file("/usr/bin/two").links]).toEqual([1, 1]);
    // Directories that got something have been changed now; those that were moved keep their times.
    expect([made.get("/usr/lib/x").mtime, made.get("/usr/lib/only").mtime]).toEqual([1000, 10]);
    expect(runHelper(made, ["convert-usrmerge"])).toMatchObject({ status: 0 });
  });

  it.each([
    ["two files", { "/bin/a": "1", "/usr/bin/a": "2" }],
    ["a directory and a file", { "/lib/a/b": "1", "/usr/lib/a": "2" }],
    ["a file in the place of a directory", { "/bin": "1", "/usr/bin/": "" }],
  ])("stops at %s", (_, files) => {
    expect(() => runHelper(treeOf(files), ["convert-usrmerge"])).toThrow(Unsupported);
  });

  it("stops at links that lead elsewhere or nowhere", () => {
    for (const target of ["/etc/other", "/none"]) {
      const made = treeOf({ "/usr/bin/a": "2", "/etc/other": "" });
      made.mkdirs("/bin");
      made.symlink(target, "/bin/a");
      expect(() => runHelper(made, ["convert-usrmerge"]), target).toThrow(Unsupported);
    }
    const broken = treeOf({ "/bin/a": "1", "/usr/bin/": "" });
    broken.symlink("/none", "/usr/bin/a");
    expect(() => runHelper(broken, ["convert-usrmerge"])).toThrow(Unsupported);
  });

  it("lists the shells by their new names too", () => {
    const made = treeOf({ "/etc/shells": "# list\n/bin/sh\n/bin/bash\n/usr/bin/bash\n/opt/sh\n" });
    expect(runHelper(made, ["convert-etc-shells"]).status).toBe(0);
    const shells = "# list\n/bin/sh\n/bin/bash\n/usr/bin/bash\n/opt/sh\n/usr/bin/sh\n";
    expect(made.readText("/etc/shells")).toBe(shells);
    runHelper(made, ["convert-etc-shells"]);
    expect(made.readText("/etc/shells")).toBe(shells);
  });
});

describe("bookworm's programs", () => {
  it("chfn keeps the commas of empty fields", () => {
    const chfn = (versions: Readonly<Record<string, string>>) => {
      const made = treeOf({ "/etc/passwd": "x:x:100:100::/:/bin/sh\n" });
      run(made, ["chfn", "-f", "The x", "x"], { versions });
      return made.readText("/etc/passwd").split(":")[4];
    };
    expect(chfn({ passwd: "1:4.13+dfsg1-1+b1" })).toBe("The x,,,");
    expect(chfn({ passwd: "1:4.17.4-2" })).toBe("The x");
  });

  it("systemctl links units of /lib", () => {
    const enabled = (version: number) => {
      const made = treeOf({
        [`/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-${version}.so`]: "",
        "/usr/lib/systemd/system/a.service": "[Install]\nWantedBy=multi-user.target\n",
      });
      made.symlink("usr/lib", "/lib");
      runHelper(made, ["systemctl", "enable", "a.service"]);
      return made.get("/etc/systemd/system/multi-user.target.wants/a.service", { follow: false });
    };
    expect(enabled(252)).toMatchObject({ target: "/lib/systemd/system/a.service" });
    expect(enabled(257)).toMatchObject({ target: "/usr/lib/systemd/system/a.service" });
  });

  it("systemd-hwdb's version is udev's where no library has it", () => {
    const files = { "/usr/lib/udev/hwdb.d/1.hwdb": "a:*\n A=1\n" };
    const versionIn = (tree: Tree) => {
      const bytes = tree.read("/usr/lib/udev/hwdb.bin");
      return new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
    };
    const made = treeOf(files);
    run(made, ["systemd-hwdb", "--usr", "update"], { versions: { udev: "252.39-1~deb12u1" } });
    expect(versionIn(made)).toBe(252);
    expect(() => run(treeOf(files), ["systemd-hwdb", "--usr", "update"])).toThrow(/unknown version/);
  });

  it("perl quotes the lines that ucf gives it, and does nothing else", () => {
    const quote = ["perl", "-nle", 'print "\\Q$_\\E\\n"'] as const;
    expect(run(treeOf({}), [...quote], { stdin: "a/b.c-d_\xe9 x\nq\n\nlast" }).out).toBe(
      "a\\/b\\.c\\-d_\\\xe9\\ x\n\nq\n\n\n\nlast\n\n",
    );
    expect(() => run(treeOf({}), ["perl", "-nle", "print"])).toThrow(/perl -nle print/);
  });

  it("stat tells the root's numbers and the type of its file system, and no others", () => {
    const made = treeOf({ "/f": "" });
    expect(run(made, ["stat", "-c", "%d/%i", "/"]).out).toBe("1/2\n");
    expect(run(made, ["stat", "--file-system", "--format=%T", "/"]).out).toBe("ext2/ext3\n");
    expect(run(made, ["stat", "--file-system", "--format=%T", "/none"])).toMatchObject({ status: 1, out: "" });
    for (const words of [
      ["-c", "%i", "/f"],
      ["-f", "-c", "%i", "/"],
    ])
      expect(() => run(made, ["stat", ...words]), words.join(" ")).toThrow(/stat/);
  });
});
