/**
 * The options of `disk`, apart from what it does: reading a command line loads no command.
 */
import { type Command, InvalidArgumentError, Option } from "commander";

const FORMATS = ["qcow2", "raw", "vhd"] as const;
/** What an empty disk is written as. */
export type DiskFormat = (typeof FORMATS)[number];

const SIZES: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Adds the command's own options. */
export function diskCreateOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--size <size>", "what the guest sees: 2048G, 500M").argParser(parseSize).makeOptionMandatory(),
    )
    .addOption(
      new Option("--format <name>", "qcow2, raw or vhd (default: by the file's ending, else qcow2)").choices(FORMATS),
    );
}

function parseSize(text: string): number {
  const match = /^([1-9][0-9]*)([KMGT]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("a size such as 2048G or 500M was wanted");
  return Number(match[1]) * SIZES[match[2]!]!;
}
