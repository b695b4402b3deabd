/**
 * update-alternatives. The times were observed with dpkg 1.22: a new link has the time of the file that it is for, a replaced one that of
 * the run.
 */
import { expect, it } from "vitest";
import { runHelper, treeOf } from "./run-helper.js";

const install = (path: string, priority: number, manual: string) => [
  "update-alternatives",
  ...["--install", "/usr/bin/x", "x", path, String(priority)],
  ...["--slave", "/usr/share/x.1", "x.1", manual],
];

it("gives a new link the time of its file, and a replaced one that of the run", () => {
  const tree = treeOf({ "/etc/alternatives/": "", "/var/lib/dpkg/alternatives/": "" }, 50);
  for (const [path, mtime] of [
    ["/usr/bin/a", 10],
    ["/usr/bin/b", 20],
    ["/usr/share/a.1", 11],
    ["/usr/share/b.1", 21],
  ] as const) {
    tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
    tree.write(path, "", { mtime });
  }
  const times = () =>
    ["/usr/bin/x", "/etc/alternatives/x", "/usr/share/x.1", "/etc/alternatives/x.1"].map(
      (path) => tree.get(path, { follow: false }).mtime,
    );
  expect(runHelper(tree, install("/usr/bin/a", 10, "/usr/share/a.1")).status).toBe(0);
  expect(times()).toEqual([10, 10, 11, 11]);
  expect(runHelper(tree, install("/usr/bin/b", 20, "/usr/share/b.1")).status).toBe(0);
  expect(tree.realpath("/usr/bin/x")).toBe("/usr/bin/b");
  expect(times()).toEqual([10, 50, 11, 50]);
});
