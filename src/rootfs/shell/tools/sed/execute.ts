/**
 * Runs a sed script over its input, cycle by cycle (POSIX XCU sed, with GNU's extensions).
 */
import { exceeded } from "../open.js";
import type { Regex } from "../regex/regex.js";
import type { Tool } from "../tool.js";
import { AppendedFiles } from "./appended-files.js";
import type { SedInput, SedOutput } from "./files.js";
import { outputOf } from "./run-command.js";
import { type Action, type Address, type Pattern, ScriptError, type SedCommand, type SedScript } from "./script.js";
import { selectsLine } from "./select-line.js";
import { substitute } from "./substitute.js";
import { visibleLine } from "./visible-line.js";

/** What a script runs with. */
export interface Run {
  readonly tool: Tool;
  readonly script: SedScript;
  readonly input: SedInput;
  readonly quiet: boolean;
  readonly lineLength: number;
  readonly terminator: "\n" | "\0";
  /** The output for a file name of `w`. */
  readonly writer: (file: string) => SedOutput;
}

/** What follows a command: the next one, a jump, or the end of the cycle or script. */
type Outcome =
  | { readonly kind: "next" }
  | { readonly kind: "jump"; readonly target: number }
  | { readonly kind: "end"; readonly print: boolean }
  | { readonly kind: "restart" }
  | { readonly kind: "quit"; readonly status: number; readonly print: boolean };

const NEXT: Outcome = { kind: "next" };
const DELETE: Outcome = { kind: "end", print: false };

/** Runs a script to its end; returns the exit status that q or Q gave, else undefined. */
export function executeScript(run: Run): number | undefined {
  return new Execution(run).run();
}

class Execution {
  private readonly options: Run;
  private space = "";
  private whole = true;
  private hold = "";
  private holdWhole = true;
  private replaced = false;
  private lastPattern: Regex | undefined;
  private readonly appended: (() => undefined)[] = [];
  private readonly files: AppendedFiles;
  private steps = 0;

  constructor(options: Run) {
    this.options = options;
    this.files = new AppendedFiles(options.tool);
  }

  run(): number | undefined {
    const { input, quiet } = this.options;
    let reads = true;
    for (;;) {
      if (reads && !this.read()) return undefined;
      reads = true;
      const outcome = this.cycle();
      if (outcome.kind === "restart") {
        this.flush();
        reads = false;
        continue;
      }
      const prints = outcome.kind === "end" || outcome.kind === "quit" ? outcome.print : true;
      if (prints && !quiet) input.output.line(this.space, this.whole);
      if (outcome.kind !== "quit" || outcome.print) this.flush();
      if (outcome.kind === "quit") {
        input.close();
        return outcome.status;
      }
    }
  }

  private read(): boolean {
    const { input, script } = this.options;
    const line = input.next();
    if (line === undefined) return false;
    if (input.startedFile) {
      for (const command of script.commands) {
        command.range = command.first?.kind === "line" && command.first.line === 0 ? "active" : "inactive";
      }
    }
    this.space = line;
    this.whole = input.whole;
    this.replaced = false;
    return true;
  }

  private cycle(): Outcome {
    const { commands } = this.options.script;
    const { limits } = this.options.tool.process.system;
    for (let at = 0; at < commands.length; ) {
      const command = commands[at]!;
      if (++this.steps > limits.steps) exceeded(this.options.tool.process, `sed ran ${limits.steps} commands, less`);
      const selected = selectsLine(command, {
        line: this.options.input.line,
        matches: (address) => this.matches(address),
      });
      if (selected === command.negated) {
        at = command.action.kind === "{" ? command.action.end + 1 : at + 1;
        continue;
      }
      const outcome = this.perform(command, command.action);
      if (outcome.kind === "next") at++;
      else if (outcome.kind === "jump") at = outcome.target;
      else return outcome;
    }
    return { kind: "end", print: true };
  }

  private flush(): undefined {
    for (const append of this.appended.splice(0)) append();
  }

  private matches(address: Address): boolean {
    const { input } = this.options;
    switch (address.kind) {
      case "line":
        return input.line === address.line;
      case "last":
        return input.isLast();
      case "step":
        return input.line >= address.first && (input.line - address.first) % address.step === 0;
      case "pattern":
        return this.regex(address.pattern).test(this.space);
      default:
        return false;
    }
  }

  private regex(pattern: Pattern): Regex {
    const regex = pattern ?? this.lastPattern;
    if (regex === undefined) throw new ScriptError("-e expression #1, char 0: no previous regular expression");
    this.lastPattern = regex;
    return regex;
  }

  private perform(command: SedCommand, action: Action): Outcome {
    const { input, quiet, terminator } = this.options;
    const { output } = input;
    switch (action.kind) {
      case "s":
        this.substitute(action.substitution);
        return NEXT;
      case "y":
        this.space = [...this.space].map((c) => action.map.get(c) ?? c).join("");
        return NEXT;
      case "a":
        this.appended.push(() => output.raw(action.text));
        return NEXT;
      case "i":
        output.raw(action.text);
        return NEXT;
      case "c":
        if (command.second === undefined || command.range === "inactive") output.raw(action.text);
        return DELETE;
      case "b":
        return { kind: "jump", target: action.target };
      case "t":
      case "T": {
        const jumps = this.replaced === (action.kind === "t");
        this.replaced = false;
        return jumps ? { kind: "jump", target: action.target } : NEXT;
      }
      case "r":
        this.appended.push(() => this.files.copyAll(action.file, output));
        return NEXT;
      case "R":
        this.appended.push(() => this.files.copyLine(action.file, output));
        return NEXT;
      case "w":
        this.options.writer(action.file).line(this.space, this.whole);
        return NEXT;
      case "W": {
        const end = this.space.indexOf(terminator);
        this.options.writer(action.file).line(end < 0 ? this.space : this.space.slice(0, end), end >= 0 || this.whole);
        return NEXT;
      }
      case "q":
      case "Q":
        return { kind: "quit", status: (action.number ?? 0) & 255, print: action.kind === "q" };
      case "e":
        if (action.text === undefined) this.evaluate();
        else output.raw(outputOf(this.options.tool, action.text));
        return NEXT;
      case "l":
        output.raw(visibleLine(this.space, action.number ?? this.options.lineLength));
        return NEXT;
      case "=":
        output.raw(`${input.line}\n`);
        return NEXT;
      case "F":
        output.raw(`${input.file}\n`);
        return NEXT;
      case "d":
        return DELETE;
      case "D": {
        const end = this.space.indexOf(terminator);
        if (end < 0) return DELETE;
        this.space = this.space.slice(end + 1);
        return { kind: "restart" };
      }
      case "g":
        this.space = this.hold;
        this.whole = this.holdWhole;
        return NEXT;
      case "G":
        this.space += terminator + this.hold;
        this.whole ||= this.holdWhole;
        return NEXT;
      case "h":
        this.hold = this.space;
        this.holdWhole = this.whole;
        return NEXT;
      case "H":
        this.hold += terminator + this.space;
        this.holdWhole ||= this.whole;
        return NEXT;
      case "x":
        [this.space, this.hold] = [this.hold, this.space];
        [this.whole, this.holdWhole] = [this.holdWhole, this.whole];
        return NEXT;
      case "n": {
        if (input.isLast()) return this.noNextLine();
        if (!quiet) output.line(this.space, this.whole);
        this.flush();
        this.read();
        return NEXT;
      }
      case "N": {
        if (input.isLast()) return this.noNextLine();
        this.flush();
        const { space } = this;
        this.read();
        this.space = `${space}${terminator}${this.space}`;
        return NEXT;
      }
      case "p":
        output.line(this.space, this.whole);
        return NEXT;
      case "P": {
        const end = this.space.indexOf(terminator);
        output.line(end < 0 ? this.space : this.space.slice(0, end), end >= 0 || this.whole);
        return NEXT;
      }
      case "z":
        this.space = "";
        return NEXT;
      default:
        return NEXT;
    }
  }

  /** n and N on the last line: the end, or where files are separate the next file in a new cycle. */
  private noNextLine(): Outcome {
    if (this.options.input.hasMoreFiles()) return { kind: "end", print: true };
    return { kind: "quit", status: 0, print: true };
  }

  private substitute(substitution: Extract<Action, { kind: "s" }>["substitution"]): undefined {
    const result = substitute(this.space, this.regex(substitution.pattern), substitution);
    if (result === undefined) return;
    this.space = result;
    this.replaced = true;
    const { output } = this.options.input;
    if (substitution.print === "before") output.line(this.space, this.whole);
    if (substitution.evaluate) this.evaluate();
    if (substitution.print === "after") output.line(this.space, this.whole);
    if (substitution.file !== undefined) this.options.writer(substitution.file).line(this.space, this.whole);
  }

  /** The pattern space as a command: its output takes its place. */
  private evaluate(): undefined {
    const { tool, terminator } = this.options;
    const output = outputOf(tool, this.space);
    this.space = output.endsWith(terminator) ? output.slice(0, -1) : output;
  }
}
