/**
 * bash's further parameter expansions: arrays, `${!x}`, `${x:1:2}`, `${x/a/b}`, `${x,,}`, and variables that bash computes.
 */
import { evaluateArithmetic } from "../arithmetic.js";
import { ShellFailure } from "../control.js";
import { emit, expandValues, parameterValue } from "../expand-parameter.js";
import { expandPattern, expandString, type Target } from "../expand-word.js";
import { compilePattern, matchEnd, matchPattern, matchStart, type Pattern } from "../pattern.js";
import type { Shell } from "../shell.js";
import type { ParameterOperation, ParameterPart, Word } from "../syntax.js";
import { arrayKeys, arraySubscript, arrayValues, getElement } from "./array.js";

/** Variables whose values depend on time, chance or the machine; no build may see them. */
const FORBIDDEN: ReadonlySet<string> = new Set(["RANDOM", "SRANDOM", "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME"]);

/** Expands what only bash knows; false if the common rules apply. */
export function expandBash(shell: Shell, part: ParameterPart, target: Target): boolean {
  if (FORBIDDEN.has(part.name) && shell.variables.find(part.name) === undefined) shell.unsupported(`$${part.name}`);
  const { operation } = part;
  if (operation?.type === "names" || operation?.type === "keys") {
    const results = operation.type === "names" ? namesWith(shell, part.name) : keysOf(shell, part.name);
    const star = operation.type === "keys" ? operation.all === "*" : part.text.endsWith("*}");
    emit(shell, part, { results, target, all: star ? "*" : "@" });
    return true;
  }
  if (part.indirect) {
    const name = parameterValue(shell, part.name);
    if (name === undefined || !/^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?!$-])$/.test(name)) {
      shell.unsupported(`the expansion ${part.text}`);
    }
    expandBashValues(shell, { ...part, name, indirect: false }, target);
    return true;
  }
  if (special(shell, part, target)) return true;
  const own = operation !== undefined && operation.type !== "default" && operation.type !== "remove";
  const array = part.index !== undefined || shell.variables.find(part.name)?.array !== undefined;
  if (!own && !array && !(part.length && (part.name === "@" || part.name === "*"))) return false;
  expandBashValues(shell, part, target);
  return true;
}

/** Variables that bash computes. */
function special(shell: Shell, part: ParameterPart, target: Target): boolean {
  const values = specialValues(shell, part.name);
  if (values === undefined) return false;
  const all = allOf(part.index);
  if (all !== undefined && part.length) target.sink.value(String(values.length), part.quoted);
  else if (all !== undefined) expandValues(shell, part, { values, target, all });
  else {
    const index = part.index === undefined ? 0 : Number(evaluateArithmetic(shell, expandString(shell, part.index)));
    expandValues(shell, part, { values: [values[index]], target, all: undefined });
  }
  return true;
}

function specialValues(shell: Shell, name: string): string[] | undefined {
  switch (name) {
    case "LINENO":
      return [String(shell.line)];
    case "BASHPID":
      return [String(shell.process.pid)];
    case "FUNCNAME":
      return shell.callStack;
    case "PIPESTATUS":
      return shell.pipeStatus.map(String);
    case "BASH_SOURCE":
      return [shell.file, ...shell.callStack.map(() => shell.file)];
    default:
      return undefined;
  }
}

/** `@` or `*` if a subscript means all elements. */
function allOf(index: Word | undefined): "@" | "*" | undefined {
  const part = index?.parts[0];
  if (index?.parts.length !== 1 || part?.type !== "text") return undefined;
  return part.text === "@" || part.text === "*" ? part.text : undefined;
}

function expandBashValues(shell: Shell, part: ParameterPart, target: Target): void {
  const { name, index, operation } = part;
  const positional = name === "@" || name === "*";
  const all = positional ? name : allOf(index);
  let values: (string | undefined)[];
  if (positional) values = [...shell.parameters];
  else if (all !== undefined) values = arrayValues(shell, name);
  else if (index === undefined) values = [parameterValue(shell, name)];
  else values = [elementAt(shell, name, expandString(shell, index))];
  if (part.length && all !== undefined) {
    target.sink.value(String(values.length), part.quoted);
    return;
  }
  if (operation?.type === "slice" && all !== undefined) {
    const list = positional ? [shell.name, ...shell.parameters] : (values as string[]);
    const results = slice(shell, list, operation);
    emit(shell, part, { results, target, all });
    return;
  }
  if (operation === undefined || operation.type === "default" || operation.type === "remove") {
    expandValues(shell, part, { values, target, all });
    return;
  }
  if (values[0] === undefined && all === undefined && shell.options.has("u")) shell.fail(`${name}: unbound variable`);
  const results = values.map((value) => transform(shell, value ?? "", operation));
  emit(shell, part, { results, target, all });
}

/** An element to expand; a subscript before the first element is reported, and gives nothing. */
function elementAt(shell: Shell, name: string, text: string): string | undefined {
  try {
    return getElement(shell, name, arraySubscript(shell, name, text));
  } catch (error) {
    if (error instanceof ShellFailure && /^-/.test(text)) return undefined;
    throw error;
  }
}

function transform(shell: Shell, value: string, operation: ParameterOperation): string {
  switch (operation.type) {
    case "slice":
      return slice(shell, value, operation);
    case "replace":
      return replace(shell, value, operation);
    case "case":
      return changeCase(shell, value, operation);
    case "quote":
      return `'${value.replaceAll("'", "'\\''")}'`;
    default:
      return shell.unsupported("a parameter expansion");
  }
}

/** A part of a text or a list; a negative offset counts from the end, a negative length is a place before the end. */
function slice<T extends string | readonly string[]>(
  shell: Shell,
  value: T,
  { offset, length }: ParameterOperation & { type: "slice" },
): T {
  let from = Number(evaluateArithmetic(shell, expandString(shell, offset)));
  if (from < 0) from += value.length;
  if (from < 0 || from > value.length || value.length === 0) return value.slice(0, 0) as T;
  if (length === undefined) return value.slice(from) as T;
  const count = Number(evaluateArithmetic(shell, expandString(shell, length)));
  const end = count < 0 ? value.length + count : from + count;
  if (end < from || (count < 0 && typeof value !== "string")) shell.fail(`${count}: substring expression < 0`, 1);
  return value.slice(from, end) as T;
}

function replace(shell: Shell, value: string, operation: ParameterOperation & { type: "replace" }): string {
  const pattern = compilePattern(expandPattern(shell, operation.pattern), "bash");
  const replacement = expandString(shell, operation.replacement);
  if (pattern.length === 0 && operation.anchor === "%") return value + replacement;
  if (pattern.length === 0) return operation.anchor === "#" ? replacement + value : value;
  if (operation.anchor === "#") {
    const length = matchStart(pattern, value, true);
    return length < 0 ? value : replacement + value.slice(length);
  }
  if (operation.anchor === "%") {
    const length = matchEnd(pattern, value, true);
    return length < 0 ? value : value.slice(0, value.length - length) + replacement;
  }
  return replaceWithin(value, { pattern, replacement, every: operation.anchor === "/" });
}

function replaceWithin(
  value: string,
  { pattern, replacement, every }: { pattern: Pattern; replacement: string; every: boolean },
): string {
  let result = "";
  let at = 0;
  while (at < value.length) {
    const length = matchStart(pattern, value.slice(at), true);
    if (length < 1) {
      result += value[at++];
      continue;
    }
    result += replacement;
    at += length;
    if (!every) break;
  }
  return result + value.slice(at);
}

function changeCase(shell: Shell, value: string, operation: ParameterOperation & { type: "case" }): string {
  const { upper, all } = operation;
  const pattern =
    operation.pattern === undefined ? undefined : compilePattern(expandPattern(shell, operation.pattern), "bash");
  let result = "";
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    const chosen = (all || i === 0) && (pattern === undefined || matchPattern(pattern, char));
    result += chosen ? changeLetter(char, upper) : char;
  }
  return result;
}

/** ASCII only: the C locale has no other letters. */
function changeLetter(char: string, upper: boolean): string {
  if (upper) return char >= "a" && char <= "z" ? char.toUpperCase() : char;
  return char >= "A" && char <= "Z" ? char.toLowerCase() : char;
}

function namesWith(shell: Shell, prefix: string): string[] {
  return shell.variables.names().filter((name) => name.startsWith(prefix));
}

function keysOf(shell: Shell, name: string): string[] {
  const variable = shell.variables.find(name);
  return variable === undefined ? [] : arrayKeys(variable);
}
