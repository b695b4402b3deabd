/**
 * Word expansion (POSIX XCU 2.6): tilde, parameters, command substitution, arithmetic, then field splitting, pathnames, quotes.
 */
import { evaluateArithmetic } from "./arithmetic.js";
import { executeSubshell } from "./execute.js";
import { expandParameter } from "./expand-parameter.js";
import { expandPath } from "./expand-path.js";
import { DEFAULT_IFS, FieldSink, PatternSink, type Sink, StringSink } from "./field-sink.js";
import { CaptureStream, TextStream } from "./memory-stream.js";
import type { Shell } from "./shell.js";
import type { Block, Word, WordPart } from "./syntax.js";

/** What a word takes besides its characters. */
const WORD_BYTES = 32;

/** Expands words to fields. */
export function expandFields(shell: Shell, words: readonly Word[]): string[] {
  const result: string[] = [];
  let size = 0;
  for (const word of words) {
    if (word.literal !== undefined) {
      result.push(word.literal);
      continue;
    }
    const before = result.length;
    if (word.braces !== undefined) result.push(...expandFields(shell, word.braces));
    else expandInto(shell, word, result);
    for (let i = before; i < result.length; i++) size += result[i]!.length + WORD_BYTES;
    shell.process.system.meter.hold(size);
  }
  return result;
}

function expandInto(shell: Shell, word: Word, result: string[]): void {
  const sink = new FieldSink(shell.variables.get("IFS") ?? DEFAULT_IFS);
  expandParts(shell, word.parts, { sink });
  for (const field of sink.finish()) {
    if (field.pattern === undefined || shell.options.has("f")) result.push(field.text);
    else for (const path of expandPath(shell, field.pattern, field.text)) result.push(path);
  }
}

/** Expands a word to one string, without splitting or pathnames. */
export function expandString(shell: Shell, word: Word): string {
  if (word.literal !== undefined) return word.literal;
  const sink = new StringSink();
  expandParts(shell, word.parts, { sink });
  return sink.text;
}

/** Expands a word to a pattern: what was quoted is escaped. */
export function expandPattern(shell: Shell, word: Word): string {
  const sink = new PatternSink();
  expandParts(shell, word.parts, { sink });
  return sink.text;
}

/** Where parts are expanded to. */
export interface Target {
  readonly sink: Sink;
  /** Inside `${x-…}`, unquoted text is split like an expansion. */
  readonly operand?: boolean;
}

/** Expands the parts of a word, one after the other. */
export function expandParts(shell: Shell, parts: readonly WordPart[], target: Target): void {
  const { sink } = target;
  for (const part of parts) {
    switch (part.type) {
      case "text":
        if (target.operand === true && !part.quoted) sink.value(part.text, false);
        else sink.literal(part.text, part.quoted);
        break;
      case "parameter":
        expandParameter(shell, part, target);
        break;
      case "command":
        sink.value(substituteCommand(shell, part.body), part.quoted);
        break;
      case "arithmetic":
        sink.value(String(evaluateArithmetic(shell, expandString(shell, part.expression))), part.quoted);
        break;
      case "tilde":
        sink.literal(expandTilde(shell, part.user), true);
        break;
      case "process":
        sink.literal(substituteProcess(shell, part.body), true);
    }
  }
}

/** `$(…)`: what the commands write, without the newlines at its end. */
export function substituteCommand(shell: Shell, body: Block): string {
  const { meter } = shell.process.system;
  const only = body.commands[0];
  if (shell.dialect === "bash" && body.commands.length === 1 && only?.type === "simple" && only.words.length === 0) {
    const [file] = only.redirections;
    if (only.redirections.length === 1 && file?.operator === "<" && file.descriptor === 0) {
      return stripEnd(readAll(shell.process.open(expandString(shell, file.word), "read")));
    }
  }
  const output = new CaptureStream(meter);
  const line = shell.line;
  shell.substitutionStatus = executeSubshell(shell, (child) => {
    child.process.files.set(1, output);
    // bash turns errexit off in command substitutions, unless asked not to.
    if (child.dialect === "bash") child.options.delete("e");
    return body;
  });
  shell.at(line);
  return stripEnd(output.text);
}

function readAll(stream: { read(max: number): string }): string {
  let text = "";
  for (let part = stream.read(1 << 16); part !== ""; part = stream.read(1 << 16)) text += part;
  return text;
}

function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "\n") end--;
  const stripped = end === text.length ? text : text.slice(0, end);
  return stripped.includes("\0") ? stripped.replaceAll("\0", "") : stripped;
}

/** bash's `<(…)`: the output is ready before the command that reads it starts. */
function substituteProcess(shell: Shell, body: Block): string {
  const output = new CaptureStream(shell.process.system.meter);
  executeSubshell(shell, (child) => {
    child.process.files.set(1, output);
    return body;
  });
  let descriptor = 63;
  while (shell.process.files.has(descriptor)) descriptor--;
  shell.process.files.set(descriptor, new TextStream(output.text));
  shell.substituted.push(descriptor);
  return `/dev/fd/${descriptor}`;
}

function expandTilde(shell: Shell, user: string): string {
  if (user === "") return shell.variables.get("HOME") ?? "~";
  if (shell.dialect === "bash" && user === "+") return shell.variables.get("PWD") ?? "~+";
  if (shell.dialect === "bash" && user === "-") return shell.variables.get("OLDPWD") ?? "~-";
  const { tree } = shell.process;
  if (tree.lookup("/etc/passwd")?.type !== "file") return `~${user}`;
  const entry = tree
    .readText("/etc/passwd")
    .split("\n")
    .find((line) => line.startsWith(`${user}:`));
  return entry?.split(":")[5] ?? `~${user}`;
}
