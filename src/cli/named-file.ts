/**
 * Files that are named on the command line: one message for what cannot be read, under the code of the command that wanted it.
 */
import { readFileSync, type Stats, statSync } from "node:fs";
import type { FileContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { contentOfFile } from "../io/file-content.js";
import type { OpenFiles } from "../io/open-files.js";
import type { CommandContext } from "./common-options.js";

/** A file with the path that its name stands for. */
export interface NamedFile {
  readonly path: string;
  readonly content: FileContent;
}

/** How files are opened. */
export interface NamedFileOptions {
  readonly files: OpenFiles;
  /** Raised for what is no file: `measure/file-missing` … */
  readonly code: string;
}

/** Opens a file; its bytes are read through `files`. @throws AssembleError `code` */
export function openNamed(context: CommandContext, name: string, { files, code }: NamedFileOptions): NamedFile {
  const path = context.path(name);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) throw missing(name, { stats, code, wanted: "a file" });
  return { path, content: contentOfFile(files, { path, size: stats.size }) };
}

/** Opens a file, or finds that it is a directory: `content` is undefined then. @throws AssembleError `code` */
export function openNamedOrDirectory(
  context: CommandContext,
  name: string,
  { files, code }: NamedFileOptions,
): { readonly path: string; readonly content: FileContent | undefined } {
  const path = context.path(name);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return { path, content: undefined };
  if (stats?.isFile() !== true) throw missing(name, { stats, code, wanted: "a file or directory" });
  return { path, content: contentOfFile(files, { path, size: stats.size }) };
}

/** The bytes of a small file. A log of the kernel's states no size: it is read to its end. @throws AssembleError `code` */
export function readNamed(context: CommandContext, name: string, code: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(context.path(name)));
  } catch (cause) {
    throw new AssembleError(code, `Cannot read ${name}: ${(cause as Error).message}, a file was wanted`, { cause });
  }
}

function missing(
  name: string,
  { stats, code, wanted }: { readonly stats: Stats | undefined; readonly code: string; readonly wanted: string },
): AssembleError {
  const kind = stats?.isDirectory() ? "a directory" : "a device, pipe or socket";
  const found = stats === undefined ? "it does not exist" : `it is ${kind}`;
  return new AssembleError(code, `Cannot read ${name}: ${found}, ${wanted} was wanted`);
}
