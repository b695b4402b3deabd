/**
 * The entry of the shell: makes the world that scripts run in, and runs scripts and commands in it from the outside.
 */
import { EmulatedProcess } from "./emulated-process.js";
import { interpretFile } from "./interpret.js";
import { CaptureStream, nullStream } from "./memory-stream.js";
import type { Command, Stream, System } from "./process.js";
import { shellCommands } from "./shell-command.js";
import type { Dialect } from "./syntax.js";
import { type SystemOptions, World } from "./world.js";

/** The environment that scripts start with where none is given. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: "/root",
  LC_ALL: "C",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/** How to run a script or a command. */
export interface RunScriptOptions {
  /** Package or recipe, and script, as errors name them. */
  readonly location: { readonly owner: string; readonly script: string };
  /** The whole environment; default HOME=/root, LC_ALL=C and Debian's PATH. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Canonical working directory; default `/`. */
  readonly cwd?: string | undefined;
  /** Default 022. */
  readonly umask?: number | undefined;
  /** Default: empty. */
  readonly stdin?: Stream | undefined;
  /** Default: gathered into the result's `output`. */
  readonly stdout?: Stream | undefined;
  /** Default: gathered into the result's `errors`. */
  readonly stderr?: Stream | undefined;
  /** Further descriptors. */
  readonly files?: ReadonlyMap<number, Stream> | undefined;
}

/** What to run: a file of the tree by its path, or a text. */
export type ScriptSource =
  | { readonly path: string; readonly args?: readonly string[] }
  | {
      readonly text: string;
      /** `$0`; default the location's script. */
      readonly name?: string;
      readonly args?: readonly string[];
      readonly dialect?: Dialect;
      /** Options as on the shell's command line (`-e`). */
      readonly options?: readonly string[];
    };

/** How a run ended; output that no stream of the caller's took. */
export interface ScriptResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Makes a system. Its command table holds the given commands, and the shells themselves. */
export function createSystem(options: SystemOptions): System {
  const commands: ReadonlyMap<string, Command> = new Map([...shellCommands, ...options.commands]);
  return new World({ ...options, commands });
}

/**
 * Runs a script as a process of its own, to its end.
 *
 * @throws AssembleError `shell/unsupported-command` or `shell/limit-exceeded`, whatever the script would do about a status
 */
export function runScript(system: System, source: ScriptSource, options: RunScriptOptions): ScriptResult {
  if ("path" in source) return runCommand(system, [source.path, ...(source.args ?? [])], options);
  return start(system, options, (process) =>
    interpretFile(process, {
      text: source.text,
      dialect: source.dialect ?? "dash",
      name: source.name ?? options.location.script,
      parameters: source.args ?? [],
      options: source.options ?? [],
    }),
  );
}

/** Runs a command as a process of its own, found as execvp(3) finds it. */
export function runCommand(system: System, argv: readonly string[], options: RunScriptOptions): ScriptResult {
  return start(system, options, (process) => process.run(argv));
}

function start(system: System, options: RunScriptOptions, body: (process: EmulatedProcess) => number): ScriptResult {
  if (!(system instanceof World)) throw new TypeError("the system was not made by createSystem");
  system.begin(options.location);
  const output = new CaptureStream(system.meter);
  const errors = new CaptureStream(system.meter);
  const files = new Map<number, Stream>([
    [0, options.stdin ?? nullStream("/dev/null")],
    [1, options.stdout ?? output],
    [2, options.stderr ?? errors],
    ...(options.files ?? []),
  ]);
  const process = new EmulatedProcess({
    system,
    tree: system.tree,
    cwd: options.cwd ?? "/",
    environment: new Map(Object.entries(options.environment ?? ENVIRONMENT)),
    umask: options.umask ?? 0o022,
    files,
  });
  const status = system.meter.guard(() => body(process));
  return { status, output: output.text, errors: errors.text };
}
