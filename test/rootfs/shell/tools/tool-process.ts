/**
 * A process for testing tools without a shell: streams in memory, a tree, and commands found by the base name of argv[0].
 */

import type { Process, RunOptions, Stream, System } from "#dist/rootfs/shell/process.js";
import { textTools } from "#dist/rootfs/shell/tools/table.js";
import { FileSystemError } from "#dist/rootfs/tree/file-system-error.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

/** What `process.unsupported` throws here. */
export class Unsupported extends Error {}

/** A stream that reads from a string and collects what is written. */
export class MemoryStream implements Stream {
  written = "";
  private rest: string;
  constructor(input = "") {
    this.rest = input;
  }
  read(max: number): string {
    const part = this.rest.slice(0, max);
    this.rest = this.rest.slice(part.length);
    return part;
  }
  readLine(): string | undefined {
    if (this.rest === "") return undefined;
    const newline = this.rest.indexOf("\n");
    return this.read(newline < 0 ? this.rest.length : newline + 1);
  }
  write(bytes: string): void {
    this.written += bytes;
  }
  /** What nobody has read. */
  get unread(): string {
    return this.rest;
  }
}

export interface Start {
  readonly tree?: Tree;
  readonly stdin?: Stream;
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly umask?: number;
}

/** A process whose `run` starts the tools of the table. */
export function makeProcess(start: Start = {}): Process {
  const tree = start.tree ?? new Tree();
  const system: System = {
    tree,
    commands: textTools,
    epoch: tree.epoch,
    machine: { nodename: "oracle", release: "6.12.0", machine: "x86_64" },
    limits: { steps: 1_000_000, bytesWritten: 1 << 26, depth: 100 },
    location: { owner: "test", script: "test", file: "test", line: 1 },
  };
  const stdin = start.stdin ?? new MemoryStream();
  const stdout = start.stdout ?? new MemoryStream();
  const stderr = start.stderr ?? new MemoryStream();
  const environment = new Map<string, string>();
  for (const [name, value] of Object.entries(start.environment ?? { PATH: "/usr/bin:/bin", LC_ALL: "C" })) {
    if (value !== undefined) environment.set(name, value);
  }
  const process: Process = {
    system,
    tree,
    pid: 100,
    cwd: start.cwd ?? "/",
    environment,
    umask: start.umask ?? 0o022,
    files: new Map([
      [0, stdin],
      [1, stdout],
      [2, stderr],
    ]),
    stdin,
    stdout,
    stderr,
    absolute: (path) => (path.startsWith("/") ? path : `${process.cwd === "/" ? "" : process.cwd}/${path}`),
    run(argv, options: RunOptions = {}) {
      const command = textTools.get(argv[0]!.replace(/.*\//, ""));
      if (command === undefined) return 127;
      const child = makeProcess({
        tree: options.tree ?? tree,
        stdin: options.stdin ?? process.stdin,
        stdout: options.stdout ?? process.stdout,
        stderr: options.stderr ?? process.stderr,
        cwd: options.cwd ?? process.cwd,
        umask: process.umask,
        environment: { ...Object.fromEntries(process.environment), ...options.environment },
      });
      return command(child, argv);
    },
    capture(argv, options = {}) {
      const output = new MemoryStream();
      const status = process.run(argv, { stdin: new MemoryStream(), ...options, stdout: output });
      return { status, output: output.written };
    },
    unsupported(what) {
      throw new Unsupported(what);
    },
  };
  return process;
}

/** The outcome of one tool. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one tool; what nobody emulates gives status "unsupported". */
export function runTool(argv: readonly string[], start: Start & { readonly input?: string } = {}): Outcome {
  const stdout = new MemoryStream();
  const stderr = new MemoryStream();
  const process = makeProcess({ ...start, stdin: start.stdin ?? new MemoryStream(start.input ?? ""), stdout, stderr });
  const status = process.run(argv);
  return { status, stdout: stdout.written, stderr: stderr.written };
}

export { FileSystemError };
