/**
 * The options of `run`, apart from what it does: reading a command line loads no command.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Forward } from "../../sandbox/qemu/qemu-arguments.js";
import { parseMemory } from "./parse-memory.js";

/** Adds the command's own options. */
export function runOptions(command: Command): Command {
  const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const gatherForwards = (value: string, before: readonly Forward[] = []): readonly Forward[] => [
    ...before,
    parseForward(value),
  ];
  return command
    .addOption(
      new Option("--disk <file>", "attach this disk; an empty qcow2 is made when it is missing (repeatable)").argParser(
        gather,
      ),
    )
    .addOption(new Option("--keep", "let what the guest writes to the disk that it boots from stay there"))
    .addOption(
      new Option(
        "--memory <size>",
        "memory of the machine (default: what the manifest asks for, at least 2G)",
      ).argParser(parseMemory),
    )
    .addOption(
      new Option("--forward <host:guest>", "forward a TCP port of this host (repeatable)").argParser(gatherForwards),
    )
    .addOption(new Option("--expect <text>", "end with success when the console shows this text"))
    .addOption(new Option("--timeout <seconds>", "end after this many seconds").argParser(parseSeconds));
}

function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("a number of seconds was wanted");
  return value * 1000;
}

function parseForward(text: string): Forward {
  const match = /^([0-9]+):([0-9]+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("two ports such as 8080:80 were wanted");
  return { host: Number(match[1]), guest: Number(match[2]) };
}
