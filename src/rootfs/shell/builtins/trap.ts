/**
 * `trap`.
 */
import type { Shell } from "../shell.js";
import { SIGNALS, signalName } from "../trap-signals.js";
import { quoteWord } from "./quote.js";

const BASH_ONLY: ReadonlySet<string> = new Set(["ERR", "DEBUG", "RETURN"]);

/** `trap [action] condition…`; without arguments it lists the traps. */
export function trapBuiltin(shell: Shell, args: readonly string[]): number {
  const words = args[1] === "--" ? args.slice(2) : args.slice(1);
  if (words.length === 0 || words[0] === "-p") {
    listTraps(shell);
    return 0;
  }
  const alone = words.length === 1 || /^[0-9]+$/.test(words[0]!);
  const action = alone ? "-" : words[0]!;
  let status = 0;
  for (const condition of alone ? words : words.slice(1)) {
    const name = signalName(condition, { prefix: shell.dialect === "bash" });
    if (name === undefined) {
      if (shell.dialect === "bash" && BASH_ONLY.has(condition)) {
        if (action !== "-") shell.unsupported(`trap … ${condition}`);
        continue;
      }
      status = 1;
      if (shell.dialect === "dash") {
        shell.process.stderr.write(`trap: ${condition}: bad trap\n`);
        return status;
      }
      shell.report(`trap: ${condition}: invalid signal specification`);
      continue;
    }
    if (action === "-") shell.traps.delete(name);
    else shell.traps.set(name, action);
  }
  return status;
}

function listTraps(shell: Shell): void {
  for (const name of SIGNALS) {
    const command = shell.traps.get(name);
    if (command === undefined) continue;
    const shown = shell.dialect === "bash" && name !== "EXIT" ? `SIG${name}` : name;
    shell.process.stdout.write(`trap -- ${quoteWord(command)} ${shown}\n`);
  }
}
