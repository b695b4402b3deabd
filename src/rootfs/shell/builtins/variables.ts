/**
 * `export`, `readonly`, `local` and `unset`.
 */
import type { Shell } from "../shell.js";
import type { Variable } from "../variables.js";
import { quoteWord } from "./quote.js";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `export [-p] [name[=value]…]` */
export function exportBuiltin(shell: Shell, args: readonly string[]): number {
  return mark(shell, args, "exported");
}

/** `readonly [-p] [name[=value]…]` */
export function readonlyBuiltin(shell: Shell, args: readonly string[]): number {
  return mark(shell, args, "readonly");
}

function mark(shell: Shell, args: readonly string[], attribute: "exported" | "readonly"): number {
  let at = 1;
  let on = true;
  let functions = false;
  for (; args[at]?.startsWith("-") === true && args[at] !== "-"; at++) {
    if (args[at] === "--") {
      at++;
      break;
    }
    for (const letter of args[at]!.slice(1)) {
      if (letter === "p") continue;
      if (shell.dialect === "bash" && letter === "n") on = false;
      else if (shell.dialect === "bash" && letter === "f") functions = true;
      else if (shell.dialect === "bash") shell.unsupported(`${args[0]} -${letter}`);
      else shell.fail(`${args[0]}: Illegal option -${letter}`);
    }
  }
  if (functions) return shell.unsupported(`${args[0]} -f`);
  if (at >= args.length) list(shell, args[0]!, attribute);
  for (const arg of args.slice(at)) {
    const { name, value } = split(shell, arg, args[0]!);
    if (value !== undefined) shell.assign(name, value);
    shell.variables.ensure(name)[attribute] = on;
  }
  return 0;
}

function list(shell: Shell, command: string, attribute: "exported" | "readonly"): void {
  for (const name of shell.variables.names()) {
    const variable = shell.variables.find(name);
    if (variable?.[attribute] !== true) continue;
    shell.process.stdout.write(`${command} ${name}${showValue(variable)}\n`);
  }
}

function showValue(variable: Variable): string {
  return variable.value === undefined ? "" : `=${quoteWord(variable.value)}`;
}

/** Splits `name=value`; a bad name is an error. */
function split(shell: Shell, arg: string, command: string): { name: string; value: string | undefined } {
  const equals = arg.indexOf("=");
  const name = equals < 0 ? arg : arg.slice(0, equals);
  if (!NAME.test(name)) {
    if (shell.dialect === "bash") shell.fail(`${command}: \`${arg}': not a valid identifier`, 1);
    shell.fail(`${command}: ${name}: bad variable name`);
  }
  return { name, value: equals < 0 ? undefined : arg.slice(equals + 1) };
}

/** `local [name[=value]…]`: the variable keeps its value until it is set. */
export function localBuiltin(shell: Shell, args: readonly string[]): number {
  if (!shell.variables.inFunction) return shell.fail("local: not in a function");
  for (const arg of args.slice(1)) {
    if (arg === "-") shell.unsupported("local -");
    const { name, value } = split(shell, arg, "local");
    shell.variables.makeLocal(name);
    if (value !== undefined) shell.assign(name, value);
  }
  return 0;
}

/** `unset [-v|-f] name…` */
export function unsetBuiltin(shell: Shell, args: readonly string[]): number {
  let functions = false;
  let variables = false;
  let at = 1;
  for (; args[at]?.startsWith("-") === true && args[at] !== "-"; at++) {
    if (args[at] === "--") {
      at++;
      break;
    }
    for (const letter of args[at]!.slice(1)) {
      if (letter === "f") functions = true;
      else if (letter === "v") variables = true;
      else shell.fail(`unset: Illegal option -${letter}`);
    }
  }
  for (const name of args.slice(at)) {
    if (functions) {
      shell.functions.delete(name);
      continue;
    }
    if (shell.dialect === "bash" && unsetElement(shell, name)) continue;
    if (!NAME.test(name)) {
      if (shell.dialect === "bash") shell.fail(`unset: \`${name}': not a valid identifier`, 1);
      shell.fail(`unset: ${name}: bad variable name`);
    }
    if (shell.variables.find(name)?.readonly === true) {
      if (shell.dialect === "bash") shell.fail(`unset: ${name}: cannot unset: readonly variable`, 1);
      shell.fail(`unset: ${name}: is read only`);
    }
    if (shell.dialect === "bash" && !variables && shell.variables.find(name) === undefined)
      shell.functions.delete(name);
    shell.variables.unset(name);
    if (name === "OPTIND") shell.optionOffset = 0;
  }
  return 0;
}

/** bash: `unset 'name[index]'` */
function unsetElement(shell: Shell, text: string): boolean {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)\[(.*)\]$/s.exec(text);
  if (match === null) return false;
  shell.variables.find(match[1]!)?.array?.delete(match[2]!);
  return true;
}
