/**
 * Runs a whole script in a fresh shell: options, environment, the commands one after the other, the EXIT trap.
 */
import { applyAliases } from "./alias.js";
import { ExitShell, ShellFailure } from "./control.js";
import type { EmulatedProcess } from "./emulated-process.js";
import { executeBlock } from "./execute.js";
import { BrokenPipe } from "./process.js";
import { Shell } from "./shell.js";
import { applyOption } from "./shell-options.js";
import { BROKEN_PIPE_STATUS, DEFAULT_PATH } from "./start-program.js";
import type { Dialect, Program } from "./syntax.js";
import { runTrap } from "./trap-signals.js";

/** A script to run. */
export interface Script {
  readonly text: string;
  readonly dialect: Dialect;
  /** `$0`, also the file that errors name. */
  readonly name: string;
  readonly parameters: readonly string[];
  /** Options of the `#!` line or the command line, each as one word (`-e`, `-o`, `pipefail`). */
  readonly options: readonly string[];
}

/** Interprets a script in a process that is already its own; returns the exit status. */
export function interpretFile(process: EmulatedProcess, script: Script): number {
  const { name, dialect, parameters } = script;
  const shell = new Shell({ process, dialect, name, parameters });
  importEnvironment(shell);
  const { location } = process.system;
  const { file, line } = location;
  try {
    return runShell(shell, () => {
      for (let i = 0; i < script.options.length; i++) i += applyOption(shell, script.options.slice(i));
      runText(shell, script.text);
    });
  } finally {
    // The outermost script leaves the place where it ended, for what is said of its status.
    if (file !== location.script || line !== 1) {
      location.file = file;
      location.line = line;
    }
  }
}

/** Runs `body` as the whole life of a shell, then its EXIT trap; returns the status it leaves with. */
export function runShell(shell: Shell, body: () => void): number {
  let killed = false;
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (error instanceof ExitShell) {
        shell.status = error.status;
        killed = error.killed;
      } else if (error instanceof ShellFailure) shell.status = error.status;
      else if (error instanceof BrokenPipe) {
        shell.status = BROKEN_PIPE_STATUS;
        killed = true;
      } else throw error;
    }
  };
  guarded(body);
  shell.skip = undefined;
  if (!killed) guarded(() => runTrap(shell, "EXIT"));
  return shell.status & 255;
}

/** Runs a text as the shell reads it: complete command by complete command, aliases applied to what was not read yet. */
export function runText(shell: Shell, text: string, tested = false): number {
  return runProgram(shell, shell.process.system.parse(text, { dialect: shell.dialect }), tested);
}

function runProgram(shell: Shell, program: Program, tested: boolean): number {
  let status = 0;
  for (const complete of program.commands) {
    const replaced = shell.aliases.size > 0 && !program.expanded ? applyAliases(shell, program, complete) : undefined;
    if (replaced !== undefined) status = runProgram(shell, replaced, tested);
    else status = executeBlock(shell, complete, tested);
    if (shell.skip !== undefined) return status;
  }
  if (program.error === undefined) return status;
  shell.at(program.error.line);
  shell.report(program.error.message);
  throw new ExitShell(2);
}

/** What a fresh shell knows: the environment, and the variables that are always set. */
function importEnvironment(shell: Shell): void {
  const { variables, process } = shell;
  const set = (name: string, value: string): void => {
    variables.set(name, value);
  };
  for (const [name, value] of process.environment) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) variables.set(name, value).exported = true;
  }
  set("IFS", " \t\n");
  set("OPTIND", "1");
  set("PPID", String(process.pid - 1));
  set("PS1", "# ");
  set("PS2", "> ");
  set("PS4", "+ ");
  if (variables.get("PATH") === undefined) set("PATH", DEFAULT_PATH);
  const known = variables.get("PWD");
  if (known === undefined || !leadsHere(shell, known)) set("PWD", process.cwd);
  if (shell.dialect !== "bash") return;
  set("BASH_VERSION", "5.2.37(1)-release");
  set("BASH", "/usr/bin/bash");
  set("UID", "0");
  set("EUID", "0");
  set("HOSTNAME", process.system.machine.nodename);
  set("OSTYPE", "linux-gnu");
  set("HOSTTYPE", process.system.machine.machine);
}

function leadsHere(shell: Shell, path: string): boolean {
  if (!path.startsWith("/") || path.includes("//") || /\/\.\.?(\/|$)/.test(path)) return false;
  const { tree, cwd } = shell.process;
  return tree.lookup(path) !== undefined && tree.lookup(path) === tree.lookup(cwd);
}
