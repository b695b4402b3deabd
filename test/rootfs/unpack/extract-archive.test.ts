import { expect, test } from "vitest";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { extractArchive } from "#dist/rootfs/unpack/extract-archive.js";
import { makeEntries } from "../package-fixture.js";

const options = (keep: string[] = []) => ({ where: "a 1", keep: new Set(keep) });

test("later archives decide the mode of directories, and replace files", () => {
  const tree = new Tree({ epoch: 5000 });
  extractArchive(tree, makeEntries({ "srv/": { mode: 0o700 }, "srv/f": "1" }), options());
  extractArchive(tree, makeEntries({ "srv/": { mode: 0o755 }, "srv/f": "2" }), options());
  expect(tree.get("/srv").mode).toBe(0o755);
  expect(tree.readText("/srv/f")).toBe("2");
});

test("a symbolic link to a directory is kept where the archive has a directory", () => {
  const tree = new Tree();
  extractArchive(tree, makeEntries({ "usr/bin/": {}, bin: "-> usr/bin" }), options());
  extractArchive(tree, makeEntries({ "bin/": { mode: 0o700 }, "bin/sh": "x" }), options());
  expect(tree.get("/bin", { follow: false }).type).toBe("symlink");
  expect(tree.get("/usr/bin").mode).toBe(0o755);
  expect(tree.readText("/usr/bin/sh")).toBe("x");
});

test("a configuration file of a skeleton tree is left alone, another file is not", () => {
  const tree = new Tree();
  tree.mkdirs("/etc");
  tree.write("/etc/conf", "mine");
  tree.write("/etc/other", "mine");
  extractArchive(tree, makeEntries({ "etc/conf": "theirs", "etc/other": "theirs" }), options(["/etc/conf"]));
  expect([tree.readText("/etc/conf"), tree.readText("/etc/other")]).toEqual(["mine", "theirs"]);
});

test("hard links share a node; the same archive twice changes nothing", () => {
  const tree = new Tree({ epoch: 5000 });
  for (let i = 0; i < 2; i++) extractArchive(tree, makeEntries({ f: "x", g: "=> ./f" }), options());
  expect(tree.get("/f")).toBe(tree.get("/g"));
  expect(tree.get("/f")).toMatchObject({ links: 2 });
});

test("a skeleton's real /bin under a merged /usr is an error with a hint", () => {
  const tree = new Tree();
  tree.mkdirs("/bin");
  tree.write("/bin/tool", "x");
  expect(() => extractArchive(tree, makeEntries({ bin: "-> usr/bin" }), options())).toThrow(
    expect.objectContaining({ code: "unpack/directory-in-the-way", hint: expect.stringContaining("/usr/bin") }),
  );
});

test("directories have the time of the last archive, whatever was put into them", () => {
  const tree = new Tree({ epoch: 5000 });
  extractArchive(tree, makeEntries({ "srv/": { mtime: 100 }, "srv/f": "1" }), options());
  expect(tree.get("/srv").mtime).toBe(100);
  extractArchive(tree, makeEntries({ "srv/": { mtime: 9000 }, "srv/g": "1" }), options());
  expect(tree.get("/srv").mtime).toBe(5000);
});
