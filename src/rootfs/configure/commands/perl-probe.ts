/**
 * perl, as far as maintainer scripts only ask whether it works: `perl -e ""` (libc6 does, before it uses debconf).
 */
import type { Command } from "../../shell/process.js";

/** The command. */
export const perlProbe: Command = (process, args) => {
  if (args.length === 3 && args[1] === "-e" && /^(?:|0|1|exit(?: 0)?;?)$/.test(args[2] as string)) return 0;
  return process.unsupported(`perl ${args.slice(1).join(" ")}`);
};
