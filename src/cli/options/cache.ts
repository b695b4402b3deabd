/**
 * The options of `cache`, apart from what it does: reading a command line loads no command.
 */
import { type Command, InvalidArgumentError, Option } from "commander";

const DURATIONS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };
const SIZES: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Adds the options of `cache prune`. */
export function pruneOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--older-than <time>", "remove what no build used for this long (30d, 12h)").argParser(parseDuration),
    )
    .addOption(
      new Option("--max-size <size>", "then the least recently used, down to this size (5G)").argParser(parseSize),
    );
}

function parseDuration(text: string): number {
  const match = /^([0-9]+)([smhdw])$/.exec(text);
  if (match === null) throw new InvalidArgumentError("a time such as 30d or 12h was wanted");
  return Number(match[1]) * DURATIONS[match[2]!]!;
}

function parseSize(text: string): number {
  const match = /^([0-9]+)([KMGT]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("a size such as 5G or 500M was wanted");
  return Number(match[1]) * SIZES[match[2]!]!;
}
