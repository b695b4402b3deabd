/**
 * The options of `diff`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function diffOptions(command: Command): Command {
  return command.addOption(new Option("--html <file>", "also write the differences as a page"));
}
