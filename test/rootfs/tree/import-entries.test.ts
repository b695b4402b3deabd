import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentOfByteString } from "#dist/bytes/content.js";
import { readHostDirectory, readHostEntry } from "#dist/io/host-directory.js";
import { importHostEntries, importTarEntries, type TarImportEntry } from "#dist/rootfs/tree/import-entries.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "import-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("a directory of the host", () => {
  test("becomes files of root, whatever umask and owner the checkout has", async () => {
    mkdirSync(join(directory, "usr/bin"), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, "usr/bin/tool"), "x", { mode: 0o700 });
    writeFileSync(join(directory, "conf"), "y", { mode: 0o600 });
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff])]), "bytes");
    symlinkSync("../out", join(directory, "link"));
    const tree = new Tree({ epoch: 42 });
    const entries = await readHostDirectory(directory);
    expect(entries.map((entry) => entry.path)).toEqual(["conf", "link", "usr", "usr/bin", "usr/bin/tool", "\xff"]);
    importHostEntries(tree, entries, { source: "extra", target: "/opt/x" });
    expect(tree.get("/opt/x/usr/bin/tool")).toMatchObject({ mode: 0o755, uid: 0, gid: 0, mtime: 42 });
    expect(tree.get("/opt/x/usr/bin")).toMatchObject({ mode: 0o755 });
    expect(tree.get("/opt/x/conf").mode).toBe(0o644);
    expect(tree.get("/opt/x/link", { follow: false })).toMatchObject({ target: "../out" });
    expect(tree.readText("/opt/x/\xff")).toBe("bytes");
  });

  test("stated mode and owner are for all files", async () => {
    writeFileSync(join(directory, "a"), "x");
    chmodSync(join(directory, "a"), 0o755);
    const tree = new Tree();
    importHostEntries(tree, [await readHostEntry(join(directory, "a"), "b")], {
      source: "a",
      target: "/",
      mode: 0o600,
      uid: 5,
      gid: 6,
    });
    expect(tree.get("/b")).toMatchObject({ mode: 0o600, uid: 5, gid: 6 });
  });

  test("directories that are there keep their mode, also behind a link; files are replaced", async () => {
    mkdirSync(join(directory, "bin"));
    mkdirSync(join(directory, "tmp"));
    writeFileSync(join(directory, "bin/sh"), "new");
    const tree = new Tree();
    tree.mkdirs("/usr/bin");
    tree.mkdir("/tmp", { mode: 0o1777 });
    tree.symlink("usr/bin", "/bin");
    tree.write("/usr/bin/dash", "old");
    tree.symlink("dash", "/usr/bin/sh");
    importHostEntries(tree, await readHostDirectory(directory), { source: "x", target: "/" });
    expect(tree.get("/tmp").mode).toBe(0o1777);
    expect([tree.readText("/usr/bin/sh"), tree.readText("/usr/bin/dash")]).toEqual(["new", "old"]);
    expect(tree.get("/bin", { follow: false }).type).toBe("symlink");
  });

  test("a file where the tree has a directory, and the reverse, are refused", async () => {
    writeFileSync(join(directory, "etc"), "x");
    const tree = new Tree();
    tree.mkdirs("/etc");
    const conflict = expect.objectContaining({ code: "rootfs/import-conflict" });
    const entries = await readHostDirectory(directory);
    expect(() => importHostEntries(tree, entries, { source: "x", target: "/" })).toThrow(conflict);
    tree.write("/file", "x");
    expect(() => importHostEntries(tree, entries, { source: "x", target: "/file/below" })).toThrow(conflict);
    expect(() => importHostEntries(tree, entries, { source: "x", target: "/file" })).toThrow(conflict);
  });

  test("a socket is refused", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(directory, "s"), done));
    await expect(readHostDirectory(directory)).rejects.toMatchObject({ code: "io/unsupported-file" });
    await new Promise((done) => server.close(done));
  });

  test("a large file is read again, and held to its digest", async () => {
    const file = join(directory, "large");
    writeFileSync(file, new Uint8Array((2 << 20) + 5).fill(7));
    const [entry] = await readHostDirectory(directory);
    expect(entry?.content).toMatchObject({ size: (2 << 20) + 5, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(entry?.content?.read(2 << 20)).toEqual(new Uint8Array(5).fill(7));
    expect(entry?.content?.read()).toHaveLength((2 << 20) + 5);
    writeFileSync(file, new Uint8Array((2 << 20) + 5).fill(8));
    expect(() => entry?.content?.read()).toThrow(expect.objectContaining({ code: "io/file-changed" }));
    writeFileSync(file, "short");
    await expect(
      (async () => {
        for await (const chunk of entry!.content!.chunks()) expect(chunk.length).toBeGreaterThan(0);
      })(),
    ).rejects.toMatchObject({ code: "io/file-changed" });
  });
});

describe("a tar", () => {
  const entry = (path: string, rest: Partial<TarImportEntry> = {}): TarImportEntry => ({
    path,
    type: "file",
    mode: 0o640,
    uid: 3,
    gid: 4,
    user: "",
    group: "",
    mtime: 1,
    content: contentOfByteString(path),
    ...rest,
  });

  test("keeps modes, numeric owners, xattrs, devices and hard links", () => {
    const tree = new Tree({ epoch: 9 });
    const xattrs = new Map([["user.a", new Uint8Array([1])]]);
    importTarEntries(
      tree,
      [
        entry("./", { type: "directory", mode: 0o700 }),
        entry("./d/", { type: "directory", mode: 0o2750 }),
        entry("./d/f", { xattrs }),
        entry("./d/g", { type: "hardlink", linkTarget: "./d/f" }),
        entry("./n", { type: "char", major: 1, minor: 3, mode: 0o666 }),
        entry("deep/er/x"),
        entry("l", { type: "symlink", linkTarget: "/d" }),
      ],
      { source: "x.tar", target: "/t" },
    );
    expect(tree.get("/t/d")).toMatchObject({ mode: 0o2750, uid: 3 });
    expect(tree.get("/t/d/f")).toMatchObject({ mode: 0o640, uid: 3, gid: 4, mtime: 9, links: 2, xattrs });
    expect(tree.get("/t/n")).toMatchObject({ type: "char", major: 1, minor: 3 });
    expect(tree.readText("/t/deep/er/x")).toBe("deep/er/x");
    expect(tree.get("/t").mode).toBe(0o755);
  });

  test.each(["/etc/passwd", "../x", "a/../../x", "a\0b"])("the path %j is refused", (path) => {
    expect(() => importTarEntries(new Tree(), [entry(path)], { source: "x.tar", target: "/" })).toThrow(
      expect.objectContaining({ code: "rootfs/import-unsafe" }),
    );
  });

  test("a hard link to nothing is refused", () => {
    const links = [entry("h", { type: "hardlink", linkTarget: "nothing" })];
    expect(() => importTarEntries(new Tree(), links, { source: "x.tar", target: "/" })).toThrow(
      expect.objectContaining({ code: "rootfs/import-conflict" }),
    );
  });
});
