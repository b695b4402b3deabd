/**
 * Runs tools as the shell runs them: in a process of the shell's, with streams in memory.
 */
import { AssembleError } from "#dist/errors/assemble-error.js";
import { EmulatedProcess } from "#dist/rootfs/shell/emulated-process.js";
import type { Process, Stream } from "#dist/rootfs/shell/process.js";
import { shellCommands } from "#dist/rootfs/shell/shell-command.js";
import { textTools } from "#dist/rootfs/shell/tools/table.js";
import { World } from "#dist/rootfs/shell/world.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

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
  readonly environment?: Readonly<Record<string, string>>;
  readonly umask?: number;
  readonly limits?: { readonly steps?: number; readonly bytesWritten?: number };
}

/** A process in a tree where every tool and shell is in /usr/bin. */
export function makeProcess(start: Start = {}): Process {
  const tree = start.tree ?? new Tree();
  tree.mkdirs("/usr/bin");
  if (tree.lookup("/bin", { follow: false }) === undefined) tree.symlink("usr/bin", "/bin");
  const commands = new Map([...textTools, ...shellCommands]);
  for (const name of commands.keys()) {
    if (tree.lookup(`/usr/bin/${name}`) === undefined) tree.write(`/usr/bin/${name}`, "", { mode: 0o755 });
  }
  const machine = { nodename: "oracle", release: "6.12.0", machine: "x86_64" };
  return new EmulatedProcess({
    system: new World({ tree, commands, machine, limits: { bytesWritten: 1 << 26, ...start.limits } }),
    tree,
    cwd: start.cwd ?? "/",
    environment: new Map(Object.entries(start.environment ?? { LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" })),
    umask: start.umask ?? 0o022,
    files: new Map([
      [0, start.stdin ?? new MemoryStream()],
      [1, start.stdout ?? new MemoryStream()],
      [2, start.stderr ?? new MemoryStream()],
    ]),
  });
}

/** The outcome of one tool. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one tool. What is not emulated gives status -1, and says so on standard error. */
export function runTool(argv: readonly string[], start: Start & { readonly input?: string } = {}): Outcome {
  const stdout = new MemoryStream();
  const stderr = new MemoryStream();
  const process = makeProcess({ ...start, stdin: start.stdin ?? new MemoryStream(start.input ?? ""), stdout, stderr });
  try {
    const status = process.run(argv);
    return { status, stdout: stdout.written, stderr: stderr.written };
  } catch (error) {
    if (!(error instanceof AssembleError) || error.code !== "shell/unsupported-command") throw error;
    return { status: -1, stdout: stdout.written, stderr: error.message };
  }
}
