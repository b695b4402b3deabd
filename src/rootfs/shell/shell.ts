/**
 * The state of one shell or subshell.
 */
import { ShellFailure, type Skip } from "./control.js";
import type { EmulatedProcess } from "./emulated-process.js";
import type { Dialect, FunctionDefinition } from "./syntax.js";
import { Variables } from "./variables.js";

/** Options of `set`, by their letters in the order of `set -o`; `$-` shows them from the end. */
export const OPTION_NAMES: ReadonlyMap<string, string> = new Map([
  ["e", "errexit"],
  ["f", "noglob"],
  ["I", "ignoreeof"],
  ["i", "interactive"],
  ["m", "monitor"],
  ["n", "noexec"],
  ["s", "stdin"],
  ["x", "xtrace"],
  ["v", "verbose"],
  ["V", "vi"],
  ["E", "emacs"],
  ["C", "noclobber"],
  ["a", "allexport"],
  ["b", "notify"],
  ["u", "nounset"],
]);

/** What a subshell starts with. */
export interface ShellOptions {
  readonly process: EmulatedProcess;
  readonly dialect: Dialect;
  readonly name: string;
  readonly parameters?: readonly string[];
}

/** One shell. */
export class Shell {
  readonly process: EmulatedProcess;
  readonly dialect: Dialect;
  /** `$0` */
  name: string;
  /** `$1` and so on. */
  parameters: string[];
  /** The shell that this one is a subshell of, from the start; its process id is `$$`. */
  main: Shell = this;
  variables = new Variables();
  functions = new Map<string, FunctionDefinition>();
  aliases = new Map<string, string>();
  /** Letters of the options that are on; bash's long options by name. */
  options = new Set<string>();
  /** Commands by signal name; `EXIT` too. An empty command ignores the signal. */
  traps = new Map<string, string>();
  /** Signals that arrived and whose traps have not run yet. */
  pendingSignals: string[] = [];
  /** `$?` */
  status = 0;
  /** `$!` */
  background: number | undefined;
  /** Statuses of background commands by process id, for `wait`. */
  jobs = new Map<number, number>();
  skip: Skip | undefined;
  loopDepth = 0;
  functionDepth = 0;
  /** Sourced files that are running; `return` ends one. */
  sourceDepth = 0;
  /** dash: the running built-in or sourced file, which error messages name. */
  commandName: string | undefined;
  /** bash: names of the running functions, innermost first. */
  callStack: string[] = [];
  line = 1;
  file: string;
  /** Status of the last command substitution, which a command without a name takes over. */
  substitutionStatus: number | undefined;
  /** Place inside a group of options (`-ab`) for getopts. */
  optionOffset = 0;
  /** bash: descriptors of `<(…)`, which are closed when the command that names them has ended. */
  substituted: number[] = [];
  /** bash: statuses of the last pipeline. */
  pipeStatus: number[] = [0];

  constructor(options: ShellOptions) {
    this.process = options.process;
    this.dialect = options.dialect;
    this.name = options.name;
    this.file = options.name;
    this.parameters = [...(options.parameters ?? [])];
  }

  /** A subshell: copies of everything, traps that are not ignored reset. */
  fork(): Shell {
    const child = new Shell({ process: this.process.fork(), dialect: this.dialect, name: this.name });
    child.parameters = [...this.parameters];
    child.main = this.main;
    child.variables = this.variables.clone();
    child.functions = new Map(this.functions);
    child.aliases = new Map(this.aliases);
    child.options = new Set(this.options);
    for (const [signal, command] of this.traps) if (command === "") child.traps.set(signal, command);
    child.status = this.status;
    child.background = this.background;
    child.functionDepth = this.functionDepth;
    child.sourceDepth = this.sourceDepth;
    child.callStack = [...this.callStack];
    child.loopDepth = this.loopDepth;
    child.commandName = this.commandName;
    child.line = this.line;
    child.file = this.file;
    child.optionOffset = this.optionOffset;
    return child;
  }

  /** Notes where the shell is, for error messages. */
  at(line: number): void {
    this.line = line;
    const { location } = this.process.system;
    location.line = line;
    location.file = this.file;
  }

  /** Writes a message to stderr the way the shell words its own. */
  report(message: string): void {
    let text = message;
    if (this.dialect === "bash") text = `line ${this.line}: ${message}`;
    else {
      const command = this.commandName;
      if (command !== undefined && !message.startsWith(`${command}: `)) text = `${command}: ${message}`;
      text = `${this.line}: ${text}`;
    }
    this.process.files.get(2)?.write(`${this.name}: ${text}\n`);
  }

  /** Reports an error of the shell and gives up on the command. */
  fail(message: string, status = this.dialect === "bash" ? 1 : 2): never {
    this.report(message);
    throw new ShellFailure(status);
  }

  /** Stops the build. */
  unsupported(what: string): never {
    return this.process.system.unsupported(what);
  }

  /** Sets a variable. A readonly one fails, as in the shell. */
  assign(name: string, value: string): void {
    const variable = this.variables.ensure(name);
    if (variable.readonly) this.fail(this.dialect === "bash" ? `${name}: readonly variable` : `${name}: is read only`);
    this.process.system.meter.hold(value.length);
    this.variables.set(name, value);
    if (this.options.has("a")) variable.exported = true;
    if (name === "OPTIND") this.optionOffset = 0;
  }

  /** `$-` */
  get optionLetters(): string {
    let letters = "";
    for (const letter of OPTION_NAMES.keys()) if (this.options.has(letter)) letters = letter + letters;
    return this.dialect === "bash" ? `${[...letters].sort().join("")}hB` : letters;
  }
}
