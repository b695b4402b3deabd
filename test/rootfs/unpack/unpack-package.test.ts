import { describe, expect, test } from "vitest";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { DpkgDatabase } from "#dist/rootfs/unpack/dpkg-database.js";
import { unpackPackage } from "#dist/rootfs/unpack/unpack-package.js";
import { makeArchive, makeEntry, type PackageSpec, recordOf } from "../package-fixture.js";

// Expectations marked "dpkg:" were observed with dpkg 1.22.22 and packages of the same content.

function setUp(epoch = 5000): { tree: Tree; database: DpkgDatabase; unpack: (spec: PackageSpec) => string[] } {
  const tree = new Tree({ epoch });
  tree.mkdirs("/var/lib/dpkg");
  const database = new DpkgDatabase(tree, "amd64");
  const unpack = (spec: PackageSpec): string[] => {
    const archive = makeArchive(spec);
    const paths: string[] = [];
    unpackPackage(database, database.begin(recordOf(archive)), archive, { onPath: (path) => paths.push(path) });
    return paths;
  };
  return { tree, database, unpack };
}

const code = (code: string) => expect.objectContaining({ code });

describe("directories", () => {
  test("the first package that ships a directory decides its mode and owner", () => {
    const { tree, unpack } = setUp();
    unpack({ name: "a", files: { "srv/": { mode: 0o700, uid: 7, user: "" } } });
    unpack({ name: "b", files: { "srv/": { mode: 0o755 }, "srv/f": "x" } });
    expect(tree.get("/srv")).toMatchObject({ mode: 0o700, uid: 7 });
  });

  test("a symbolic link to a directory is followed, inside the root (merged /usr)", () => {
    const { tree, database, unpack } = setUp();
    unpack({ name: "base", files: { "usr/bin/": {}, bin: "-> usr/bin" } });
    unpack({ name: "a", files: { "bin/a": "a" } });
    expect(tree.readText("/usr/bin/a")).toBe("a");
    expect(tree.get("/bin", { follow: false }).type).toBe("symlink");
    expect(database.find("a")?.files).toEqual(["/.", "/bin", "/bin/a"]);
  });

  test("dpkg: a symbolic link leaves a directory in its place alone", () => {
    const { tree, unpack } = setUp();
    tree.mkdirs("/usr/share/d");
    unpack({ name: "a", files: { "usr/share/d": "-> else" } });
    expect(tree.get("/usr/share/d", { follow: false }).type).toBe("directory");
  });

  test("dpkg: a directory takes the place of a file or a dangling link of nobody's", () => {
    const { tree, unpack } = setUp();
    tree.write("/f", "x");
    tree.symlink("nowhere", "/l");
    unpack({ name: "a", files: { "f/": {}, "l/": {} } });
    expect(tree.get("/f", { follow: false }).type).toBe("directory");
    expect(tree.get("/l", { follow: false }).type).toBe("directory");
  });

  test("a file where a directory is, is refused", () => {
    const { tree, unpack } = setUp();
    tree.mkdirs("/d/below");
    expect(() => unpack({ name: "a", files: { d: "x" } })).toThrow(code("unpack/directory-in-the-way"));
  });
});

describe("two packages with one path", () => {
  test("is a conflict", () => {
    const { unpack } = setUp();
    unpack({ name: "a", files: { "usr/f": "a" } });
    expect(() => unpack({ name: "c", files: { "usr/f": "c" } })).toThrow(code("unpack/file-conflict"));
  });

  test("dpkg: Replaces takes the file over, and it leaves the other's list", () => {
    const { tree, database, unpack } = setUp();
    unpack({ name: "a", files: { "usr/f": "a", "usr/only": "a" } });
    unpack({ name: "b", fields: { Replaces: "a (<< 2)" }, files: { "usr/f": "b" } });
    expect(tree.readText("/usr/f")).toBe("b");
    expect(database.find("a")?.files).toEqual(["/.", "/usr", "/usr/only"]);
    expect(database.owners("/usr/f").map((owner) => owner.record.name)).toEqual(["b"]);
  });

  test("dpkg: the file of a package that Replaces us stays, and is not in our list", () => {
    const { tree, database, unpack } = setUp();
    unpack({ name: "b", fields: { Replaces: "a" }, files: { "usr/f": "b" } });
    unpack({ name: "a", files: { "usr/f": "a", "usr/only": "a" } });
    expect(tree.readText("/usr/f")).toBe("b");
    expect(database.find("a")?.files).toEqual(["/.", "/usr", "/usr/only"]);
  });

  test("Replaces of another version does not count", () => {
    const { unpack } = setUp();
    unpack({ name: "a", files: { f: "a" } });
    expect(() => unpack({ name: "b", fields: { Replaces: "a (<< 1.0)" }, files: { f: "b" } })).toThrow(
      code("unpack/file-conflict"),
    );
  });

  test("a diversion by one of them settles it; triggers hang on the diverted path", () => {
    const { tree, database, unpack } = setUp();
    unpack({ name: "a", files: { f: "a" } });
    database.diversions.add({ from: "/g", to: "/g.distrib", owner: "c" });
    database.diversions.add({ from: "/f", to: "/f.a", owner: "c" });
    tree.rename("/f", "/f.a");
    unpack({ name: "c", files: { f: "c" } });
    const paths = unpack({ name: "d", files: { g: "d" } });
    expect([tree.readText("/f"), tree.readText("/f.a"), tree.readText("/g.distrib")]).toEqual(["c", "a", "d"]);
    expect(tree.lookup("/g")).toBeUndefined();
    expect(paths).toEqual(["/", "/g.distrib"]);
    expect(database.find("d")?.files).toEqual(["/.", "/g"]);
  });
});

describe("attributes", () => {
  test("owners by name if the tree knows it, else by number; root is 0 anywhere", () => {
    const { tree, unpack } = setUp();
    tree.mkdirs("/etc");
    tree.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nbob:x:77:77::/:/bin/sh\n");
    tree.write("/etc/group", "root:x:0:\nxx:x:44:\n");
    unpack({
      name: "a",
      files: { f: { user: "bob", uid: 123, group: "xx", gid: 456 }, g: { user: "eve", uid: 123, group: "", gid: 456 } },
    });
    expect(tree.get("/f")).toMatchObject({ uid: 77, gid: 44 });
    expect(tree.get("/g")).toMatchObject({ uid: 123, gid: 456 });
  });

  test("times are clamped to the epoch, xattrs kept, devices and fifos made", () => {
    const { tree, unpack } = setUp(500);
    const xattrs = new Map([["security.capability", new Uint8Array([1, 2])]]);
    unpack({
      name: "a",
      files: {
        old: { mtime: 20 },
        young: { mtime: 999, mode: 0o4755, xattrs },
        null: { type: "char", mode: 0o666, major: 1, minor: 3 },
        pipe: { type: "fifo", mode: 0o600 },
      },
    });
    expect(tree.get("/old").mtime).toBe(20);
    expect(tree.get("/young")).toMatchObject({ mtime: 500, mode: 0o4755, xattrs });
    expect(tree.get("/null")).toMatchObject({ type: "char", major: 1, minor: 3, mode: 0o666 });
    expect(tree.get("/pipe")).toMatchObject({ type: "fifo", mode: 0o600 });
  });

  test("dpkg: a stat override goes by the path before diversion", () => {
    const { tree, database, unpack } = setUp();
    tree.mkdirs("/etc");
    tree.write("/etc/group", "root:x:0:\ntty:x:5:\n");
    database.diversions.add({ from: "/f", to: "/f.div", owner: "other" });
    database.statOverrides.add({ path: "/f", user: "root", group: "tty", mode: 0o600 });
    database.statOverrides.add({ path: "/f.div", user: "root", group: "tty", mode: 0o640 });
    database.statOverrides.add({ path: "/only", user: "#12", group: "tty", mode: 0o611 });
    unpack({ name: "a", files: { f: "a", only: "a" } });
    expect(tree.get("/f.div")).toMatchObject({ mode: 0o600, gid: 5, uid: 0 });
    expect(tree.get("/only")).toMatchObject({ mode: 0o611, gid: 5, uid: 12 });
  });

  test("dpkg: hard links follow diversions", () => {
    const { tree, database, unpack } = setUp();
    database.diversions.add({ from: "/d/f", to: "/d/f.div", owner: "other" });
    unpack({ name: "h", files: { "d/f": "h", "d/g": "=> ./d/f" } });
    expect(tree.get("/d/g")).toBe(tree.get("/d/f.div"));
    expect(tree.get("/d/g")).toMatchObject({ links: 2 });
  });
});

describe("configuration files", () => {
  test("wait as .dpkg-new, also where they are hard links, diverted or behind the administrator's link", () => {
    const { tree, database, unpack } = setUp();
    tree.mkdirs("/etc/real");
    tree.write("/etc/real/z", "mine");
    tree.symlink("real/z", "/etc/z");
    database.diversions.add({ from: "/etc/w", to: "/etc/w.div", owner: "other" });
    unpack({
      name: "a",
      files: { "etc/x": "n", "etc/y": "=> ./etc/x", "etc/z": "z", "etc/w": "w" },
      members: { conffiles: "/etc/x\n/etc/y\n/etc/z\n/etc/w\nremove-on-upgrade /etc/gone\n" },
    });
    expect([...tree.directory("/etc").entries.keys()].sort()).toEqual([
      "real",
      "w.div.dpkg-new",
      "x.dpkg-new",
      "y.dpkg-new",
      "z",
    ]);
    expect(tree.get("/etc/x.dpkg-new")).toBe(tree.get("/etc/y.dpkg-new"));
    expect(tree.readText("/etc/real/z.dpkg-new")).toBe("z");
    expect(
      database.find("a")?.conffiles.map((conffile) => [conffile.path, conffile.hash, conffile.removeOnUpgrade]),
    ).toEqual([
      ["/etc/x", "newconffile", false],
      ["/etc/y", "newconffile", false],
      ["/etc/z", "newconffile", false],
      ["/etc/w", "newconffile", false],
      ["/etc/gone", "newconffile", true],
    ]);
  });

  test("a relative path or an unknown flag in the list is refused", () => {
    const { unpack } = setUp();
    expect(() => unpack({ name: "a", members: { conffiles: "etc/x\n" } })).toThrow(code("unpack/bad-conffiles"));
    expect(() => unpack({ name: "b", members: { conffiles: "keep /etc/x\n" } })).toThrow(code("unpack/bad-conffiles"));
  });
});

describe("hostile archives", () => {
  const unpackEntries = (entries: ReturnType<typeof makeEntry>[]): void => {
    const { database, tree } = setUp();
    tree.mkdirs("/etc");
    tree.write("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
    tree.write("/file", "x");
    const archive = { ...makeArchive({ name: "evil" }), entries };
    unpackPackage(database, database.begin(recordOf(archive)), archive);
  };

  test.each([
    ["/etc/passwd", "x"],
    ["./../etc/passwd", "x"],
    ["./usr/../etc/passwd", "x"],
    ["./a//b", "x"],
    ["./x/./y", "x"],
    ["..", "x"],
    ["", "x"],
    ["./a\nb", "x"],
    ["./a\0b", "x"],
    ["./h", "=> ../../etc/shadow"],
    ["./h", "=> /etc/shadow"],
  ])("the path %j (%s) is refused", (path, spec) => {
    expect(() => unpackEntries([makeEntry("./", {}), makeEntry(path, spec)])).toThrow(code("deb/unsafe-path"));
  });

  test("an entry through a symbolic link of the same package is refused", () => {
    for (const target of ["/etc", "../../..", "etc"])
      expect(() => unpackEntries([makeEntry("./l", `-> ${target}`), makeEntry("./l/passwd", "evil")])).toThrow(
        code("deb/unsafe-path"),
      );
  });

  test("an entry through a file, without its directory, or a hard link to nothing is refused", () => {
    expect(() => unpackEntries([makeEntry("./file/x", "x")])).toThrow(code("unpack/no-parent"));
    expect(() => unpackEntries([makeEntry("./nowhere/x", "x")])).toThrow(code("unpack/no-parent"));
    expect(() => unpackEntries([makeEntry("./h", "=> ./nothing")])).toThrow(code("unpack/bad-hard-link"));
    expect(() => unpackEntries([makeEntry("./h", "=> ./etc")])).toThrow(code("unpack/bad-hard-link"));
  });

  test("another package's link that climbs out of the root stays inside", () => {
    const { tree, unpack } = setUp();
    unpack({ name: "a", files: { "usr/out": "-> ../../../.." } });
    unpack({ name: "b", files: { "usr/out/f": "x" } });
    expect(tree.readText("/f")).toBe("x");
  });
});

describe("files that replace another package's", () => {
  test("are taken from its list at once", () => {
    const { database, unpack } = setUp();
    const names = Array.from({ length: 50 }, (_, i) => `srv/f${i}`);
    unpack({ name: "old", files: { "srv/kept": "", ...Object.fromEntries(names.map((name) => [name, "old"])) } });
    const archive = makeArchive({
      name: "new",
      fields: { Replaces: "old" },
      files: Object.fromEntries(names.map((name) => [name, "new"])),
    });
    const changed: string[] = [];
    unpackPackage(database, database.begin(recordOf(archive)), archive, {
      onListChanged: ({ record }) => changed.push(record.name),
    });
    expect(changed).toEqual(["old"]);
    expect(database.find("old")?.files).toEqual(["/.", "/srv", "/srv/kept"]);
    expect(database.owners("/srv/f7").map(({ record }) => record.name)).toEqual(["new"]);
  });
});
