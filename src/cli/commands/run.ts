/**
 * `run ARTIFACT`: boots a UKI in the host's QEMU with OVMF, the serial console on the terminal.
 */
import type { RunDisk } from "../../sandbox/qemu/prepare-disk.js";
import type { Forward } from "../../sandbox/qemu/qemu-arguments.js";
import { runImage } from "../../sandbox/qemu/run-image.js";
import type { CommandContext } from "../common-options.js";
import { formatDuration } from "../terminal.js";

/** Boots an artifact. */
export async function run(
  context: CommandContext,
  artifact: string,
  own: {
    readonly disk?: readonly string[];
    readonly keep?: true;
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
    ...(own.keep === undefined ? {} : { keepsWrites: true }),
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
