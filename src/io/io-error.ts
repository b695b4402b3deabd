/** Failures of the host's file system, as errors that say what to do. */

import { AssembleError } from "../errors/assemble-error.js";

/** The error for a failed operation. `doing` completes "Cannot …", for instance "write /var/cache/x". An AssembleError and an abort are passed on. */
export function ioError(cause: unknown, doing: string): Error {
  if (cause instanceof AssembleError) return cause;
  const { code, name } = cause as NodeJS.ErrnoException;
  if (name === "AbortError" || name === "TypeError" || name === "RangeError") return cause as Error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new AssembleError("io/disk-full", `Cannot ${doing}: the disk is full, free space was wanted`, {
      cause,
      hint: "free space, or put the cache on another disk with --cache-dir; `tdx-assemble cache prune` makes the cache smaller",
    });
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new AssembleError(
      "io/not-permitted",
      `Cannot ${doing}: the operating system refuses it (${code}), access was wanted`,
      {
        cause,
        hint: "check the owner and the mode of the directory, or choose another with --cache-dir or --output",
      },
    );
  }
  if (code === undefined) return cause as Error;
  return new AssembleError("io/failed", `Cannot ${doing}: ${(cause as Error).message}`, { cause });
}
