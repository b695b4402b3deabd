/**
 * What a name means: `command -v`, `command -V`, `type`, and `hash`.
 */
import type { Shell } from "../shell.js";
import { DEFAULT_PATH, findProgram } from "../start-program.js";
import { quoteWord } from "./quote.js";
import { findBuiltin, isSpecialBuiltin } from "./table.js";

const KEYWORDS: ReadonlySet<string> = new Set(
  "! case do done elif else esac fi for if in then until while { }".split(" "),
);
const BASH_KEYWORDS: ReadonlySet<string> = new Set("[[ ]] function select time coproc".split(" "));

interface Meaning {
  readonly type: "keyword" | "alias" | "function" | "builtin" | "file";
  readonly path?: string;
}

function findMeaning(
  shell: Shell,
  name: string,
  path = shell.variables.get("PATH") ?? DEFAULT_PATH,
): Meaning | undefined {
  const bash = shell.dialect === "bash";
  if (KEYWORDS.has(name) || (bash && BASH_KEYWORDS.has(name))) return { type: "keyword" };
  if (shell.aliases.has(name)) return { type: "alias" };
  if (isSpecialBuiltin(name) && !bash) return { type: "builtin" };
  if (shell.functions.has(name)) return { type: "function" };
  if (findBuiltin(shell, name) !== undefined) return { type: "builtin" };
  const found = findProgram(shell.process, name, path);
  return found.status === 0 ? { type: "file", path: found.path } : undefined;
}

/** `command` with -v or -V; running commands is the evaluator's. */
export function commandBuiltin(shell: Shell, args: readonly string[]): number {
  let at = 1;
  let mode = "";
  let path: string | undefined;
  for (; args[at]?.startsWith("-") === true && args[at] !== "-"; at++) {
    if (args[at] === "--") {
      at++;
      break;
    }
    for (const letter of args[at]!.slice(1)) {
      if (letter === "p") path = DEFAULT_PATH;
      else if (letter === "v" || letter === "V") mode = letter;
      else
        shell.fail(
          shell.dialect === "bash" ? `command: -${letter}: invalid option` : `command: Illegal option -${letter}`,
        );
    }
  }
  // dash looks at the first name only.
  const names = shell.dialect === "bash" ? args.slice(at) : args.slice(at, at + 1);
  if (mode === "V") return describeAll(shell, names, "command");
  let found = names.length === 0;
  for (const name of names) {
    const meaning = findMeaning(shell, name, path);
    if (meaning === undefined) continue;
    found = true;
    const value = quoteWord(shell.aliases.get(name) ?? "");
    const text = meaning.type === "alias" ? `alias ${name}=${value}` : (meaning.path ?? name);
    shell.process.stdout.write(`${text}\n`);
  }
  return found ? 0 : shell.dialect === "bash" ? 1 : 127;
}

/** `type name…` */
export function typeBuiltin(shell: Shell, args: readonly string[]): number {
  if (shell.dialect !== "bash" || args[1]?.startsWith("-") !== true) return describeAll(shell, args.slice(1), "type");
  if (!/^-[tpPf]$/.test(args[1])) shell.unsupported(`type ${args[1]}`);
  let status = 0;
  for (const name of args.slice(2)) {
    const meaning = findMeaning(shell, name);
    const text = args[1] === "-t" ? meaning?.type : meaning?.path;
    if (meaning === undefined) status = 1;
    if (text !== undefined) shell.process.stdout.write(`${text}\n`);
  }
  return status;
}

function describeAll(shell: Shell, names: readonly string[], command: string): number {
  let status = 0;
  for (const name of names) {
    const meaning = findMeaning(shell, name);
    if (meaning !== undefined) {
      shell.process.stdout.write(`${name} is ${describe(shell, name, meaning)}\n`);
    } else if (shell.dialect === "bash") {
      shell.report(`${command}: ${name}: not found`);
      status = 1;
    } else {
      shell.process.stdout.write(`${name}: not found\n`);
      status = 127;
    }
  }
  return status;
}

function describe(shell: Shell, name: string, meaning: Meaning): string {
  const bash = shell.dialect === "bash";
  switch (meaning.type) {
    case "keyword":
      return "a shell keyword";
    case "alias":
      return bash ? `aliased to \`${shell.aliases.get(name)}'` : `an alias for ${shell.aliases.get(name)}`;
    case "function":
      if (bash) shell.unsupported("type of a function, which prints its text");
      return "a shell function";
    case "builtin":
      return !bash && isSpecialBuiltin(name) ? "a special shell builtin" : "a shell builtin";
    case "file":
      return meaning.path!;
  }
}

/** `hash [-r] [name…]`: there is no table, names are looked up each time. */
export function hashBuiltin(shell: Shell, args: readonly string[]): number {
  let status = 0;
  for (const name of args.slice(1)) {
    if (name === "-r" || name === "-v" || findMeaning(shell, name) !== undefined) continue;
    shell.report(`hash: ${name}: not found`);
    status = 1;
  }
  return status;
}
