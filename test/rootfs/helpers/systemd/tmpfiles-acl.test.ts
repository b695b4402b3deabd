/**
 * Access control lists of tmpfiles.d, as systemd-tmpfiles 257 sets them: recorded from it, with P once a directory and once a file.
 */
import { describe, expect, it } from "vitest";
import { setMode } from "#dist/rootfs/tree/acl.js";
import type { Tree } from "#dist/rootfs/tree/tree.js";
import { runHelper, treeOf } from "../run-helper.js";

/** What changes: a mode, the access list and `d` the default list; tag, permissions and the id of a named entry in hex. */
interface Case {
  readonly lines: readonly string[];
  readonly refused?: true;
  readonly nodes: Readonly<Record<string, string>>;
}

const cases: readonly Case[] = [
  {
    lines: ["a+ P d:group::r-x,d:group:adm:r-x,group::r-x,group:adm:r-x"],
    nodes: {
      p: "2755; 01000700 04000500 0800050004000000 10000500 20000500; d 01000700 04000500 0800050004000000 10000500 20000500",
      q: "654; 01000600 04000500 0800050004000000 10000500 20000400",
    },
  },
  {
    lines: ["a P u:games:rwx"],
    nodes: {
      p: "2775; 01000700 0200070005000000 04000500 10000700 20000500",
      q: "674; 01000600 0200070005000000 04000000 10000700 20000400",
    },
  },
  { lines: ["a P u:games:rwx,g::r,o:-"], refused: true, nodes: {} },
  {
    lines: ["a+ P user:games:r,mask::r"],
    nodes: {
      p: "2745; 01000700 0200040005000000 04000500 10000400 20000500",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  {
    lines: ["a P default:user:games:rwx"],
    nodes: { p: "2755; d 01000700 0200070005000000 04000500 10000700 20000500" },
  },
  {
    lines: ["a+ P u:games:rX"],
    nodes: {
      p: "2755; 01000700 0200050005000000 04000500 10000500 20000500",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  {
    lines: ["a P u:games:rX,u:1234:w"],
    nodes: {
      p: "2725; 01000700 0200050005000000 02000200d2040000 04000500 10000200 20000500",
      q: "624; 01000600 0200040005000000 02000200d2040000 04000000 10000200 20000400",
    },
  },
  { lines: ["a+ P u:games:rX,u:adm:x"], refused: true, nodes: {} },
  {
    lines: ["a+ P u:games:rX,g:adm:x"],
    nodes: {
      p: "2755; 01000700 0200050005000000 04000500 0800010004000000 10000500 20000500",
      q: "654; 01000600 0200050005000000 04000000 0800010004000000 10000500 20000400",
    },
  },
  {
    lines: ["A+ P d:group:adm:r-x,group:adm:r-X"],
    nodes: {
      p: "2755; 01000700 04000500 0800050004000000 10000500 20000500; d 01000700 04000500 0800050004000000 10000500 20000500",
      "p/f": "640; 01000600 04000400 0800040004000000 10000400 20000000",
      "p/x": "750; 01000700 04000500 0800050004000000 10000500 20000000",
      q: "644; 01000600 04000000 0800040004000000 10000400 20000400",
    },
  },
  { lines: ["a P u::rwx,g::r-x,o::---"], nodes: { p: "2750", q: "750" } },
  { lines: ["a P u:nosuch:rwx"], refused: true, nodes: {} },
  { lines: ["a P nonsense"], refused: true, nodes: {} },
  {
    lines: ["a P u:games:rwx,g:adm:r", "z P 0640"],
    nodes: {
      p: "640; 01000600 0200070005000000 04000500 0800040004000000 10000400 20000000",
      q: "640; 01000600 0200070005000000 04000000 0800040004000000 10000400 20000000",
    },
  },
  {
    lines: ["a P u:games:rwx,u:games:r"],
    nodes: {
      p: "2775; 01000700 0200070005000000 0200040005000000 04000500 10000700 20000500",
      q: "674; 01000600 0200070005000000 0200040005000000 04000000 10000700 20000400",
    },
  },
  { lines: ["a P u:games:"], refused: true, nodes: {} },
  {
    lines: ["a P m::r,u:games:rw"],
    nodes: {
      p: "2745; 01000700 0200060005000000 04000500 10000400 20000500",
      q: "644; 01000600 0200060005000000 04000000 10000400 20000400",
    },
  },
  {
    lines: ["a P u:games:rw,g:adm:rwx,m::x"],
    nodes: {
      p: "2715; 01000700 0200060005000000 04000500 0800070004000000 10000100 20000500",
      q: "614; 01000600 0200060005000000 04000000 0800070004000000 10000100 20000400",
    },
  },
  { lines: ["a P o:r"], refused: true, nodes: {} },
  {
    lines: ["a P o::r,u:games:r"],
    nodes: {
      p: "2744; 01000700 0200040005000000 04000500 10000400 20000400",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  {
    lines: ["a P o::-,g:adm:-"],
    nodes: {
      p: "2700; 01000700 04000500 0800000004000000 10000000 20000000",
      q: "600; 01000600 04000000 0800000004000000 10000000 20000000",
    },
  },
  { lines: ["a P m:r"], refused: true, nodes: {} },
  {
    lines: ["a P g::r,u:games:r"],
    nodes: {
      p: "2745; 01000700 0200040005000000 04000400 10000400 20000500",
      q: "644; 01000600 0200040005000000 04000400 10000400 20000400",
    },
  },
  { lines: ["a P u:games:rwxr"], refused: true, nodes: {} },
  {
    lines: ["a P u:games:wr"],
    nodes: {
      p: "2765; 01000700 0200060005000000 04000500 10000600 20000500",
      q: "664; 01000600 0200060005000000 04000000 10000600 20000400",
    },
  },
  {
    lines: ["a P u:5:r-"],
    nodes: {
      p: "2745; 01000700 0200040005000000 04000500 10000400 20000500",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  { lines: ["a P use:games:r"], refused: true, nodes: {} },
  { lines: ["a P o:r,u:games:r"], refused: true, nodes: {} },
  { lines: ["a P u : games : r"], refused: true, nodes: {} },
  {
    lines: ["a P u:games:r,"],
    nodes: {
      p: "2745; 01000700 0200040005000000 04000500 10000400 20000500",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  {
    lines: ["a P u:games:X"],
    nodes: {
      p: "2715; 01000700 0200010005000000 04000500 10000100 20000500",
      q: "604; 01000600 0200000005000000 04000000 10000000 20000400",
    },
  },
  { lines: ["a P u:games:r,m:r"], refused: true, nodes: {} },
  {
    lines: ["a P u:games:r,g::rwx,m::-"],
    nodes: {
      p: "2705; 01000700 0200040005000000 04000700 10000000 20000500",
      q: "604; 01000600 0200040005000000 04000700 10000000 20000400",
    },
  },
  {
    lines: ["a P d:u:games:r,d:m::rwx,default:o::-"],
    nodes: { p: "2755; d 01000700 0200040005000000 04000500 10000700 20000000" },
  },
  { lines: ["a P u::r"], nodes: { p: "2455", q: "404" } },
  {
    lines: ["a P g::rwx,g:adm:X"],
    nodes: {
      p: "2775; 01000700 04000700 0800010004000000 10000700 20000500",
      q: "674; 01000600 04000700 0800010004000000 10000700 20000400",
    },
  },
  {
    lines: ["a P u:games:-r-"],
    nodes: {
      p: "2745; 01000700 0200040005000000 04000500 10000400 20000500",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  { lines: ["a P u:games:r,other:r--"], refused: true, nodes: {} },
  {
    lines: ["a+ P u:games:rX,u:1234:w"],
    nodes: {
      p: "2775; 01000700 0200050005000000 02000200d2040000 04000500 10000700 20000500",
      q: "664; 01000600 0200040005000000 02000200d2040000 04000000 10000600 20000400",
    },
  },
  { lines: ["a+ P u::r"], nodes: { p: "2455", q: "404" } },
  {
    lines: ["a+ P u:games:r", "a+ P d:u:games:r"],
    nodes: {
      p: "2755; 01000700 0200040005000000 04000500 10000500 20000500; d 01000700 0200040005000000 04000500 10000400 20000500",
      q: "644; 01000600 0200040005000000 04000000 10000400 20000400",
    },
  },
  {
    lines: ["a P u:games:rwx", "a+ P g:adm:r"],
    nodes: {
      p: "2775; 01000700 0200070005000000 04000500 0800040004000000 10000700 20000500",
      q: "674; 01000600 0200070005000000 04000000 0800040004000000 10000700 20000400",
    },
  },
];

const modes = { p: 0o2755, "p/f": 0o640, "p/x": 0o750, q: 0o604 };

function listOf(tree: Tree, path: string, name: string): string {
  const value = tree.get(path).xattrs?.get(`system.posix_acl_${name}`);
  if (value === undefined) return "";
  const hex = Buffer.from(value).toString("hex");
  expect(hex.slice(0, 8)).toBe("02000000");
  return hex
    .slice(8)
    .match(/.{16}/g)!
    .map((entry) => entry.replace("ffffffff", ""))
    .join(" ");
}

function stateOf(tree: Tree, path: string): string {
  const [access, inherited] = [listOf(tree, path, "access"), listOf(tree, path, "default")];
  return [tree.get(path).mode.toString(8), access, inherited && `d ${inherited}`]
    .filter((part) => part !== "")
    .join("; ");
}

describe("systemd-tmpfiles", () => {
  it.each(cases)("sets access control lists: $lines", ({ lines, refused = false, nodes }) => {
    const tree = treeOf({
      "/etc/passwd": "root:x:0:0::/:/bin/sh\ngames:x:5:60::/:/bin/sh\n",
      "/etc/group": "root:x:0:\nadm:x:4:\ngames:x:60:\n",
      "/p/f": "",
      "/p/x": "",
      "/q": "",
      "/usr/lib/tmpfiles.d/x.conf": "",
    });
    for (const [path, mode] of Object.entries(modes)) tree.get(path).mode = mode;
    for (const path of ["/p", "/q"]) {
      const text = lines
        .map((line) => `${line.replace("P", /^[aA]/.test(line) ? `${path} - - - -` : path)}\n`)
        .join("");
      tree.write("/usr/lib/tmpfiles.d/x.conf", text);
      const { status, err } = runHelper(tree, ["systemd-tmpfiles", "--create", "x.conf"]);
      expect([status, err]).toEqual([
        0,
        refused ? expect.stringMatching(/^Failed to parse ACL ".*", ignoring: Invalid argument\n$/) : "",
      ]);
    }
    const expected = Object.entries(modes).map(([path, mode]) => [path, nodes[path] ?? mode.toString(8)]);
    expect(Object.keys(modes).map((path) => [path, stateOf(tree, path)])).toEqual(expected);
  });

  it("leaves the list to say the mode: chmod sets its mask", () => {
    const tree = treeOf({
      "/etc/passwd": "games:x:5:60::/:/bin/sh\n",
      "/etc/group": "",
      "/f": "",
      "/usr/lib/tmpfiles.d/x.conf": "",
    });
    tree.write("/usr/lib/tmpfiles.d/x.conf", "a /f - - - - u:games:rwx\n");
    runHelper(tree, ["systemd-tmpfiles", "--create", "x.conf"]);
    setMode(tree.get("/f"), 0o640);
    expect(stateOf(tree, "/f")).toBe("640; 01000600 0200070005000000 04000400 10000400 20000000");
  });
});
