/**
 * dpkg-trigger(1): notes a trigger, which is taken in when the script that called it has ended.
 */
import { requestTrigger } from "../../../apt/order/dpkg-state.js";
import type { Command } from "../../shell/process.js";
import type { DpkgDatabase } from "../../unpack/dpkg-database.js";
import { checkDirectories, DIRECTORY_OPTIONS, fail, readOptions } from "./command-options.js";

const OPTIONS = {
  flags: {
    "--await": "await",
    "--no-await": "no-await",
    "--no-act": "no-act",
    "--check-supported": "check-supported",
  },
  values: { "--by-package": "by-package", ...DIRECTORY_OPTIONS },
} as const;

/** The command. */
export function dpkgTriggerCommand(database: DpkgDatabase): Command {
  return (process, args) => {
    const options = readOptions(process, args, OPTIONS);
    checkDirectories(process, options);
    if (options.flags.has("check-supported")) return 0;
    const [trigger] = options.operands;
    if (trigger === undefined || options.operands.length > 1)
      return fail(process, "dpkg-trigger: error: takes one argument, the trigger name");
    if (!/^[!-~]+$/.test(trigger)) return fail(process, `dpkg-trigger: error: invalid trigger name '${trigger}'`);
    const named = options.values.get("by-package") ?? process.environment.get("DPKG_MAINTSCRIPT_PACKAGE");
    const noAwait = options.flags.has("no-await") || named === "-";
    if (named === undefined && !noAwait)
      return fail(
        process,
        "dpkg-trigger: error: must be called from a maintainer script (or with a --by-package option)",
      );
    if (!options.flags.has("no-act")) requestTrigger(database.state, trigger, noAwait ? undefined : named);
    return 0;
  };
}
