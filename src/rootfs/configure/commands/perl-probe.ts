/**
 * perl, as far as shell scripts use it: `perl -e ""` asks whether it works (libc6 does, before it uses debconf), ucf of bookworm
 * quotes file names for a regular expression, and a few filter text by substitutions.
 */
import type { Command } from "../../shell/process.js";
import { runPerlLines } from "./perl-lines.js";

/** Each line with a backslash before all but letters, digits and `_`, and a second newline besides the one of `-l`. */
const QUOTE_LINES = '-nle print "\\Q$_\\E\\n"';

/** The command. */
export const perlProbe: Command = (process, args) => {
  if (args.length === 3 && args[1] === "-e" && /^(?:|0|1|exit(?: 0)?;?)$/.test(args[2] as string)) return 0;
  if (args.slice(1).join(" ") === QUOTE_LINES) {
    for (let line = process.stdin.readLine(); line !== undefined; line = process.stdin.readLine())
      process.stdout.write(`${line.replace(/\n$/, "").replace(/[^A-Za-z0-9_]/g, "\\$&")}\n\n`);
    return 0;
  }
  return runPerlLines(process, args.slice(1)) ?? process.unsupported(`perl ${args.slice(1).join(" ")}`);
};
