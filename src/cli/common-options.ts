/**
 * The options that every command has (contract §3).
 */
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Options } from "../assemble/session.js";
import { openTerminal, type Terminal } from "./terminal.js";

/** Common options as the command line gives them. */
export interface CommonOptions {
  readonly directory?: string;
  readonly output?: string;
  readonly profile?: readonly string[];
  readonly offline?: boolean;
  readonly locked?: boolean;
  readonly mirror?: readonly string[];
  readonly cacheDir?: string;
  readonly jobs?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** A positive whole number. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a positive whole number was wanted");
  return value;
}

/** Adds the options to a command. */
export function addCommonOptions(command: Command): Command {
  return command
    .addOption(new Option("-C, --directory <dir>", "work in this directory"))
    .addOption(new Option("-o, --output <dir>", "directory for the results (default: build)"))
    .addOption(new Option("--profile <name>", "lay this profile on the recipe (repeatable)").argParser(gather))
    .addOption(new Option("--offline", "use only what the cache has"))
    .addOption(new Option("--locked", "a stale or missing lock is an error"))
    .addOption(
      new Option("--mirror <url>", "take packages from this mirror (also security=URL; repeatable)").argParser(gather),
    )
    .addOption(
      new Option("--cache-dir <dir>", "the cache (default: TDX_ASSEMBLE_CACHE, else the user's cache directory)"),
    )
    .addOption(new Option("--jobs <n>", "threads at most").argParser(positiveInteger))
    .addOption(new Option("--json", "machine-readable output"))
    .addOption(new Option("-q, --quiet", "only errors and the result"))
    .addOption(new Option("-v, --verbose", "more about errors"));
}

/** What a command's action is given. */
export interface CommandContext {
  readonly options: CommonOptions;
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Milliseconds, for durations. */
  readonly now: () => number;
  /** A path of the command line, from `-C` or the current directory. */
  path(path: string): string;
}

/** Makes the context of one run. */
export function makeContext(options: CommonOptions, signal: AbortSignal): CommandContext {
  const base = resolve(options.directory ?? ".");
  return {
    options,
    terminal: openTerminal(options, process.env),
    environment: process.env,
    signal,
    now: () => performance.now(),
    path: (path) => resolve(base, path),
  };
}

/** The library's options of a context. */
export function libraryOptions(context: CommandContext): Options {
  const { options, environment, signal } = context;
  return {
    cacheDir:
      options.cacheDir === undefined ? environment["TDX_ASSEMBLE_CACHE"] || undefined : context.path(options.cacheDir),
    mirror: options.mirror,
    jobs: options.jobs,
    offline: options.offline,
    signal,
  };
}
