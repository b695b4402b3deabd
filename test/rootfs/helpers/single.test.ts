/**
 * Helpers of single packages: what their programs write, as observed in mmdebstrap's trees of those packages.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { removeLeftOutputs, shippedOverrides } from "#dist/rootfs/helpers/single/left-out.js";
import { NotEmulated } from "#dist/rootfs/shell/process.js";
import { runHelper, treeOf, Unsupported } from "./run-helper.js";

describe("a2enmod", () => {
  const tree = () =>
    treeOf({
      "/etc/apache2/mods-available/base.load": "LoadModule base\n",
      "/etc/apache2/mods-available/top.load": "# Depends: base\n# Conflicts: other\nLoadModule top\n",
      "/etc/apache2/mods-available/top.conf": "",
      "/etc/apache2/mods-available/other.load": "LoadModule other\n",
      "/etc/apache2/mods-enabled/": "",
    });

  it("enables a module with its settings and what it depends on, and marks who did it", () => {
    const made = tree();
    expect(runHelper(made, ["a2enmod", "-m", "-q", "top"])).toMatchObject({
      status: 0,
      out: "Enabling module base.\nEnabling module top.\n",
    });
    expect(made.get("/etc/apache2/mods-enabled/top.conf", { follow: false })).toMatchObject({
      target: "../mods-available/top.conf",
    });
    expect([...made.directory("/var/lib/apache2/module/enabled_by_maint").entries.keys()].sort()).toEqual([
      "base",
      "top",
    ]);
    expect(runHelper(made, ["a2enmod", "top"]).out).toContain("Module top already enabled\n");
  });

  it("refuses a conflict, and what is not there", () => {
    const made = tree();
    runHelper(made, ["a2enmod", "other"]);
    expect(runHelper(made, ["a2enmod", "-q", "top"])).toMatchObject({ status: 1 });
    expect(made.lookup("/etc/apache2/mods-enabled/top.load")).toBeUndefined();
    expect(runHelper(made, ["a2enmod", "none"]).err).toBe("ERROR: Module none does not exist!\n");
  });
});

describe("catalogs", () => {
  it("update-catalog lists centralized catalogs whose files are there", () => {
    const tree = treeOf({
      "/usr/share/sgml-base/catalog.centralized": "-- CATALOG --\n",
      "/usr/share/sgml/x/catalog": "",
      "/var/lib/sgml-base/": "",
      "/etc/sgml/gone.cat": "CATALOG /usr/share/sgml/gone\n",
    });
    runHelper(tree, ["update-catalog", "--quiet", "--add", "/etc/sgml/x.cat", "/usr/share/sgml/x/catalog"]);
    expect(tree.readText("/etc/sgml/x.cat")).toBe("-- /etc/sgml/x.cat --\nCATALOG /usr/share/sgml/x/catalog\n");
    expect(runHelper(tree, ["update-catalog", "--quiet", "--update-super"]).status).toBe(0);
    expect(tree.readText("/var/lib/sgml-base/supercatalog")).toMatch(/--\nCATALOG \/etc\/sgml\/x\.cat\n$/);
  });

  it("update-xmlcatalog writes sorted delegates, and keeps the catalog before", () => {
    const tree = treeOf({
      "/usr/share/xml-core/catalog.header": "<catalog>\n",
      "/usr/share/xml-core/catalog.footer": "</catalog>\n",
      "/l.xml": "",
      "/etc/xml/": "",
      "/var/lib/xml-core/": "",
    });
    const add = (type: string) =>
      runHelper(tree, [
        "update-xmlcatalog",
        "--sort",
        "--add",
        "--type",
        type,
        "--id",
        "i",
        "--package",
        "p",
        "--local",
        "/l.xml",
      ]);
    expect(add("system").status).toBe(0);
    expect(add("public").status).toBe(0);
    const [first, second] = ["Public publicId", "System systemId"].map(
      (words) => `<delegate${words}StartString="i" catalog="file:///l.xml"/>\n`,
    );
    expect(tree.readText("/etc/xml/p.xml")).toBe(`<catalog>\n${first}${second}</catalog>\n`);
    expect(tree.readText("/etc/xml/p.xml.old")).toBe(`<catalog>\n${second}</catalog>\n`);
  });
});

describe("update-desktop-database", () => {
  it("lists the program of each type", () => {
    const tree = treeOf({
      "/usr/share/applications/a.desktop":
        "[Desktop Entry]\nName=a\nMimeType=text/x;image/y;\n[Desktop Action b]\nMimeType=no/no\n",
    });
    runHelper(tree, ["update-desktop-database", "-q"]);
    expect(tree.readText("/usr/share/applications/mimeinfo.cache")).toBe(
      "[MIME Cache]\nimage/y=a.desktop;\ntext/x=a.desktop;\n",
    );
  });
});

describe("su and runuser", () => {
  it("act as the user: what is made is theirs", () => {
    const tree = treeOf({
      "/etc/passwd": "root:x:0:0::/:/bin/sh\npg:x:100:102::/:/bin/sh\n",
      "/etc/group": "pg:x:102:\n",
    });
    tree.mkdirs("/usr/bin");
    tree.write("/usr/bin/pg_updatedicts", "", { mode: 0o755 });
    expect(runHelper(tree, ["runuser", "-u", "pg", "--", "/usr/bin/pg_updatedicts"]).status).toBe(0);
    expect(tree.get("/var/cache/postgresql/dicts")).toMatchObject({ uid: 100, gid: 102 });
    expect(runHelper(tree, ["su", "nobody", "-c", "true"]).err).toContain("user nobody does not exist");
  });
});

describe("small answers", () => {
  it("linux-version lists and orders kernels", () => {
    const tree = treeOf({ "/boot/vmlinuz-6.12.9": "", "/boot/vmlinuz-6.12.10": "", "/boot/config-6.1": "" });
    expect(runHelper(tree, ["linux-version", "list"]).out).toBe("6.12.10\n6.12.9\n");
    expect(runHelper(tree, ["linux-version", "sort"], "6.12.10\n6.12-rc1\n6.12\n6.12.9\n").out).toBe(
      "6.12-rc1\n6.12\n6.12.9\n6.12.10\n",
    );
    expect(runHelper(tree, ["linux-version", "compare", "6.1", "lt", "6.12"]).status).toBe(0);
  });

  it("pg_conftool shows a setting, and fails where it is not set", () => {
    const tree = treeOf({ "/c.conf": "#a = on\nb = 'yes'\n" });
    expect(runHelper(tree, ["pg_conftool", "/c.conf", "show", "-bs", "b"]).out).toBe("on\n");
    expect(runHelper(tree, ["pg_conftool", "/c.conf", "show", "-bs", "a"]).status).toBe(1);
  });

  it("mountpoint knows what mmdebstrap mounts", () => {
    const tree = treeOf({ "/proc/": "", "/srv/": "" });
    expect(runHelper(tree, ["mountpoint", "-q", "/proc"]).status).toBe(0);
    expect(runHelper(tree, ["mountpoint", "-q", "/srv"]).status).toBe(32);
  });

  it("update-rc.d links a unit of the name where there is no systemctl", () => {
    const tree = treeOf({
      "/etc/init.d/x": "### BEGIN INIT INFO\n# Provides: x\n# Default-Start: 2\n# Default-Stop: 0\n### END INIT INFO\n",
      "/etc/rc2.d/": "",
      "/etc/rc0.d/": "",
      "/usr/lib/systemd/system/x.service": "[Install]\nWantedBy=multi-user.target\n",
    });
    runHelper(tree, ["update-rc.d", "x", "defaults"]);
    expect(runHelper(tree, ["update-rc.d", "x", "disable"]).status).toBe(0);
    expect(tree.lookup("/etc/rc2.d/K01x", { follow: false })).toBeDefined();
    runHelper(tree, ["update-rc.d", "x", "enable"]);
    const link = "/etc/systemd/system/multi-user.target.wants/x.service";
    expect(tree.get(link, { follow: false })).toMatchObject({ target: "/usr/lib/systemd/system/x.service" });
  });

  it("iconv refuses what it would have to convert", () => {
    expect(runHelper(treeOf({}), ["iconv", "-f", "UTF-8", "-t", "UTF-8//TRANSLIT"], "\xc3\xa4").out).toBe("\xc3\xa4");
    expect(() => runHelper(treeOf({}), ["iconv", "-f", "LATIN1", "-t", "UTF-8"], "\xe4")).toThrow(Unsupported);
  });
});

describe("programs that ask about what runs", () => {
  it("find nothing, and stop at options that would say something else", () => {
    const run = (...argv: string[]) => runHelper(treeOf({}), argv);
    expect(run("pgrep", "-x", "-u", "root,mysql", "--nslist", "pid", "--ns", "7", "mysqld").status).toBe(1);
    expect(run("pkill", "-TERM", "-x", "cupsd").status).toBe(1);
    expect(run("/bin/pidof", "-c", "-x", "exim4").status).toBe(1);
    expect(run("fuser", "-k", "-TERM", "/var").status).toBe(1);
    expect(run("lsof", "-nt", "/var/lib/mysql").status).toBe(1);
    expect(run("findmnt", "-nvo", "SOURCE", "/boot").status).toBe(1);
    expect(run("bootctl", "--print-esp-path").status).toBe(1);
    for (const argv of [
      ["pgrep", "-c", "x"],
      ["pgrep", "-v", "x"],
      ["pidof", "-V"],
      ["lsof", "-i"],
      ["findmnt", "--fstab"],
    ])
      expect(() => run(...argv), argv.join(" ")).toThrow(Unsupported);
    for (const argv of [
      ["killall5", "-9"],
      ["lvm", "vgscan"],
      ["bootctl", "status"],
      ["bootctl", "install", "--esp-path=/efi"],
      ["exim4", "-bd"],
      ["lpstat", "-t"],
    ])
      expect(() => run(...argv), argv.join(" ")).toThrow(Unsupported);
  });
});

describe("ucfq", () => {
  it("says whose a file is, and whether it was changed", () => {
    const tree = treeOf({
      "/var/lib/ucf/registry": "grub-pc /etc/default/grub\nother /etc/other\n",
      "/var/lib/ucf/hashfile": "d41d8cd98f00b204e9800998ecf8427e  /etc/default/grub\n",
      "/etc/default/grub": "",
    });
    const run = (...argv: string[]) => runHelper(tree, ["ucfq", ...argv]).out;
    expect(run("--with-colons", "/etc/default/grub")).toBe("/etc/default/grub:grub-pc:Yes:No\n");
    expect(run("-w", "other", "/etc/none")).toBe("/etc/none::No:\n/etc/other:other:No:\n");
    tree.write("/etc/default/grub", "x");
    expect(run("-w", "grub-pc")).toBe("/etc/default/grub:grub-pc:Yes:Yes\n");
    expect(() => run("/etc/default/grub")).toThrow(Unsupported);
  });
});

describe("helpztags", () => {
  it("writes the tags of a directory's help, by language", () => {
    const tree = treeOf({
      "/d/a.txt": "*one* x*no*\n see *t/w\\o* *one two*\n",
      "/d/b.dex": "*eins*\n",
      "/d/c.md": "*md*\n",
    });
    expect(runHelper(tree, ["helpztags", "/d", "/none"])).toMatchObject({ status: 0, out: "Processing /d\n" });
    expect(tree.readText("/d/tags")).toBe("one\ta.txt\t/*one*\nt/w\\o\ta.txt\t/*t\\/w\\\\o*\n");
    expect(tree.readText("/d/tags-de")).toBe("eins\tb.dex\t/*eins*\n");
    tree.write("/d/z.txt.gz", "");
    expect(() => runHelper(tree, ["helpztags", "/d"])).toThrow(Unsupported);
  });
});

describe("linux-run-hooks", () => {
  it("runs the directories of hooks that are there", () => {
    const run = (...words: string[]) => runHelper(treeOf({ "/etc/kernel/": "" }), ["linux-run-hooks", ...words]).status;
    expect(run("image", "postinst", "6.12", "/boot/vmlinuz-6.12", "--", "configure")).toBe(0);
    expect(run("headers", "postinst", "6.12", "--", "configure")).toBe(0);
    expect(run("image", "postinst", "6.12", "--", "configure")).toBe(2);
    expect(run("image", "config", "6.12", "/boot/vmlinuz-6.12", "--")).toBe(2);
    expect(run("modules", "postinst", "--")).toBe(2);
  });
});

describe("programs that are left out", () => {
  it("read their work and say what is not made", () => {
    const ran = runHelper(treeOf({}), ["mandb", "-pq"]);
    expect(ran).toMatchObject({
      status: 0,
      err: "mandb: the index of manual pages is not made while an image is built\n",
    });
    expect(runHelper(treeOf({}), ["java", "-version"]).status).toBe(0);
    // Other uses are the shell's to interpret, or to refuse.
    expect(() => runHelper(treeOf({}), ["java", "-jar", "/opt/other.jar"])).toThrow(NotEmulated);
    expect(() => runHelper(treeOf({}), ["update-initramfs", "-u"])).toThrow(NotEmulated);
    expect(runHelper(treeOf({}), ["update-initramfs", "-c", "-k", "6.12", "-b", "/boot"]).status).toBe(0);
  });

  it("leave no files of what they did not print", () => {
    const tree = treeOf({
      "/etc/console-setup/cached_UTF-8_del.kmap.gz": "",
      "/etc/console-setup/cached_ISO_bs.kmap.gz": "made",
      "/etc/console-setup/other.kmap.gz": "",
      "/etc/console-setup/cached_x/y.kmap.gz": "",
    });
    removeLeftOutputs(tree);
    expect([...tree.directory("/etc/console-setup").entries.keys()].sort()).toEqual([
      "cached_ISO_bs.kmap.gz",
      "cached_x",
      "other.kmap.gz",
    ]);
    // All other uses of gzip are the shell's to refuse.
    expect(() => runHelper(treeOf({}), ["gzip", "-9n"])).toThrow(NotEmulated);
  });

  it("are needed by twelve packages of the table of fidelity at most", () => {
    const document = readFileSync(new URL("../../../docs/fidelity.md", import.meta.url), "utf8");
    const rows = [...document.matchAll(/^\| \S+ \| \d+ \| \d+ \| \d+ \| (.*) \| [\d.]* \|$/gm)].map((row) =>
      row[1]!.trim(),
    );
    expect(rows.length).toBeGreaterThan(80);
    const needy = rows.filter((cell) => cell !== "");
    expect(needy.length).toBeLessThanOrEqual(12);
    const programs = shippedOverrides.map(({ program }) => program);
    for (const cell of needy) expect(programs).toEqual(expect.arrayContaining(cell.split(", ")));
  });

  it("are named with their package, their paths and a reason", () => {
    for (const { paths, reason, program } of shippedOverrides) {
      expect(
        paths.every((path) => /^\/[a-z]+\/(?:[a-z-]+\/[^/]+|[a-z]+\.[^/]+)/.test(path)),
        program,
      ).toBe(true);
      expect(reason).not.toBe("");
    }
  });
});

describe("linux-update-symlinks", () => {
  it("links the one kernel, and stops at a second one", () => {
    const tree = treeOf({ "/boot/vmlinuz-6.12": "", "/vmlinuz.old": "" });
    expect(runHelper(tree, ["linux-update-symlinks", "install", "6.12", "/boot/vmlinuz-6.12"]).status).toBe(0);
    for (const [link, target] of [
      ["/vmlinuz", "boot/vmlinuz-6.12"],
      ["/vmlinuz.old", "boot/vmlinuz-6.12"],
      ["/initrd.img", "boot/initrd.img-6.12"],
    ])
      expect(tree.get(link!, { follow: false })).toMatchObject({ target });
    const run = (...words: string[]) => runHelper(tree, ["linux-update-symlinks", ...words]);
    expect(() => run("install", "6.13", "/boot/vmlinuz-6.13")).toThrow(Unsupported);
    expect(() => run("remove", "6.12", "/boot/vmlinuz-6.12")).toThrow(Unsupported);
  });
});

describe("my_print_defaults", () => {
  const run = (files: Readonly<Record<string, string>>, ...words: string[]) =>
    runHelper(treeOf(files), ["my_print_defaults", ...words]).out;

  it("prints the options of groups in the order of the files", () => {
    const file = "[mysqld]\na=1\n  b-c = two words  \nskip\n# x\n; y\n[other]\nz=1\n[server]\ns = \n[mysqld]\na = 3\n";
    expect(run({ "/etc/my.cnf": file }, "--mysqld")).toBe("--a=1\n--b-c=two words\n--skip\n--s=\n--a=3\n");
    expect(run({ "/etc/my.cnf": "[a]\nx=1\n[b]\ny=2\n[a]\nz=3\n" }, "b", "a")).toBe("--x=1\n--y=2\n--z=3\n");
    expect(run({ "/etc/my.cnf": "[ a ]\nx=1\n[b] \ny = 1 = 2\n" }, "a", "b")).toBe("--y=1 = 2\n");
    expect(run({ "/etc/my.cnf": "[a]\nx=1\n" }, "--no-defaults", "a")).toBe("");
  });

  it("reads files and directories that are included", () => {
    const files = {
      "/etc/mysql/my.cnf": "[a]\n!includedir /etc/mysql/conf.d/\nx=1\n!include /etc/inc.cnf\ny=2\n",
      "/etc/inc.cnf": "[a]\nq=1\n",
      "/etc/mysql/conf.d/2.cnf": "[a]\nsecond\n",
      "/etc/mysql/conf.d/1.cnf": "[a]\nfirst\n",
      "/etc/mysql/conf.d/0.txt": "[a]\nnever\n",
    };
    expect(run(files, "a")).toBe("--first\n--second\n--x=1\n--q=1\n--y=2\n");
  });

  it.each([
    ["quotes", "[a]\nx='1'\n"],
    ["comments after a value", "[a]\nx=1 # c\n"],
    ["an option without a group", "x=1\n"],
    ["a server's version", "[mariadb-11.8]\nx=1\n"],
  ])("refuses %s", (_, file) => {
    expect(() => run({ "/etc/my.cnf": file }, "--mariadbd", "a")).toThrow(Unsupported);
  });
});

describe("lvm", () => {
  // As lvm 2.03.31 did, in a chroot without /dev/mapper and without volume groups: nothing but the directory of its locks is made.
  it.each([[], ["-q"], ["-qq"], ["-v"], ["--quiet"]])("vgcfgbackup %s has nothing to save", (...words) => {
    const tree = treeOf({ "/usr/sbin/lvm": "", "/run/lock/": "" });
    expect(runHelper(tree, ["vgcfgbackup", ...words])).toEqual({ status: 0, out: "", err: "" });
    expect(tree.get("/run/lock/lvm")).toMatchObject({ type: "directory", mode: 0o700, uid: 0, gid: 0 });
    expect([...tree.walk()].map(({ path }) => path)).toEqual(
      expect.arrayContaining(["/run", "/run/lock", "/run/lock/lvm"]),
    );
  });

  it("other commands, and a volume group by name, stop the build", () => {
    const tree = treeOf({ "/usr/sbin/lvm": "" });
    for (const argv of [
      ["vgchange", "-ay"],
      ["vgcfgbackup", "group"],
      ["lvm", "vgcfgbackup"],
      ["vgcfgbackup", "-f", "/x"],
    ])
      expect(() => runHelper(tree, argv)).toThrow(Unsupported);
    expect(tree.lookup("/run")).toBeUndefined();
  });
});
