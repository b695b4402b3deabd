/**
 * dpkg-realpath(1): resolves symbolic links inside the root. What does not exist stays as it is.
 */

import type { Command, Process } from "../../shell/process.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import { checkDirectories, DIRECTORY_OPTIONS, fail, readOptions } from "./command-options.js";

const OPTIONS = { flags: { "-z": "zero", "--zero": "zero" }, values: DIRECTORY_OPTIONS } as const;

/** The command. */
export const dpkgRealpathCommand: Command = (process, args) => {
  const options = readOptions(process, args, OPTIONS);
  checkDirectories(process, options);
  const [path = ""] = options.operands;
  if (path === "") return fail(process, "dpkg-realpath: error: need a pathname argument");
  const resolved = resolve(process, path);
  if (resolved === undefined) return fail(process, "dpkg-realpath: error: too many levels of symbolic links");
  // The root has no name of its own.
  process.stdout.write(`${resolved === "/" ? "" : resolved}${options.flags.has("zero") ? "\0" : "\n"}`);
  return 0;
};

function resolve(process: Process, path: string): string | undefined {
  let at = "/";
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      at = at.slice(0, at.lastIndexOf("/")) || "/";
      continue;
    }
    const next = at === "/" ? `/${part}` : `${at}/${part}`;
    try {
      at = process.tree.realpath(next);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      if (error.errno === "ELOOP") return undefined;
      at = danglingTarget(process, next);
    }
  }
  return at;
}

/** Where a link to nothing points; any other path itself. */
function danglingTarget(process: Process, path: string): string {
  const node = process.tree.lookup(path, { follow: false });
  if (node?.type !== "symlink") return path;
  const target = node.target.startsWith("/") ? node.target : `${path.slice(0, path.lastIndexOf("/"))}/${node.target}`;
  return resolve(process, target) ?? path;
}
