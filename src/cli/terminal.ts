/**
 * Where output goes: the result to stdout, progress and errors to stderr. `NO_COLOR`, `CI`, `--json` and `-q` are honoured.
 */
import type { WriteStream } from "node:tty";

/** How a command talks to its user. */
export interface Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether stderr can show a line that changes. */
  readonly live: boolean;
  readonly columns: number;
  /** Writes a line of the result to stdout. */
  out(line: string): void;
  /** Writes raw bytes of the result to stdout. */
  outBytes(bytes: Uint8Array): Promise<void>;
  /** Writes one JSON object as a line to stdout. */
  result(value: unknown): void;
  /** Writes a line to stderr. */
  error(line: string): void;
  /** Replaces the changing last line of stderr; an empty text clears it. */
  status(line: string): void;
  bold(text: string): string;
  red(text: string): string;
  dim(text: string): string;
}

/** The options that decide how a terminal behaves. */
export interface TerminalOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** The process's own terminal. */
export function openTerminal(options: TerminalOptions, environment: NodeJS.ProcessEnv): Terminal {
  const { stdout, stderr } = process;
  const set = (name: string): boolean => (environment[name] ?? "") !== "";
  const quiet = options.quiet ?? false;
  const live = stderr.isTTY === true && !quiet && !set("CI") && environment["TERM"] !== "dumb" && options.json !== true;
  const colour = stderr.isTTY === true && !set("NO_COLOR") && environment["TERM"] !== "dumb";
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write("\r\u001b[K");
    shown = false;
  };
  return {
    json: options.json ?? false,
    quiet,
    verbose: options.verbose ?? false,
    live,
    columns: (stderr as WriteStream).columns ?? 80,
    out(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    outBytes(bytes) {
      clear();
      return new Promise((resolve, reject) => {
        stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
    },
    result(value) {
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    error(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    status(line) {
      if (!live) return;
      clear();
      if (line === "") return;
      const width = ((stderr as WriteStream).columns ?? 80) - 1;
      stderr.write(line.length > width ? line.slice(0, width) : line);
      shown = true;
    },
    bold: (text) => paint(1, text),
    red: (text) => paint(31, text),
    dim: (text) => paint(2, text),
  };
}

/** `1.5 MiB`: sizes are powers of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`;
}

/** `850 ms`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
