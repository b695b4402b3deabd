/**
 * Shows events as they come: on a terminal one changing line (what, how much, how fast), into a pipe one plain line a stage,
 * with `--json` one object a line. Keeps the times for the closing summary.
 */
import type { AssembleEvent, Stage } from "../io/event.js";
import { formatBytes, formatDuration, type Terminal } from "./terminal.js";

/** What a stage took. */
export interface StageTime {
  readonly stage: Stage;
  readonly milliseconds: number;
  readonly cached: number | undefined;
  readonly total: number | undefined;
}

/** Listens to a build. */
export interface Progress {
  readonly onEvent: (event: AssembleEvent) => void;
  /** The stages that ended, in order. */
  readonly times: readonly StageTime[];
  /** Clears the changing line. */
  finish(): void;
}

const LABELS: Record<Stage, string> = {
  lock: "Resolving packages",
  download: "Downloading",
  unpack: "Unpacking",
  configure: "Configuring",
  recipe: "Applying the recipe",
  kernel: "Preparing the kernel",
  normalise: "Normalising",
  initramfs: "Packing the initramfs",
  ext4: "Laying out the ext4 file system",
  squashfs: "Packing the squashfs image",
  erofs: "Packing the EROFS image",
  verity: "Hashing the root",
  uki: "Stitching the UKI",
  disk: "Laying out the disk",
  write: "Writing",
};

/** Starts showing events. `now` is a clock in milliseconds. */
export function showProgress(terminal: Terminal, now: () => number): Progress {
  const times: StageTime[] = [];
  // Stages overlap: the kernel is unpacked while packages are configured.
  const started = new Map<Stage, number>();
  let shownAt = 0;
  const onEvent = (event: AssembleEvent): void => {
    if (terminal.json) terminal.result(event);
    if (event.type === "warning") {
      if (!terminal.json) terminal.error(`${terminal.bold("warning")}[${event.code}]: ${event.message}`);
      if (!terminal.json && event.hint !== undefined) terminal.error(`hint: ${event.hint}`);
    } else if (event.type === "note") {
      if (!terminal.json && !terminal.quiet) terminal.error(event.message);
    } else if (event.type === "progress") {
      const time = now();
      if (time - shownAt < 50) return;
      shownAt = time;
      terminal.status(progressLine(event, time - (started.get(event.stage) ?? time)));
    } else if (event.state === "start") {
      started.set(event.stage, now());
      terminal.status(`${LABELS[event.stage]} …`);
    } else {
      const milliseconds = now() - (started.get(event.stage) ?? now());
      times.push({ stage: event.stage, milliseconds, cached: event.cached, total: event.total });
      terminal.status("");
      if (!terminal.json && !terminal.quiet) terminal.error(stageLine(times.at(-1)!));
    }
  };
  return { onEvent, times, finish: () => terminal.status("") };
}

function progressLine(event: AssembleEvent & { type: "progress" }, milliseconds: number): string {
  const { done, total, unit } = event;
  const amount = (value: number): string => (unit === "bytes" ? formatBytes(value) : String(value));
  const share = total === undefined || total === 0 ? "" : `${String(Math.floor((done / total) * 100)).padStart(3)} % `;
  const rate =
    milliseconds > 300
      ? `, ${amount(Math.round((done / milliseconds) * 1000))}${unit === "bytes" ? "" : ` ${unit}`}/s`
      : "";
  const of = total === undefined ? "" : ` of ${amount(total)}`;
  const item = event.item === undefined ? "" : `  ${event.item}`;
  return `${LABELS[event.stage]}: ${share}${amount(done)}${of}${unit === "bytes" ? "" : ` ${unit}`}${rate}${item}`;
}

function stageLine(time: StageTime): string {
  const cache = time.total === undefined ? "" : `  (${time.cached ?? 0} of ${time.total} from the cache)`;
  return `${LABELS[time.stage].padEnd(24)} ${formatDuration(time.milliseconds).padStart(9)}${cache}`;
}
