/**
 * `cache info` and `cache prune`.
 */
import { defaultCacheDirectory } from "../../io/cache.js";
import { cacheInfo, pruneCache } from "../../io/cache-prune.js";
import type { CommandContext } from "../common-options.js";
import { formatBytes } from "../terminal.js";

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
