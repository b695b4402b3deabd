/**
 * `break`, `continue`, `return` and `exit`.
 */
import { ExitShell, type Skip } from "../control.js";
import type { Shell } from "../shell.js";
import { readNumber } from "./quote.js";

function leaveLoops(shell: Shell, args: readonly string[], kind: Skip["kind"]): number {
  const count = args[1] === undefined ? 1 : readNumber(args[1]);
  if (count === undefined || count === 0) return shell.fail(`${args[0]}: Illegal number: ${args[1]}`);
  if (shell.loopDepth === 0 && shell.dialect === "bash") {
    shell.report(`${args[0]}: only meaningful in a \`for', \`while', or \`until' loop`);
  }
  if (shell.loopDepth > 0) shell.skip = { kind, count: Math.min(count, shell.loopDepth) };
  return 0;
}

/** `break [n]`; outside a loop it does nothing. */
export function breakBuiltin(shell: Shell, args: readonly string[]): number {
  return leaveLoops(shell, args, "break");
}

/** `continue [n]` */
export function continueBuiltin(shell: Shell, args: readonly string[]): number {
  return leaveLoops(shell, args, "continue");
}

function readStatus(shell: Shell, args: readonly string[]): number {
  if (args[1] === undefined) return shell.status;
  const number = shell.dialect === "bash" && /^-[0-9]+$/.test(args[1]) ? Number(args[1]) : readNumber(args[1]);
  if (number !== undefined) return number & 255;
  if (shell.dialect === "dash") return shell.fail(`${args[0]}: Illegal number: ${args[1]}`);
  shell.report(`${args[0]}: ${args[1]}: numeric argument required`);
  throw new ExitShell(2);
}

/** `return [n]`: ends the function or sourced file, or the script. */
export function returnBuiltin(shell: Shell, args: readonly string[]): number {
  const status = readStatus(shell, args);
  if (shell.dialect === "bash" && shell.functionDepth === 0 && shell.sourceDepth === 0) {
    return shell.fail("return: can only `return' from a function or sourced script", 2);
  }
  shell.skip = { kind: "return", count: 0 };
  return status;
}

/** `exit [n]` */
export function exitBuiltin(shell: Shell, args: readonly string[]): number {
  throw new ExitShell(readStatus(shell, args));
}
