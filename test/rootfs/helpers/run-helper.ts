/**
 * Runs helpers on a tree as scripts would, through the shell's own world.
 */
import { helperCommands } from "#dist/rootfs/helpers/table.js";
import type { Command, Process, RunOptions, System } from "#dist/rootfs/shell/process.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { MemoryStream } from "../shell/tools/tool-process.js";

/** What a call of `process.unsupported` throws. */
export class Unsupported extends Error {}

/** What became of a run. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A tree with files by path; the values are contents. */
export function treeOf(files: Readonly<Record<string, string>>, epoch = 0): Tree {
  const tree = new Tree({ epoch });
  for (const [path, text] of Object.entries(files)) {
    tree.mkdirs(path.slice(0, path.lastIndexOf("/")) || "/");
    if (!path.endsWith("/")) tree.write(path, text);
  }
  return tree;
}

/** Runs a helper. */
export function runHelper(tree: Tree, argv: readonly string[], stdin = ""): Ran {
  const out = new MemoryStream();
  const err = new MemoryStream();
  const status = start({ tree, argv, stdin: new MemoryStream(stdin), out, err });
  return { status, out: out.written, err: err.written };
}

interface Start {
  readonly tree: Tree;
  readonly argv: readonly string[];
  readonly stdin: MemoryStream;
  readonly out: MemoryStream;
  readonly err: MemoryStream;
}

const ALIASES: Readonly<Record<string, string>> = {
  addgroup: "adduser",
  delgroup: "deluser",
  modprobe: "kmod",
  vgcfgbackup: "lvm",
  vgchange: "lvm",
};

function start(options: Start): number {
  const { tree, argv } = options;
  const name = argv[0]!.slice(argv[0]!.lastIndexOf("/") + 1);
  const command: Command | undefined = helperCommands.get(ALIASES[name] ?? name);
  if (command === undefined) throw new Error(`no helper ${name}`);
  const system: System = {
    tree,
    commands: helperCommands,
    epoch: tree.epoch,
    machine: { nodename: "localhost", release: "6.12.0", machine: "x86_64" },
    limits: { steps: 1_000_000, bytesWritten: 1 << 26, depth: 100 },
    location: { owner: "test", script: "test", file: "test", line: 1 },
  };
  const process: Process = {
    system,
    tree,
    pid: 1,
    cwd: "/",
    environment: new Map(),
    umask: 0o22,
    files: new Map(),
    stdin: options.stdin,
    stdout: options.out,
    stderr: options.err,
    absolute: (path) => (path.startsWith("/") ? path : `/${path}`),
    run: (args, given) => start({ ...options, tree: given?.tree ?? tree, argv: args }),
    capture: (args: readonly string[], _given?: RunOptions) => {
      const out = new MemoryStream();
      return { status: start({ ...options, argv: args, out }), output: out.written };
    },
    unsupported: (what) => {
      throw new Unsupported(what);
    },
  };
  return command(process, argv);
}
