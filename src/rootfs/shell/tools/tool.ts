/**
 * The frame that every emulated tool runs in: its command line, its messages and its status, in the manner of GNU programs.
 */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Node } from "../../tree/node.js";
import type { Command, Process } from "../process.js";
import { type GivenOption, type OptionSpec, parseOptions } from "./options.js";

/** Thrown to end a tool at once with a status. */
export class ToolExit extends Error {
  override readonly name = "ToolExit";
  readonly status: number;
  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** What a tool is, besides what it does. */
export interface ToolSpec extends OptionSpec {
  /** Status after a complaint (default 1). */
  readonly failure?: number;
  /** Status of a usage error (default: `failure`). */
  readonly usage?: number;
  /** What follows the name in a `Usage:` line that precedes the hint, for tools that print one. */
  readonly usageLine?: string;
  /** The hint at the help starts with the name, as diffutils has it. */
  readonly namesHint?: boolean;
  /** The quote that opens the command of the hint (default an apostrophe). */
  readonly quotesHint?: "`";
}

/** A running tool. */
export interface Tool {
  readonly process: Process;
  /** The name it was called by, which starts its messages. */
  readonly name: string;
  readonly options: readonly GivenOption[];
  readonly operands: readonly string[];
  /** The command line without the name. */
  readonly words: readonly string[];
  /** The status to end with unless the body returns one; `complain` sets it. */
  status: number;
  has(option: string): boolean;
  /** The last value given for an option. */
  value(option: string): string | undefined;
  /** All values given for an option, in order. */
  values(option: string): readonly string[];
  /** Writes to standard output. */
  out(bytes: string): undefined;
  /** Writes `name: message` to standard error. */
  say(message: string): undefined;
  /** Says a message; the tool will end with its failure status. */
  complain(message: string): undefined;
  /** Says a message and ends the tool. */
  die(message: string, status?: number): never;
  /** Ends the tool. */
  exit(status: number): never;
  /** Says a message and where help is, and ends the tool with its usage status. */
  usage(message?: string): never;
  /** Stops the build: the tool was used in a way that is not emulated. */
  unsupported(what: string): never;
  /** The node at a path argument. @throws FileSystemError */
  stat(path: string): Node;
  /** The node at a path argument, a symbolic link not followed. @throws FileSystemError */
  lstat(path: string): Node;
  /** The node at a path argument if it can be reached. */
  find(path: string, options?: { readonly follow?: boolean }): Node | undefined;
  /** The absolute path of a path argument. @throws FileSystemError ENOENT for the empty path */
  absolute(path: string): string;
}

/** Makes a command of a tool's options and its body. */
export function defineTool(spec: ToolSpec, body: (tool: Tool) => number | undefined): Command {
  return (process, args) => {
    const name = args[0] ?? "";
    const failure = spec.failure ?? 1;
    const parsed = parseOptions(spec, args.slice(1));
    const tool = makeTool(process, name, {
      spec,
      words: args.slice(1),
      parsed: parsed.kind === "parsed" ? parsed : undefined,
    });
    try {
      if (parsed.kind === "refused") tool.unsupported(parsed.option);
      if (parsed.kind === "rejected") tool.usage(parsed.message);
      return body(tool) ?? tool.status;
    } catch (error) {
      if (error instanceof ToolExit) return error.status;
      if (!(error instanceof FileSystemError)) throw error;
      tool.say(error.errno === "EBADF" ? `write error: ${error.text}` : `${error.path}: ${error.text}`);
      return failure;
    }
  };
}

function makeTool(
  process: Process,
  name: string,
  context: {
    readonly spec: ToolSpec;
    readonly words: readonly string[];
    readonly parsed: { options: readonly GivenOption[]; operands: readonly string[] } | undefined;
  },
): Tool {
  const { options, operands } = context.parsed ?? { options: [], operands: [] };
  const failure = context.spec.failure ?? 1;
  const say = (message: string): undefined => {
    process.stderr.write(`${name}: ${message}\n`);
  };
  const absolute = (path: string): string => {
    if (path === "") throw new FileSystemError("ENOENT", path);
    return process.absolute(path);
  };
  const get = (path: string, follow: boolean): Node => {
    try {
      return process.tree.get(absolute(path), { follow });
    } catch (error) {
      throw renamed(error, path);
    }
  };
  const tool: Tool = {
    process,
    name,
    options,
    operands,
    words: context.words,
    status: 0,
    has: (option) => options.some((given) => given.name === option),
    value: (option) => options.findLast((given) => given.name === option)?.value,
    values: (option) => options.filter((given) => given.name === option).map((given) => given.value),
    out: (bytes) => {
      if (bytes !== "") process.stdout.write(bytes);
    },
    say,
    complain: (message) => {
      say(message);
      tool.status = failure;
    },
    die: (message, status = failure) => {
      say(message);
      throw new ToolExit(status);
    },
    exit: (status) => {
      throw new ToolExit(status);
    },
    usage: (message) => {
      if (message !== undefined) say(message);
      if (context.spec.usageLine !== undefined) process.stderr.write(`Usage: ${name} ${context.spec.usageLine}\n`);
      process.stderr.write(
        `${context.spec.namesHint ? `${name}: ` : ""}Try ${context.spec.quotesHint ?? "'"}${name} --help' for more information.\n`,
      );
      throw new ToolExit(context.spec.usage ?? failure);
    },
    unsupported: (what) => process.unsupported(`${name} ${what}`),
    stat: (path) => get(path, true),
    lstat: (path) => get(path, false),
    find: (path, { follow = true } = {}) =>
      path === "" ? undefined : process.tree.lookup(process.absolute(path), { follow }),
    absolute,
  };
  return tool;
}

/** The same error about the path as the user gave it. */
export function renamed(error: unknown, path: string): unknown {
  return error instanceof FileSystemError ? new FileSystemError(error.errno, path) : error;
}
