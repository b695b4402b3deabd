/**
 * `times` and `ulimit`: no time passes, and nothing is limited.
 */
import type { Shell } from "../shell.js";

/** `times` */
export function timesBuiltin(shell: Shell): number {
  shell.process.stdout.write("0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n");
  return 0;
}

/** `ulimit`: setting a limit has no effect on what is emulated; asking for one depends on the machine. */
export function ulimitBuiltin(shell: Shell, args: readonly string[]): number {
  const operands = args.slice(1).filter((arg) => !arg.startsWith("-"));
  if (operands.length === 0) shell.unsupported("asking for a limit with ulimit");
  return 0;
}
