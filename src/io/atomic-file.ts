/**
 * Files that appear whole or not at all: written aside in the same directory, hashed on the way, then renamed.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AssembleError } from "../errors/assemble-error.js";

/** What was written. */
export interface WrittenFile {
  readonly path: string;
  readonly size: number;
  /** Lower-case hex sha256. */
  readonly sha256: string;
}

/** How to write. */
export interface AtomicFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Permission bits before the umask (default 0666). */
  readonly mode?: number | undefined;
  /** Called with the finished file before it gets its name; throwing removes it. */
  readonly check?: ((file: WrittenFile) => void) | undefined;
  /** Bytes so far, after each chunk. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Writes chunks to `path`. On any failure, also an abort, nothing stays behind.
 *
 * @throws AssembleError `io/disk-full`, `io/write-failed`
 */
export async function writeAtomically(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: AtomicFileOptions = {},
): Promise<WrittenFile> {
  const directory = dirname(path);
  const aside = `${path}.${process.pid}-${randomBytes(6).toString("hex")}.part`;
  const hash = createHash("sha256");
  let size = 0;
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(aside, "wx", options.mode ?? 0o666);
    try {
      for await (const chunk of chunks) {
        options.signal?.throwIfAborted();
        hash.update(chunk);
        await file.writeFile(chunk);
        size += chunk.length;
        options.onProgress?.(size);
      }
    } finally {
      await file.close();
    }
    options.signal?.throwIfAborted();
    const written = { path, size, sha256: hash.digest("hex") };
    options.check?.(written);
    await rename(aside, path);
    return written;
  } catch (cause) {
    await rm(aside, { force: true });
    throw explainWriteError(cause, path);
  }
}

/** Turns an errno of writing into an error that says what to do; anything else stays as it is. */
export function explainWriteError(cause: unknown, path: string): unknown {
  const code = cause instanceof Error && "code" in cause && "syscall" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new AssembleError("io/disk-full", `Cannot write ${path}: the disk is full`, {
      cause,
      hint: "free some space, or put the cache elsewhere with --cache-dir",
    });
  if (typeof code === "string")
    return new AssembleError("io/write-failed", `Cannot write ${path}: ${(cause as Error).message}`, { cause });
  return cause;
}
