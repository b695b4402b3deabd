/**
 * bash's `shopt`.
 */
import type { Shell } from "../shell.js";

const KNOWN: ReadonlySet<string> = new Set([
  "nullglob",
  "dotglob",
  "failglob",
  "nocasematch",
  "lastpipe",
  "extglob",
  "globstar",
]);
/** Options whose state is what the shell does anyway when no terminal is there. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "expand_aliases",
  "checkwinsize",
  "huponexit",
  "inherit_errexit",
  "sourcepath",
]);

/** `shopt [-s|-u|-q] name…` */
export function shoptBuiltin(shell: Shell, args: readonly string[]): number {
  let mode = "";
  let quiet = false;
  let at = 1;
  for (; args[at]?.startsWith("-") === true; at++) {
    if (args[at] === "-s" || args[at] === "-u") mode = args[at]!;
    else if (args[at] === "-q") quiet = true;
    else shell.unsupported(`shopt ${args[at]}`);
  }
  let status = 0;
  for (const name of args.slice(at)) {
    const known = KNOWN.has(name);
    if (!known && !WITHOUT_EFFECT.has(name)) shell.unsupported(`shopt ${name}`);
    if (mode === "-s" && ["nocasematch", "lastpipe", "globstar", "inherit_errexit", "failglob"].includes(name)) {
      shell.unsupported(`shopt -s ${name}`);
    }
    if (mode === "-s") shell.options.add(name);
    else if (mode === "-u") shell.options.delete(name);
    else {
      const on = shell.options.has(name);
      if (!on) status = 1;
      if (!quiet) shell.process.stdout.write(`${name.padEnd(15)}\t${on ? "on" : "off"}\n`);
    }
  }
  return status;
}
