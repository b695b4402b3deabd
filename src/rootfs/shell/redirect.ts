/**
 * Redirections: descriptors of the shell are changed for one command and put back, or changed for good by `exec`.
 */
import { FileSystemError } from "../tree/file-system-error.js";
import { ShellFailure } from "./control.js";
import { expandString } from "./expand-word.js";
import { TextStream } from "./memory-stream.js";
import type { OpenMode } from "./open-file.js";
import type { Stream } from "./process.js";
import type { Shell } from "./shell.js";
import type { Redirection } from "./syntax.js";

const MODES: Partial<Record<Redirection["operator"], OpenMode>> = {
  "<": "read",
  ">": "write",
  ">|": "write",
  ">>": "append",
  "<>": "readwrite",
  both: "write",
  "both-append": "append",
};

/** Former descriptors, in the order in which they were changed. */
export type Saved = (readonly [number, Stream | undefined])[];

/** Runs `body` with redirections in force; undefined if one of them failed (which has been reported). */
export function withRedirections<T>(shell: Shell, list: readonly Redirection[], body: () => T): T | undefined {
  const saved: Saved = [];
  const open = shell.substituted.length;
  try {
    try {
      for (const item of list) redirect(shell, item, saved);
    } catch (error) {
      if (error instanceof ShellFailure) return undefined;
      throw error;
    }
    return body();
  } finally {
    undoRedirections(shell, saved);
    closeSubstitutions(shell, open);
  }
}

/** Closes the descriptors of `<(…)` from the one that was opened as number `from`. */
export function closeSubstitutions(shell: Shell, from: number): void {
  for (const descriptor of shell.substituted.splice(from)) shell.process.files.delete(descriptor);
}

/** Puts descriptors back. */
export function undoRedirections(shell: Shell, saved: Saved): void {
  const { files } = shell.process;
  for (const [descriptor, stream] of saved.reverse()) {
    if (stream === undefined) files.delete(descriptor);
    else files.set(descriptor, stream);
  }
}

/** Performs one redirection. @throws ShellFailure after reporting why it failed */
export function redirect(shell: Shell, item: Redirection, saved: Saved): void {
  const { files } = shell.process;
  const change = (descriptor: number, stream: Stream | undefined): void => {
    saved.push([descriptor, files.get(descriptor)]);
    if (stream === undefined) files.delete(descriptor);
    else files.set(descriptor, stream);
  };
  const target = expandString(shell, item.word);
  if (item.operator === "here") {
    change(item.descriptor, new TextStream(target));
    return;
  }
  if (item.operator === "<&" || item.operator === ">&") {
    duplicate(shell, item.descriptor, { target, change });
    return;
  }
  const stream = openTarget(shell, item, target);
  change(item.descriptor, stream);
  if (item.operator.startsWith("both")) change(2, stream);
}

interface Duplicate {
  readonly target: string;
  readonly change: (descriptor: number, stream: Stream | undefined) => void;
}

function duplicate(shell: Shell, descriptor: number, { target, change }: Duplicate): void {
  if (target === "-") {
    change(descriptor, undefined);
    return;
  }
  const move = shell.dialect === "bash" && /^[0-9]+-$/.test(target);
  if (!move && !/^[0-9]+$/.test(target)) {
    shell.fail(shell.dialect === "bash" ? `${target}: ambiguous redirect` : "Syntax error: Bad fd number");
  }
  const source = Number.parseInt(target, 10);
  // dash does nothing then, even if the descriptor is closed.
  if (source === descriptor && shell.dialect === "dash") return;
  const stream = shell.process.files.get(source);
  if (stream === undefined) {
    // The descriptor is gone by the time dash fails, so that nobody reads why `2>&9` failed.
    if (shell.dialect === "dash") change(descriptor, undefined);
    shell.fail(`${source}: Bad file descriptor`);
  }
  change(descriptor, stream);
  if (move) change(source, undefined);
}

function openTarget(shell: Shell, item: Redirection, target: string): Stream {
  let mode = MODES[item.operator] ?? "read";
  if (mode === "write" && item.operator !== ">|" && shell.options.has("C")) mode = "create";
  try {
    return shell.process.open(target, mode);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const missing = error.errno === "ENOENT" || error.errno === "ENOTDIR";
    if (shell.dialect === "bash") {
      shell.fail(`${target}: ${error.errno === "EEXIST" ? "cannot overwrite existing file" : error.text}`);
    }
    if (mode === "read") shell.fail(`cannot open ${target}: ${missing ? "No such file" : error.text}`);
    return shell.fail(`cannot create ${target}: ${missing ? "Directory nonexistent" : error.text}`);
  }
}
