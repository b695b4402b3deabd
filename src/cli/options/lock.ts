/**
 * The options of `lock`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function lockOptions(command: Command): Command {
  return command
    .addOption(new Option("--update [names...]", "move forward: everything, or these packages").conflicts("check"))
    .addOption(new Option("--check", "fail if recipe and lock disagree"));
}
