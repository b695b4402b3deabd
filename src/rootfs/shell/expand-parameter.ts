/**
 * Parameter expansion: `$x`, `$@`, `${x:-word}`, `${x%pattern}`, `${#x}`.
 */
import { expandBash } from "./bash/expand.js";
import { expandParts, expandPattern, expandString, type Target } from "./expand-word.js";
import { hasMagic, matchEnd, matchStart, unquotePattern } from "./pattern.js";
import type { Shell } from "./shell.js";
import type { ParameterOperation, ParameterPart } from "./syntax.js";

/** Expands a parameter. */
export function expandParameter(shell: Shell, part: ParameterPart, target: Target): void {
  const { operation } = part;
  if (operation?.type === "unsupported") shell.unsupported(`the syntax ${part.text}`);
  if (operation?.type === "bad") {
    if (shell.dialect === "bash") shell.unsupported(`the expansion ${part.text}`);
    shell.fail("Bad substitution");
  }
  if (shell.dialect === "bash" && expandBash(shell, part, target)) return;
  const all = part.name === "@" || part.name === "*";
  const values = all ? shell.parameters : [parameterValue(shell, part.name)];
  expandValues(shell, part, { values, target, all: all ? part.name : undefined });
}

/** Values of a parameter and what to do with them. */
export interface Values {
  readonly values: readonly (string | undefined)[];
  readonly target: Target;
  /** `@` or `*` if the parameter stands for all positional parameters or elements. */
  readonly all: string | undefined;
}

/** Applies the operation of an expansion to values, and passes the result on. */
export function expandValues(shell: Shell, part: ParameterPart, { values, target, all }: Values): void {
  const { operation } = part;
  // To dash, `$@` and `$*` are set even without parameters.
  const isSet = all === undefined ? values[0] !== undefined : values.length > 0 || shell.dialect === "dash";
  if (operation?.type === "default") {
    const filled = isSet && (!operation.colon || values.some((value) => value !== "") || values.length > 1);
    if (operation.operator === "+" ? filled : !filled) {
      substitute(shell, part, { operation, target });
      return;
    }
    if (operation.operator === "+") {
      if (part.quoted && (all !== "@" || isSet)) target.sink.literal("", true);
      return;
    }
  } else if (!isSet && all === undefined && shell.options.has("u")) {
    shell.fail(shell.dialect === "bash" ? `${part.name}: unbound variable` : `${part.name}: parameter not set`);
  }
  if (part.length) {
    const text = all === undefined ? (values[0] ?? "") : values.join(separator(shell, all));
    target.sink.value(String(text.length), part.quoted);
    return;
  }
  const results = values.map((value) =>
    operation?.type === "remove" ? remove(shell, value ?? "", operation) : (value ?? ""),
  );
  emit(shell, part, { results, target, all });
}

/** Passes values on: one, or as many fields as `$@` makes. */
export function emit(
  shell: Shell,
  part: ParameterPart,
  { results, target, all }: { results: readonly string[]; target: Target; all: string | undefined },
): void {
  const { sink } = target;
  if (all === undefined) {
    sink.value(results[0] ?? "", part.quoted);
    return;
  }
  const fields = sink.splits && (all === "@" || !part.quoted);
  if (!fields) {
    sink.value(results.join(separator(shell, all)), part.quoted);
    return;
  }
  results.forEach((value, index) => {
    if (index > 0) sink.separate(part.quoted);
    sink.value(value, part.quoted);
  });
}

/** What joins values where they make one string: the first character of IFS, but a blank for bash's `$@`. */
function separator(shell: Shell, all: string): string {
  if (all === "@" && shell.dialect === "bash") return " ";
  return (shell.variables.get("IFS") ?? " ").slice(0, 1);
}

interface Substitution {
  readonly operation: ParameterOperation & { type: "default" };
  readonly target: Target;
}

function substitute(shell: Shell, part: ParameterPart, { operation, target }: Substitution): void {
  const { word, operator, colon } = operation;
  if (operator === "?") {
    const bash = shell.dialect === "bash";
    const usual = bash ? (colon ? "parameter null or not set" : "parameter not set") : "parameter not set";
    const suffix = colon && !bash ? " or null" : "";
    shell.fail(`${part.name}: ${word.parts.length === 0 ? usual + suffix : expandString(shell, word)}`);
  }
  if (operator === "=") {
    if (!/^[A-Za-z_]/.test(part.name)) shell.fail(`${part.name}: bad variable name`);
    const value = expandString(shell, word);
    shell.assign(part.name, value);
    target.sink.value(value, part.quoted);
    return;
  }
  if (part.quoted && word.parts.length === 0) target.sink.literal("", true);
  const { meter } = shell.process.system;
  meter.enter("operand");
  expandParts(shell, word.parts, { sink: target.sink, operand: !part.quoted });
  meter.leave("operand");
}

function remove(shell: Shell, value: string, operation: ParameterOperation & { type: "remove" }): string {
  const { suffix, longest, word } = operation;
  const pattern = expandPattern(shell, word);
  if (!hasMagic(pattern)) {
    const text = unquotePattern(pattern);
    if (suffix) return value.endsWith(text) ? value.slice(0, value.length - text.length) : value;
    return value.startsWith(text) ? value.slice(text.length) : value;
  }
  const compiled = shell.process.system.pattern(pattern, shell.dialect);
  const length = suffix ? matchEnd(compiled, value, longest) : matchStart(compiled, value, longest);
  if (length < 0) return value;
  return suffix ? value.slice(0, value.length - length) : value.slice(length);
}

/** The value of a parameter other than `@` and `*`, or undefined if it is unset. */
export function parameterValue(shell: Shell, name: string): string | undefined {
  switch (name) {
    case "#":
      return String(shell.parameters.length);
    case "?":
      return String(shell.status);
    case "$":
      return String(shell.main.process.pid);
    case "!":
      return shell.background === undefined ? undefined : String(shell.background);
    case "-":
      return shell.optionLetters;
    case "0":
      return shell.name;
  }
  const first = name.charCodeAt(0);
  if (first >= 48 && first <= 57) return shell.parameters[Number(name) - 1];
  return shell.variables.get(name);
}
