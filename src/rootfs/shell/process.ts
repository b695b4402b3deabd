/**
 * What a running program sees: the interface between the shell and the emulated commands.
 *
 * Everything is synchronous and deterministic. Text is byte strings. A command gets its process and its arguments and returns
 * its exit status; it reads and writes only through the process. Nothing here touches the outside world.
 */

import type { Node } from "../tree/node.js";
import type { Tree } from "../tree/tree.js";

/** An open file description: what several file descriptors can share. */
export interface Stream {
  /** Reads up to `max` bytes; an empty string is the end of the file. */
  read(max: number): string;
  /** Reads up to and with the next newline; undefined at the end. Reads no further than that: other readers share the offset. */
  readLine(): string | undefined;
  /** Writes bytes. Throws `BrokenPipe` when nobody can read them any more. */
  write(bytes: string): void;
  /** The node behind the stream, if it is one of the tree. */
  readonly node?: Node | undefined;
  /** Canonical path it was opened under, if it has one. */
  readonly path?: string | undefined;
}

/** Thrown through a command that writes into a pipe without readers; the shell turns it into status 141 (SIGPIPE). */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/** Thrown by a command that does not stand for this use of its program: the program is then interpreted, or refused, like any other. */
export class NotEmulated extends Error {
  override readonly name = "NotEmulated";
}

/** How a command starts another one. */
export interface RunOptions {
  readonly stdin?: Stream | undefined;
  readonly stdout?: Stream | undefined;
  readonly stderr?: Stream | undefined;
  /** Further descriptors, replacing inherited ones. */
  readonly files?: ReadonlyMap<number, Stream> | undefined;
  /** Added to (or, with undefined, removed from) the inherited environment. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Canonical working directory. */
  readonly cwd?: string | undefined;
  /** The root the command sees, if not the caller's: chroot(2). */
  readonly tree?: Tree | undefined;
}

/** A process: the shell's own, a subshell's, or an emulated command's. */
export interface Process {
  readonly system: System;
  /** The file system as this process sees it (its root may be another than the caller's). */
  readonly tree: Tree;
  readonly pid: number;
  /** Canonical absolute working directory. */
  cwd: string;
  /** Exported variables. */
  readonly environment: Map<string, string>;
  umask: number;
  /** Open descriptors. */
  readonly files: Map<number, Stream>;
  /** Descriptors 0, 1, 2; a closed one reads as empty and fails writes with FileSystemError EBADF. */
  readonly stdin: Stream;
  readonly stdout: Stream;
  readonly stderr: Stream;

  /** An absolute path for a path argument (joined with cwd, not resolved). */
  absolute(path: string): string;
  /**
   * Runs argv[0] as execvp(3) would: found in PATH inside the tree, then emulated natively, or interpreted when it is a shell
   * program; status 127 or 126 as the shell's. What is there but neither stops the build (AssembleError
   * `shell/unsupported-command`), whatever the caller does with the status.
   */
  run(argv: readonly string[], options?: RunOptions): number;
  /** Runs and returns what was written to stdout, with an empty stdin unless one is given. */
  capture(argv: readonly string[], options?: RunOptions): { readonly status: number; readonly output: string };
  /**
   * Stops the build because a command was used in a way that is not emulated: throws AssembleError
   * `shell/unsupported-command` naming package, script, line and command. Commands call it for every option they do not know.
   */
  unsupported(what: string): never;
}

/** An emulated command: returns its exit status (0–255). `args[0]` is the name it was called by. */
export type Command = (process: Process, args: readonly string[]) => number;

/** The world that a run of scripts shares. */
export interface System {
  readonly tree: Tree;
  /** Emulated commands by the name of the file that a command's path leads to in the end (`mawk`, not `awk`). */
  readonly commands: ReadonlyMap<string, Command>;
  /** `sourceDateEpoch` in seconds: the only time there is. */
  readonly epoch: number;
  /** What uname(1) says: node name, kernel release, machine. */
  readonly machine: { readonly nodename: string; readonly release: string; readonly machine: string };
  /** Bounds; exceeding one throws AssembleError `shell/limit-exceeded`. */
  readonly limits: Limits;
  /** Package, script and line that is running now, for errors. */
  readonly location: ScriptLocation;
}

/** Bounds of a run. */
export interface Limits {
  /** Simple commands and loop turns of one top-level script. */
  readonly steps: number;
  /** Bytes that one top-level script may write, all together. */
  readonly bytesWritten: number;
  /** Nesting of functions, subshells, sourced files and started programs. */
  readonly depth: number;
}

/** Where a script is; updated by the shell as it goes. */
export interface ScriptLocation {
  /** Package being configured, or the recipe. */
  owner: string;
  /** `postinst`, or a path. */
  script: string;
  /** File whose line runs now (a sourced file or a called program may differ from `script`). */
  file: string;
  line: number;
}
