/**
 * Simple commands: expansion, redirections, assignments, then a built-in, a function or a program (POSIX XCU 2.9.1, in dash's order).
 */

import { FileSystemError } from "../tree/file-system-error.js";
import { evaluateArithmetic } from "./arithmetic.js";
import { arraySubscript, assignArray, setElement } from "./bash/array.js";
import { type Builtin, findBuiltin } from "./builtins/table.js";
import { ShellFailure } from "./control.js";
import { execute } from "./execute.js";
import { expandFields, expandString } from "./expand-word.js";
import { parseText } from "./parse-script.js";
import type { Stream } from "./process.js";
import { closeSubstitutions, redirect, type Saved, undoRedirections } from "./redirect.js";
import type { Shell } from "./shell.js";
import { DEFAULT_PATH, findProgram, runFound } from "./start-program.js";
import type { Argument, Assignment, FunctionDefinition, SimpleCommand } from "./syntax.js";
import type { Variable } from "./variables.js";

/** Built-ins whose arguments of the form `name=value` expand like assignments. */
const DECLARATIONS: ReadonlySet<string> = new Set(["export", "readonly", "local", "declare", "typeset"]);

/** Runs a simple command. */
export function executeSimple(shell: Shell, node: SimpleCommand, tested: boolean): number {
  shell.process.system.meter.step();
  shell.at(node.line);
  shell.substitutionStatus = undefined;
  const saved: Saved = [];
  const open = shell.substituted.length;
  const stderr = shell.process.files.get(2);
  let keep = false;
  try {
    const call = resolve(shell, expandArguments(shell, node.words));
    try {
      for (const item of node.redirections) redirect(shell, item, saved);
    } catch (error) {
      if (!(error instanceof ShellFailure) || call.special) throw error;
      return error.status;
    }
    keep = call.words[0] === "exec" && call.builtin !== undefined && call.words.length === 1;
    return run(shell, { node, call, tested, stderr });
  } finally {
    if (!keep) undoRedirections(shell, saved);
    if (shell.substituted.length > open) closeSubstitutions(shell, open);
  }
}

/** What a command's name leads to. */
interface Call {
  readonly words: readonly string[];
  readonly builtin: Builtin | undefined;
  readonly function: FunctionDefinition | undefined;
  /** A special built-in: its errors end the shell, assignments before it stay. */
  readonly special: boolean;
  /** Started by `command -p`. */
  readonly defaultPath: boolean;
}

interface Run {
  readonly node: SimpleCommand;
  readonly call: Call;
  readonly tested: boolean;
  /** stderr before the redirections, where bash traces to. */
  readonly stderr: Stream | undefined;
}

function expandArguments(shell: Shell, list: readonly Argument[]): string[] {
  const first = list[0]?.word.literal;
  const name = first === "command" ? list.find((item) => item.word.literal !== "command")?.word.literal : first;
  const declares = name !== undefined && DECLARATIONS.has(name);
  if (!declares) {
    return expandFields(
      shell,
      list.map((item) => item.word),
    );
  }
  return list.flatMap((item) => {
    const { assignment } = item;
    if (assignment === undefined) return expandFields(shell, [item.word]);
    if (assignment.elements !== undefined) return [assignment.name];
    const index = assignment.index === undefined ? "" : `[${expandString(shell, assignment.index)}]`;
    return [`${assignment.name}${index}${assignment.append ? "+" : ""}=${expandString(shell, assignment.value)}`];
  });
}

/** Looks a name up: special built-ins, functions, built-ins; `command` skips functions and takes the special away. */
function resolve(shell: Shell, all: readonly string[]): Call {
  let words = all;
  let plain = false;
  let defaultPath = false;
  while (words[0] === "command" && !shell.functions.has("command")) {
    let at = 1;
    while (words[at]?.startsWith("-") === true && words[at] !== "--" && /^-p+$/.test(words[at]!)) at++;
    if (at > 1) defaultPath = true;
    if (words[at] === "--") at++;
    else if (words[at]?.startsWith("-") === true) break;
    if (at >= words.length) break;
    words = words.slice(at);
    plain = true;
  }
  const name = words[0];
  if (name === undefined) return { words, builtin: undefined, function: undefined, special: false, defaultPath };
  const builtin = findBuiltin(shell, name);
  const special = builtin?.special === true && !plain;
  const definition = plain || (special && shell.dialect === "dash") ? undefined : shell.functions.get(name);
  return { words, builtin: definition === undefined ? builtin : undefined, function: definition, special, defaultPath };
}

function run(shell: Shell, { node, call, tested, stderr }: Run): number {
  const { words } = call;
  if (words.length === 0) {
    const trace = assign(shell, node.assignments, undefined);
    if (trace.length > 0) traceCommand(shell, trace);
    return shell.substitutionStatus ?? 0;
  }
  const stays = call.special && call.function === undefined && shell.dialect === "dash";
  const former = new Map<string, Variable | undefined>();
  try {
    const trace = assign(shell, node.assignments, stays ? undefined : former);
    if (stays && words[0] === "exec")
      for (const { name } of node.assignments) shell.variables.ensure(name).exported = true;
    if (shell.dialect === "bash") traceCommand(shell, [...trace, ...words.map(quoteTrace)], stderr);
    else traceCommand(shell, [...trace, ...words]);
    if (call.function !== undefined) return callFunction(shell, call.function, { words, tested });
    if (call.builtin !== undefined) return runBuiltin(shell, call.builtin, { node, call, tested });
    return runProgram(shell, call);
  } finally {
    for (const [name, variable] of former) shell.variables.restore(name, variable);
  }
}

/** Performs assignments, exported and noted in `former` if they are for one command only. */
function assign(
  shell: Shell,
  list: readonly Assignment[],
  former: Map<string, Variable | undefined> | undefined,
): string[] {
  const trace: string[] = [];
  for (const assignment of list) {
    const { name } = assignment;
    if (former !== undefined && !former.has(name)) former.set(name, shell.variables.snapshot(name));
    if (assignment.elements !== undefined) {
      assignArray(shell, assignment);
      continue;
    }
    const value = expandString(shell, assignment.value);
    assignValue(shell, assignment, value);
    if (former !== undefined) shell.variables.ensure(name).exported = true;
    const shown = shell.dialect === "bash" && value !== "" ? quoteTrace(value) : value;
    trace.push(`${name}${assignment.append ? "+" : ""}=${shown}`);
  }
  return trace;
}

/** `name=value`, and bash's `name[index]=value`, `name+=value`, integers. */
export function assignValue(
  shell: Shell,
  assignment: Pick<Assignment, "name" | "append"> & { index: Assignment["index"] | string },
  text: string,
): void {
  const { name, append } = assignment;
  const integer = shell.variables.find(name)?.integer === true;
  const key =
    assignment.index === undefined
      ? undefined
      : typeof assignment.index === "string"
        ? assignment.index
        : expandString(shell, assignment.index);
  const index = key === undefined ? undefined : arraySubscript(shell, name, key);
  let value = integer ? String(evaluateArithmetic(shell, text)) : text;
  if (append) {
    const old = index === undefined ? shell.variables.get(name) : shell.variables.find(name)?.array?.get(index);
    value = integer ? String(BigInt(old === undefined || old === "" ? "0" : old) + BigInt(value)) : (old ?? "") + value;
  }
  if (index === undefined) shell.assign(name, value);
  else setElement(shell, name, { index, value });
}

function traceCommand(shell: Shell, words: readonly string[], stderr = shell.process.files.get(2)): void {
  if (!shell.options.has("x")) return;
  const prompt = shell.variables.get("PS4") ?? "";
  const prefix = /[$`]/.test(prompt) ? expandString(shell, parseText(prompt, shell.dialect)) : prompt;
  stderr?.write(`${prefix}${words.join(" ")}\n`);
}

function quoteTrace(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Calls a function with arguments. */
function callFunction(
  shell: Shell,
  definition: FunctionDefinition,
  { words, tested }: { words: readonly string[]; tested: boolean },
): number {
  const { parameters, loopDepth, optionOffset } = shell;
  shell.parameters = words.slice(1);
  shell.loopDepth = 0;
  shell.functionDepth++;
  shell.callStack.unshift(definition.name);
  shell.variables.pushFrame();
  try {
    const status = shell.process.system.meter.call(() => execute(shell, definition.body, tested));
    if (shell.skip?.kind === "return") shell.skip = undefined;
    return status;
  } finally {
    shell.variables.popFrame();
    shell.callStack.shift();
    shell.functionDepth--;
    shell.loopDepth = loopDepth;
    shell.parameters = parameters;
    shell.optionOffset = optionOffset;
  }
}

function runBuiltin(shell: Shell, builtin: Builtin, { node, call, tested }: Omit<Run, "stderr">): number {
  const arrays = node.words.flatMap(({ assignment }) => (assignment?.elements === undefined ? [] : [assignment]));
  const declares = call.words[0] === "readonly" || call.words[0] === "export";
  if (declares) for (const item of arrays) assignArray(shell, item);
  let status: number;
  const { commandName } = shell;
  shell.commandName = call.words[0];
  try {
    status = builtin.run(shell, call.words, tested);
  } catch (error) {
    if (error instanceof FileSystemError && (error.errno === "EBADF" || error.errno === "ENOSPC")) {
      const [name] = call.words;
      shell.report(shell.dialect === "bash" ? `${name}: write error: ${error.text}` : `${name}: ${name}: I/O error`);
      return 1;
    }
    if (!(error instanceof ShellFailure) || call.special) throw error;
    return error.status;
  } finally {
    shell.commandName = commandName;
  }
  if (!declares) for (const item of arrays) assignArray(shell, item);
  return status;
}

function runProgram(shell: Shell, call: Call): number {
  const name = call.words[0]!;
  const path = call.defaultPath ? DEFAULT_PATH : (shell.variables.get("PATH") ?? DEFAULT_PATH);
  const found = findProgram(shell.process, name, path);
  if (found.status !== 0) {
    // dash words the empty name like a directory of PATH, but its status is that of a missing command.
    if (name === "" && shell.dialect === "dash") shell.report(": Permission denied");
    else return reportMissing(shell, name, found.status);
    return 127;
  }
  const child = shell.process.fork({ environment: shell.variables.environment() });
  const status = runFound(child, found, call.words);
  shell.at(shell.line);
  return status;
}

/** Reports a program that cannot be started; returns the status. */
export function reportMissing(shell: Shell, name: string, status: 126 | 127): number {
  const missing = shell.dialect === "bash" && !name.includes("/") ? "command not found" : "not found";
  const unknown = shell.dialect === "bash" && name.includes("/") ? "No such file or directory" : missing;
  shell.report(`${name}: ${status === 127 ? unknown : "Permission denied"}`);
  return status;
}
