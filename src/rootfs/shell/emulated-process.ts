/**
 * A process: what every shell, subshell and emulated command has of its own.
 */
import type { Tree } from "../tree/tree.js";
import { CaptureStream, closedStream, TextStream } from "./memory-stream.js";
import { type OpenMode, openFile } from "./open-file.js";
import type { Process, RunOptions, Stream } from "./process.js";
import { startProgram } from "./start-program.js";
import type { World } from "./world.js";

/** What a process starts with. */
export interface ProcessOptions {
  readonly system: World;
  readonly tree: Tree;
  readonly cwd: string;
  readonly environment: Map<string, string>;
  readonly umask: number;
  readonly files: Map<number, Stream>;
  readonly pid?: number;
}

/** The process of a shell or command. */
export class EmulatedProcess implements Process {
  readonly system: World;
  readonly tree: Tree;
  readonly pid: number;
  readonly environment: Map<string, string>;
  readonly files: Map<number, Stream>;
  cwd: string;
  umask: number;

  constructor(options: ProcessOptions) {
    this.system = options.system;
    this.tree = options.tree;
    this.pid = options.pid ?? options.system.nextPid();
    this.environment = options.environment;
    this.files = options.files;
    this.cwd = options.cwd;
    this.umask = options.umask;
  }

  get stdin(): Stream {
    return this.files.get(0) ?? closedStream(0);
  }

  get stdout(): Stream {
    return this.files.get(1) ?? closedStream(1);
  }

  get stderr(): Stream {
    return this.files.get(2) ?? closedStream(2);
  }

  absolute(path: string): string {
    if (path.startsWith("/")) return path;
    return this.cwd === "/" ? `/${path}` : `${this.cwd}/${path}`;
  }

  open(path: string, mode: OpenMode): Stream {
    return openFile(this, path, { mode, meter: this.system.meter });
  }

  /** fork(2): a child with copies of everything; streams are shared. */
  fork(changes: { environment?: Map<string, string>; tree?: Tree; cwd?: string } = {}): EmulatedProcess {
    return new EmulatedProcess({
      system: this.system,
      tree: changes.tree ?? this.tree,
      cwd: changes.cwd ?? this.cwd,
      environment: changes.environment ?? new Map(this.environment),
      umask: this.umask,
      files: new Map(this.files),
    });
  }

  run(argv: readonly string[], options: RunOptions = {}): number {
    const environment = new Map(this.environment);
    for (const [name, value] of Object.entries(options.environment ?? {})) {
      if (value === undefined) environment.delete(name);
      else environment.set(name, value);
    }
    const { tree, cwd } = options;
    const child = this.fork({ environment, ...(tree && { tree }), ...(cwd !== undefined && { cwd }) });
    const { stdin, stdout, stderr, files } = options;
    if (stdin !== undefined) child.files.set(0, stdin);
    if (stdout !== undefined) child.files.set(1, stdout);
    if (stderr !== undefined) child.files.set(2, stderr);
    for (const [descriptor, stream] of files ?? []) child.files.set(descriptor, stream);
    return startProgram(child, argv);
  }

  capture(argv: readonly string[], options: RunOptions = {}): { status: number; output: string } {
    const stdout = new CaptureStream(this.system.meter);
    const status = this.run(argv, { stdin: new TextStream(""), ...options, stdout });
    return { status, output: stdout.text };
  }

  unsupported(what: string): never {
    return this.system.unsupported(what);
  }
}
