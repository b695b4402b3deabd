import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contentOfByteString, type FileContent } from "#dist/bytes/content.js";
import { compareTrees } from "#dist/report/compare-trees.js";
import type { NodeAttributes } from "#dist/rootfs/tree/node.js";
import { deserializeTree, serializeTree } from "#dist/rootfs/tree/serialize-tree.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

function sample(): Tree {
  const tree = new Tree({ epoch: 100 });
  const attributes = (mode: number): NodeAttributes => ({ mode, uid: 1, gid: 2, mtime: 3 });
  tree.mkdirs("/usr/bin", { mode: 0o755 });
  tree.write("/usr/bin/a", "hello", { mode: 0o4755, xattrs: new Map([["user.x", new Uint8Array([0, 255])]]) });
  tree.link("/usr/bin/a", "/usr/bin/b");
  tree.link("/usr/bin/a", "/c");
  tree.symlink("usr/bin", "/bin");
  tree.link("/bin", "/bin2");
  tree.add("/null", { type: "char", major: 1, minor: 3, links: 0, ...attributes(0o666) });
  tree.add("/disk", { type: "block", major: 8, minor: 0, links: 0, ...attributes(0o660) });
  tree.add("/pipe", { type: "fifo", links: 0, ...attributes(0o600) });
  tree.add("/sock", { type: "socket", links: 0, ...attributes(0o600) });
  tree.write("/empty", "");
  tree.write("/caf\xc3\xa9 \xff", "name of any bytes");
  return tree;
}

test("what was written is read back", () => {
  const tree = sample();
  const bytes = serializeTree(tree);
  const back = deserializeTree(bytes);
  expect(compareTrees(tree, back, { exactTimes: true })).toEqual([]);
  expect(back.epoch).toBe(100);
  expect(back.get("/c")).toBe(back.get("/usr/bin/b"));
  expect(back.get("/c")).toMatchObject({ links: 3 });
  expect(Buffer.compare(serializeTree(back), bytes)).toBe(0);
});

test("golden bytes", () => {
  expect(createHash("sha256").update(serializeTree(sample())).digest("hex")).toBe(
    "eb1ebb80985bde6d32b0c38bdcf124d1769f1de4c56c52d93d471f995abf7f37",
  );
});

test("the order in which a tree was made does not show", () => {
  const make = (names: string[]): Uint8Array => {
    const tree = new Tree();
    for (const name of names) tree.write(`/${name}`, name);
    return serializeTree(tree);
  };
  expect(Buffer.compare(make(["b", "a", "c"]), make(["c", "b", "a"]))).toBe(0);
});

test("contents in the cache are kept by reference, with their digests", () => {
  const tree = new Tree();
  const located = (path: string, offset: number, size: number): FileContent => ({
    size,
    digest: "d".repeat(64),
    location: { path, offset },
    read: () => new Uint8Array(size),
    async *chunks() {},
  });
  tree.write("/a", located("/cache/v1/deb/1", 512, 10));
  tree.write("/b", located("/cache/v1/deb/1", 1024, 0));
  tree.write("/c", located("/elsewhere", 7, 3));
  const bytes = serializeTree(tree, { nameFile: (path) => /^\/cache\/v1\/deb\/(.*)$/.exec(path)?.[1] });
  const opened: unknown[] = [];
  const openFile = (name: string, range: { offset: number; size: number }): FileContent => {
    opened.push([name, range]);
    return contentOfByteString("x".repeat(range.size));
  };
  const back = deserializeTree(bytes, { openFile });
  expect(opened).toEqual([
    ["1", { offset: 512, size: 10, digest: "d".repeat(64) }],
    ["1", { offset: 1024, size: 0, digest: "d".repeat(64) }],
  ]);
  expect(back.file("/a").content.digest).toBe("d".repeat(64));
  expect(back.readText("/a")).toBe("x".repeat(10));
  expect(back.read("/c")).toEqual(new Uint8Array(3));
  expect(() => deserializeTree(bytes)).toThrow(RangeError);
});

test("other bytes are refused", () => {
  expect(() => deserializeTree(new Uint8Array(100))).toThrow(RangeError);
  expect(() => deserializeTree(new Uint8Array(0))).toThrow(RangeError);
});

test("any tree comes back", () => {
  const name = fc
    .string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 8,
    })
    .filter((text) => !text.includes("/") && text !== "." && text !== "..");
  const entry = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    content: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const tree = new Tree({ epoch: 7 });
      for (const { path, mode, id, content } of entries) {
        const parent = path.slice(0, -1).join("/");
        try {
          if (parent !== "") tree.mkdirs(`/${parent}`, { mode });
          tree.write(`/${path.join("/")}`, content, { mode, uid: id, gid: id % 1000 });
        } catch {
          // A name that is taken by something else.
        }
      }
      expect(compareTrees(tree, deserializeTree(serializeTree(tree)), { exactTimes: true })).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
