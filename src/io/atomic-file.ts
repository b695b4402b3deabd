/**
 * Files appear whole or not at all: written aside, then renamed. On an error or an abort the partial file is removed.
 */

import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ioError } from "./io-error.js";

/** How to write. */
export interface AtomicFileOptions {
  /** Permission bits before the umask: 0o644. */
  readonly mode?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The file to write aside; default beside the target. Must be on the same file system. */
  readonly temporary?: string | undefined;
  /** Called with what was written before the file gets its name; throwing removes it. */
  readonly check?: ((written: WrittenFile) => void) | undefined;
  /** Bytes written so far, for progress. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What was written. */
export interface WrittenFile {
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Writes a file, replacing one that is there; makes its directory.
 *
 * @throws AssembleError `io/disk-full`, `io/not-permitted`, `io/failed`
 */
export async function writeFileAtomically(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: AtomicFileOptions = {},
): Promise<WrittenFile> {
  const { signal } = options;
  const aside = options.temporary ?? join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    signal?.throwIfAborted();
    await mkdir(dirname(path), { recursive: true });
    const written = await writeChunks(aside, chunks, options);
    options.check?.(written);
    signal?.throwIfAborted();
    await rename(aside, path);
    return written;
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {});
    throw ioError(cause, `write ${path}`);
  }
}

async function writeChunks(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: AtomicFileOptions,
): Promise<WrittenFile> {
  const hash = createHash("sha256");
  let size = 0;
  const file = await open(path, "wx", options.mode ?? 0o644);
  try {
    for await (const chunk of chunks) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, at, chunk.length - at);
        at += bytesWritten;
      }
      size += chunk.length;
      options.onBytes?.(size);
    }
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest("hex") };
}
