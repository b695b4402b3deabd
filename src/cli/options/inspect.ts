/**
 * The options of `inspect`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function inspectOptions(command: Command): Command {
  return command
    .addOption(new Option("--ls", "list every file").conflicts(["cat", "extract"]))
    .addOption(
      new Option("--cat <path>", "print one file (a section as .linux, a file of the initrd as /path)").conflicts(
        "extract",
      ),
    )
    .addOption(new Option("--extract <dir>", "write all files into an empty directory"));
}
