/**
 * The options of `verify`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function verifyOptions(command: Command): Command {
  const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  return command
    .addOption(
      new Option("--certificate <file>", "the signature must lead to this certificate (repeatable)").argParser(gather),
    )
    .addOption(
      new Option(
        "--packages <url|file>",
        "whether others could rebuild the packages: a rebuilderd instance, or a file of its list (repeatable)",
      ).argParser(gather),
    );
}
