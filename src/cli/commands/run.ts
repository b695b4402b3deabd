/**
 * `run ARTIFACT`: boots a UKI in the host's QEMU with OVMF, the serial console on the terminal.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { RunDisk } from "../../sandbox/qemu/prepare-disk.js";
import type { Forward } from "../../sandbox/qemu/qemu-arguments.js";
import { runImage } from "../../sandbox/qemu/run-image.js";
import type { CommandContext } from "../common-options.js";
import { formatDuration } from "../terminal.js";

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

function parseMemory(text: string): number {
  const match = /^([0-9]+)([MG])$/.exec(text);
  if (match === null) throw new InvalidArgumentError("a size such as 2G or 512M was wanted");
  return Number(match[1]) * (match[2] === "G" ? 2 ** 30 : 2 ** 20);
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

/** Boots an artifact. */
export async function run(
  context: CommandContext,
  artifact: string,
  own: {
    readonly disk?: readonly string[];
    readonly memory?: number;
    readonly forward?: readonly Forward[];
    readonly expect?: string;
    readonly timeout?: number;
  },
): Promise<number> {
  const { terminal } = context;
  const disks: RunDisk[] = (own.disk ?? []).map((file) => ({ file: context.path(file) }));
  const result = await runImage(context.path(artifact), {
    disks,
    ...(own.memory === undefined ? {} : { memoryBytes: own.memory }),
    ...(own.forward === undefined ? {} : { forwards: own.forward }),
    ...(own.expect === undefined ? {} : { expect: own.expect }),
    ...(own.timeout === undefined ? {} : { timeoutMilliseconds: own.timeout }),
    ...(terminal.json
      ? { onConsole: (bytes) => terminal.result({ type: "console", text: Buffer.from(bytes).toString("utf8") }) }
      : { console: process.stdout, keyboard: process.stdin }),
    onNotice: (text) => terminal.error(text),
    signal: context.signal,
  });
  if (terminal.json) terminal.result({ type: "result", ...result });
  else if (!terminal.quiet)
    terminal.error(`\n${result.outcome} after ${formatDuration(result.milliseconds)} (${result.accelerator})`);
  if (result.outcome === "timeout") return 1;
  return own.expect !== undefined && result.outcome !== "expected" ? 1 : 0;
}
