import { expect, test } from "vitest";
import { compareTrees, exclusionMatches, formatTreeDifference } from "#dist/report/compare-trees.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

function sample(): Tree {
  const tree = new Tree({ epoch: 10 });
  tree.mkdirs("/d");
  tree.write("/d/f", "hello");
  tree.write("/d/g", "x");
  tree.link("/d/g", "/d/h");
  tree.symlink("f", "/d/l");
  tree.add("/d/null", { type: "char", major: 1, minor: 3, links: 0, mode: 0o666, uid: 0, gid: 0, mtime: 0 });
  return tree;
}

const changes: readonly (readonly [kind: string, path: string, change: (tree: Tree) => void])[] = [
  ["only-left", "/d/l", (tree) => tree.unlink("/d/l")],
  ["only-right", "/new", (tree) => tree.write("/new", "")],
  [
    "type",
    "/d/l",
    (tree) => {
      tree.unlink("/d/l");
      tree.write("/d/l", "");
    },
  ],
  [
    "mode",
    "/d/f",
    (tree) => {
      tree.get("/d/f").mode = 0o600;
    },
  ],
  [
    "owner",
    "/d",
    (tree) => {
      tree.get("/d").uid = 1;
    },
  ],
  [
    "group",
    "/d/null",
    (tree) => {
      tree.get("/d/null").gid = 1;
    },
  ],
  ["size", "/d/f", (tree) => tree.write("/d/f", "hello!")],
  ["content", "/d/f", (tree) => tree.write("/d/f", "hallo")],
  [
    "target",
    "/d/l",
    (tree) => {
      tree.unlink("/d/l");
      tree.symlink("g", "/d/l");
    },
  ],
  [
    "device",
    "/d/null",
    (tree) => {
      Object.assign(tree.get("/d/null"), { minor: 4 });
    },
  ],
  [
    "hard-links",
    "/d/g",
    (tree) => {
      tree.unlink("/d/h");
      tree.write("/d/h", "x");
    },
  ],
  [
    "xattrs",
    "/d/f",
    (tree) => {
      tree.get("/d/f").xattrs = new Map([["user.a", new Uint8Array([1])]]);
    },
  ],
  [
    "mtime",
    "/d/f",
    (tree) => {
      tree.get("/d/f").mtime = 11;
    },
  ],
];

test("equal trees have no difference, whatever the order they were made in", () => {
  expect(compareTrees(sample(), sample(), { exactTimes: true })).toEqual([]);
});

test.each(changes)("a difference in %s is found", (kind, path, change) => {
  const other = sample();
  change(other);
  const [first, ...rest] = compareTrees(sample(), other);
  expect(first).toMatchObject({ kind, path });
  expect(rest.every((difference) => difference.kind === "hard-links" && kind === "hard-links")).toBe(true);
  expect(formatTreeDifference(first!)).toContain(path);
});

test("times before the epoch differ only where they are asked for", () => {
  const other = sample();
  other.get("/d/f").mtime = 5;
  expect(compareTrees(sample(), other)).toEqual([]);
  expect(compareTrees(sample(), other, { exactTimes: true })).toMatchObject([
    { kind: "mtime", left: "10", right: "5" },
  ]);
});

test("exclusions: patterns, whole directories, single kinds", () => {
  const other = sample();
  other.write("/d/f", "hallo", { mode: 0o600 });
  other.mkdirs("/x/y");
  const exclude = (pattern: string, kinds?: ["content"]) =>
    compareTrees(sample(), other, {
      exclusions: [
        { pattern, reason: "test", ...(kinds && { kinds }) },
        { pattern: "/x", reason: "test" },
      ],
    });
  expect(exclude("/d/*")).toEqual([]);
  expect(exclude("/d/f", ["content"])).toMatchObject([{ kind: "mode" }]);
  expect(exclude("/f")).toHaveLength(2);
  expect(exclusionMatches("/var/lib/dpkg/*-old", "/var/lib/dpkg/status-old")).toBe(true);
  expect(exclusionMatches("/var/*-old", "/var/lib/status-old")).toBe(false);
  expect(exclusionMatches("/usr/**/__pycache__", "/usr/lib/a/b/__pycache__/x.pyc")).toBe(true);
});
