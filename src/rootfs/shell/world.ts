/**
 * The world that a run of scripts shares, with what only the shell itself sees of it.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import type { Tree } from "../tree/tree.js";
import { Meter } from "./meter.js";
import { type ParseOptions, parseScript } from "./parse-script.js";
import { compilePattern, type Pattern } from "./pattern.js";
import type { Command, Limits, ScriptLocation, System } from "./process.js";
import type { Dialect, Program } from "./syntax.js";

/** What a system is made of. */
export interface SystemOptions {
  readonly tree: Tree;
  /** Emulated commands by the base name of the real file. */
  readonly commands: ReadonlyMap<string, Command>;
  /** `sourceDateEpoch`; default the tree's. */
  readonly epoch?: number | undefined;
  readonly machine?: System["machine"] | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

const LIMITS: Limits = { steps: 5_000_000, bytesWritten: 256 << 20, depth: 250 };
/** The kernel's name and release that scripts see: no kernel runs, so the one of the suite stands in. */
const MACHINE: System["machine"] = { nodename: "localhost", release: "6.12.0", machine: "x86_64" };
const FIRST_PID = 1000;
const CACHED_TEXTS = 4096;

/** A system with the shell's own parts. */
export class World implements System {
  readonly tree: Tree;
  readonly commands: ReadonlyMap<string, Command>;
  readonly epoch: number;
  readonly machine: System["machine"];
  readonly limits: Limits;
  readonly location: ScriptLocation = { owner: "", script: "", file: "", line: 0 };
  readonly meter: Meter;
  private pid = FIRST_PID;
  private readonly programs = new Map<string, Program>();
  private readonly patterns = new Map<string, Pattern>();

  constructor(options: SystemOptions) {
    this.tree = options.tree;
    this.commands = options.commands;
    this.epoch = options.epoch ?? options.tree.epoch;
    this.machine = options.machine ?? MACHINE;
    this.limits = { ...LIMITS, ...options.limits };
    this.meter = new Meter(this.limits, this.location);
  }

  /** Process ids count up from the start of each top-level script, so that they do not depend on what ran before. */
  nextPid(): number {
    return this.pid++;
  }

  /** Prepares for a top-level script. */
  begin(location: Pick<ScriptLocation, "owner" | "script">): void {
    Object.assign(this.location, location, { file: location.script, line: 1 });
    this.meter.reset();
    this.pid = FIRST_PID;
  }

  /** Parses a script; the same text is parsed once. */
  parse(text: string, options: ParseOptions): Program {
    const key = `${options.dialect}:${options.firstLine ?? 1}:${options.expanded === true}:${text}`;
    const known = this.programs.get(key);
    if (known !== undefined) return known;
    const program = parseScript(text, options);
    if (this.programs.size >= CACHED_TEXTS) this.programs.clear();
    this.programs.set(key, program);
    return program;
  }

  /** Compiles a pattern; the same text is compiled once. */
  pattern(text: string, dialect: Dialect): Pattern {
    const key = dialect === "bash" ? `b${text}` : text;
    const known = this.patterns.get(key);
    if (known !== undefined) return known;
    const pattern = compilePattern(text, dialect);
    if (this.patterns.size >= CACHED_TEXTS) this.patterns.clear();
    this.patterns.set(key, pattern);
    return pattern;
  }

  /** Ends the build: something is not emulated. */
  unsupported(what: string): never {
    const { owner, script, file, line } = this.location;
    throw new AssembleError(
      "shell/unsupported-command",
      `Cannot run ${script} of ${owner}: line ${line} of ${file} needs ${what}, a command that is emulated was expected`,
    );
  }
}
