/**
 * bash's `let`.
 */
import { evaluateArithmetic } from "../arithmetic.js";
import type { Shell } from "../shell.js";

/** `let expression…`: true if the last is not 0. */
export function letBuiltin(shell: Shell, args: readonly string[]): number {
  if (args.length < 2) return shell.fail("let: expression expected", 1);
  let value = 0n;
  for (const arg of args.slice(1)) value = evaluateArithmetic(shell, arg);
  return Number(value === 0n);
}
