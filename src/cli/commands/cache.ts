/**
 * `cache info` and `cache prune`.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { defaultCacheDirectory } from "../../io/cache.js";
import { cacheInfo, pruneCache } from "../../io/cache-prune.js";
import type { CommandContext } from "../common-options.js";
import { formatBytes } from "../terminal.js";

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

function directoryOf(context: CommandContext): string {
  const { cacheDir } = context.options;
  return cacheDir === undefined ? defaultCacheDirectory(context.environment) : context.path(cacheDir);
}

/** Prints the cache's size. */
export function showCacheInfo(context: CommandContext): number {
  const info = cacheInfo(directoryOf(context));
  const { terminal } = context;
  if (terminal.json) terminal.result(info);
  else {
    const labels = { blob: "downloads", deb: "unpacked packages", step: "results of steps" };
    terminal.out(`${info.directory}: ${formatBytes(info.bytes)}`);
    for (const [kind, label] of Object.entries(labels)) {
      const { bytes, entries } = info.kinds[kind as keyof typeof labels];
      terminal.out(`  ${label.padEnd(18)} ${formatBytes(bytes).padStart(10)}  ${entries} entries`);
    }
    if (info.running > 0) terminal.out(`  in use by ${info.running} running builds`);
  }
  return 0;
}

/** Cleans the cache: everything no running build uses, unless options say what to keep. */
export function prune(
  context: CommandContext,
  own: { readonly olderThan?: number; readonly maxSize?: number },
): number {
  const none = own.olderThan === undefined && own.maxSize === undefined;
  const result = pruneCache(directoryOf(context), { olderThanMs: own.olderThan, maxBytes: none ? 0 : own.maxSize });
  if (context.terminal.json) context.terminal.result(result);
  else
    context.terminal.out(
      `${result.removedEntries} entries removed (${formatBytes(result.removedBytes)}), ${formatBytes(result.leftBytes)} left`,
    );
  return 0;
}
