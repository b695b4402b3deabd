/**
 * The options of `replay`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function replayOptions(command: Command): Command {
  return command
    .addOption(new Option("--against <expected>", "a measurements file or a policy").makeOptionMandatory())
    .addOption(new Option("--live <file>", 'what the machine\'s registers hold, as JSON: {"pcr4": "…"}'));
}
