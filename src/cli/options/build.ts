/**
 * The options of `build`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function buildOptions(command: Command): Command {
  const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  return command.addOption(
    new Option("--format <name>", "make this instead of the recipe's outputs (repeatable)").argParser(gather),
  );
}
