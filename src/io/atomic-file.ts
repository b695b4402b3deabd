/**
 * Files appear whole or not at all: written aside, then renamed. On an error or an abort the partial file is removed. The holes of a
 * sparse content are left out of the file too.
 */

import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Content, ContentReader } from "../bytes/content.js";
import { extentsOf, zeroChunks } from "../bytes/sparse-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { ioError } from "./io-error.js";

const BUFFERS = 3;
const BUFFER_BYTES = 1 << 20;

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
  /** Whether a file that is there is replaced; default true. Else it is an error: `io/file-exists`. */
  readonly replace?: boolean | undefined;
  /** Whether to compute the sha256; default true. An empty disk of terabytes takes no time without. */
  readonly hash?: boolean | undefined;
}

/** What can be written. */
export type FileSource = Content | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What was written. */
export interface WrittenFile {
  readonly size: number;
  /** Lower-case hex; empty where none was asked for. */
  readonly sha256: string;
}

/**
 * Writes a file, replacing one that is there; makes its directory.
 *
 * @throws AssembleError `io/disk-full`, `io/not-permitted`, `io/file-exists`, `io/failed`
 */
export async function writeFileAtomically(
  path: string,
  source: FileSource,
  options: AtomicFileOptions = {},
): Promise<WrittenFile> {
  const { signal } = options;
  const aside = options.temporary ?? join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    signal?.throwIfAborted();
    await mkdir(dirname(path), { recursive: true });
    const written = await writeSource(aside, source, options);
    options.check?.(written);
    signal?.throwIfAborted();
    await (options.replace === false ? nameNew(aside, path) : rename(aside, path));
    return written;
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {});
    throw ioError(cause, `write ${path}`);
  }
}

/** link, unlike rename, leaves a file alone that is there. */
async function nameNew(aside: string, path: string): Promise<void> {
  await link(aside, path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
    throw new AssembleError("io/file-exists", `Cannot write ${path}: it is there already, a new name was wanted`, {
      cause,
    });
  });
  await rm(aside, { force: true });
}

async function writeSource(path: string, source: FileSource, options: AtomicFileOptions): Promise<WrittenFile> {
  const { signal } = options;
  const hash = options.hash === false ? undefined : createHash("sha256");
  let size = 0;
  const file = await open(path, "wx", options.mode ?? 0o644);
  // What can be read at once goes through a ring of buffers: the next is filled and hashed while those before it are being written.
  const buffers: Uint8Array[] = [];
  const writes: Promise<void>[] = [];
  try {
    const advance = (count: number): void => {
      size += count;
      options.onBytes?.(size);
    };
    const put = async (chunk: Uint8Array): Promise<void> => {
      signal?.throwIfAborted();
      // The digest is computed while the chunk is being written.
      const writing = writeAt(file, chunk, size);
      hash?.update(chunk);
      await writing;
      advance(chunk.length);
    };
    const putAll = async (reader: ContentReader): Promise<void> => {
      for (let i = 0; ; i = (i + 1) % BUFFERS) {
        signal?.throwIfAborted();
        await writes[i];
        const buffer = (buffers[i] ??= new Uint8Array(BUFFER_BYTES));
        const chunk = buffer.subarray(0, reader.read(buffer));
        if (chunk.length === 0) return;
        const writing = writeAt(file, chunk, size);
        // Whoever waits for it next is told of an error, not the process.
        writing.catch(() => {});
        writes[i] = writing;
        hash?.update(chunk);
        advance(chunk.length);
      }
    };
    const skip = (count: number): void => {
      if (hash !== undefined)
        for (const zeros of zeroChunks(count)) {
          signal?.throwIfAborted();
          hash.update(zeros);
        }
      advance(count);
    };
    if ("chunks" in source) {
      for (const { offset, content } of extentsOf(source)) {
        if (offset > size) skip(offset - size);
        if (content.reader !== undefined) await putAll(content.reader());
        else for await (const chunk of content.chunks(true)) await put(chunk);
      }
      if (source.size > size) {
        skip(source.size - size);
        await file.truncate(size);
      }
    } else for await (const chunk of source) await put(chunk);
    await Promise.all(writes);
  } finally {
    await Promise.allSettled(writes);
    await file.close();
  }
  return { size, sha256: hash?.digest("hex") ?? "" };
}

async function writeAt(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}
