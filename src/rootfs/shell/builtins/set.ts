/**
 * `set` and `shift`.
 */
import type { Shell } from "../shell.js";
import { applyOption } from "../shell-options.js";
import { quoteWord, readNumber } from "./quote.js";

/** `set [options] [--] [word…]` */
export function setBuiltin(shell: Shell, args: readonly string[]): number {
  if (args.length === 1) {
    listVariables(shell);
    return 0;
  }
  let at = 1;
  for (; at < args.length; at++) {
    const word = args[at]!;
    if (word === "--" || word === "-") {
      if (word === "-") {
        shell.options.delete("x");
        shell.options.delete("v");
        if (at + 1 >= args.length) return 0;
      }
      shell.parameters = args.slice(at + 1);
      return 0;
    }
    if (!/^[-+]./s.test(word)) break;
    at += applyOption(shell, args.slice(at));
  }
  if (at < args.length) shell.parameters = args.slice(at);
  return 0;
}

function listVariables(shell: Shell): void {
  if (shell.dialect === "bash") shell.unsupported("set without arguments");
  for (const name of shell.variables.names()) {
    const value = shell.variables.get(name);
    if (value !== undefined) shell.process.stdout.write(`${name}=${quoteWord(value)}\n`);
  }
}

/** `shift [n]` */
export function shiftBuiltin(shell: Shell, args: readonly string[]): number {
  const count = args[1] === undefined ? 1 : readNumber(args[1]);
  if (count === undefined) return shell.fail(`shift: Illegal number: ${args[1]}`);
  if (count > shell.parameters.length) {
    if (shell.dialect === "bash") return 1;
    return shell.fail("shift: can't shift that many");
  }
  shell.parameters = shell.parameters.slice(count);
  return 0;
}
