/**
 * `alias` and `unalias`.
 */
import type { Shell } from "../shell.js";
import { quoteWord } from "./quote.js";

/** `alias [name[=value]…]` */
export function aliasBuiltin(shell: Shell, args: readonly string[]): number {
  const { stdout } = shell.process;
  if (args.length === 1) {
    for (const [name, value] of [...shell.aliases].sort()) stdout.write(`${name}=${quoteWord(value)}\n`);
    return 0;
  }
  let status = 0;
  for (const arg of args.slice(1)) {
    const equals = arg.indexOf("=", 1);
    if (equals > 0) shell.aliases.set(arg.slice(0, equals), arg.slice(equals + 1));
    else if (shell.aliases.has(arg)) stdout.write(`${arg}=${quoteWord(shell.aliases.get(arg)!)}\n`);
    else {
      shell.process.stderr.write(`alias: ${arg} not found\n`);
      status = 1;
    }
  }
  return status;
}

/** `unalias -a | name…` */
export function unaliasBuiltin(shell: Shell, args: readonly string[]): number {
  if (args[1] === "-a") {
    shell.aliases.clear();
    return 0;
  }
  let status = 0;
  for (const name of args.slice(1)) {
    if (shell.aliases.delete(name)) continue;
    shell.process.stderr.write(`unalias: ${name} not found\n`);
    status = 1;
  }
  return status;
}
