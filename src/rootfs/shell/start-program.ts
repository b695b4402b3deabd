/**
 * execvp(3) inside the tree: finds a program, then emulates it or interprets it.
 */
import { toByteString } from "../../bytes/content.js";
import { FileSystemError } from "../tree/file-system-error.js";
import type { FileNode } from "../tree/node.js";
import type { EmulatedProcess } from "./emulated-process.js";
import { interpretFile } from "./interpret.js";
import { BrokenPipe, type Command, NotEmulated } from "./process.js";
import type { Dialect } from "./syntax.js";

/** dash's path when PATH is unset (DEFPATHVAR). */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const SHELLS: ReadonlyMap<string, Dialect> = new Map([
  ["sh", "dash"],
  ["dash", "dash"],
  ["ash", "dash"],
  ["bash", "bash"],
]);

/** Status of a process that was ended by SIGPIPE. */
export const BROKEN_PIPE_STATUS = 141;

/** What a search of PATH found. */
export type Found =
  | { readonly status: 0; readonly path: string; readonly real: string; readonly node: FileNode }
  | { readonly status: 126 | 127; readonly path: string };

/** Finds a program: by path where the name has a slash, else along `searchPath`. */
export function findProgram(process: EmulatedProcess, name: string, searchPath: string): Found {
  if (name.includes("/")) return check(process, name);
  let denied: Found | undefined;
  for (const directory of searchPath.split(":")) {
    const found = check(process, directory === "" ? name : `${directory}/${name}`);
    if (found.status === 0) return found;
    if (found.status === 126) denied ??= found;
  }
  return denied ?? { status: 127, path: name };
}

function check(process: EmulatedProcess, path: string): Found {
  try {
    const place = process.tree.resolve(process.absolute(path));
    if (place.node === undefined) return { status: 127, path };
    if (place.node.type !== "file" || (place.node.mode & 0o111) === 0) return { status: 126, path };
    return { status: 0, path, real: place.path, node: place.node };
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return { status: error.errno === "ENOTDIR" ? 126 : 127, path };
  }
}

/** Replaces a process by a program (it is the caller's to have forked), and runs it to its end. */
export function startProgram(process: EmulatedProcess, argv: readonly string[]): number {
  const name = argv[0] ?? "";
  const found = findProgram(process, name, process.environment.get("PATH") ?? DEFAULT_PATH);
  if (found.status !== 0) return found.status;
  return runFound(process, found, argv);
}

/** Runs what `findProgram` found. */
export function runFound(process: EmulatedProcess, found: Found & { status: 0 }, argv: readonly string[]): number {
  const { system } = process;
  const command = system.commands.get(found.real.slice(found.real.lastIndexOf("/") + 1));
  if (command !== undefined) {
    try {
      return runCommandFunction(process, command, argv);
    } catch (error) {
      if (!(error instanceof NotEmulated)) throw error;
    }
  }
  const head = toByteString(found.node.content.read(0, 256));
  const interpreter = readInterpreter(head);
  const named = interpreter === undefined ? undefined : SHELLS.get(interpreter.name);
  const bare = interpreter === undefined && !head.startsWith("\x7fELF") && !head.includes("\0");
  const dialect = named ?? (bare ? "dash" : undefined);
  if (dialect === undefined) {
    const kind = interpreter === undefined ? "a binary" : `a program for ${interpreter.path}`;
    return system.unsupported(`${found.path} (${kind})`);
  }
  const text = toByteString(found.node.content.read());
  return system.meter.call(() =>
    interpretFile(process, {
      text,
      dialect,
      name: found.path,
      parameters: argv.slice(1),
      options: interpreter?.options ?? [],
    }),
  );
}

/** Runs an emulated command in its process. */
export function runCommandFunction(process: EmulatedProcess, command: Command, argv: readonly string[]): number {
  const { location } = process.system;
  const { file, line } = location;
  try {
    return process.system.meter.call(() => command(process, argv)) & 255;
  } catch (error) {
    if (error instanceof BrokenPipe) return BROKEN_PIPE_STATUS;
    if (!(error instanceof FileSystemError)) throw error;
    if (error.errno === "EBADF" || error.errno === "ENOSPC") {
      process.files.get(2)?.write(`${argv[0]}: write error: ${error.text}\n`);
    } else process.files.get(2)?.write(`${argv[0]}: ${error.path}: ${error.text}\n`);
    return 1;
  } finally {
    location.file = file;
    location.line = line;
  }
}

/** The interpreter of a `#!` line (`/usr/bin/env x` is x), with the options given to it. */
function readInterpreter(head: string): { path: string; name: string; options: string[] } | undefined {
  if (!head.startsWith("#!")) return undefined;
  const end = head.indexOf("\n");
  const line = (end < 0 ? head.slice(2) : head.slice(2, end)).trim();
  const [path = "", ...rest] = line.split(/[ \t]+/);
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base === "env" && rest.length > 0) return { path: rest[0]!, name: rest[0]!, options: rest.slice(1) };
  return { path, name: base, options: rest.length > 0 ? [rest.join(" ")] : [] };
}
