/**
 * Results of pure steps, kept under a key made of everything that went in: `v1/step/<name>-<version>/<key>`.
 *
 * The file is the result, then its sha256 (32 bytes) and a mark (8 bytes): a result that was damaged on the disk is noticed when it is
 * opened, and computed anew.
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import type { FileContent } from "../bytes/content.js";
import { writeFileAtomically } from "./atomic-file.js";
import type { Cache, CacheEntry } from "./cache.js";
import { cacheDamaged, contentOfFile } from "./file-content.js";
import { ioError } from "./io-error.js";

/** Names a result. */
export interface StepKey {
  /** Of the step, for instance `zstd`. */
  readonly name: string;
  /** Raised whenever the step's code may give other bytes for the same key. */
  readonly version: number;
  /** Everything that went in, hashed: see `cacheKey`. */
  readonly key: string;
}

/** What a step makes: bytes, or pieces of them. */
export type StepResult = Uint8Array | AsyncIterable<Uint8Array>;

const MARK = new TextEncoder().encode("tdxstep1");
const TRAILER = 32 + MARK.length;

/** The result of a step, out of the cache or computed. Its content's `digest` is known and has been verified. */
export async function cachedStep(
  cache: Cache,
  step: StepKey,
  compute: () => Promise<StepResult> | StepResult,
): Promise<FileContent> {
  const known = findStep(cache, step);
  if (known !== undefined) return known;
  const name = entryName(step);
  const entry = await cache.add("step", name, async (temporary) => {
    await writeFileAtomically(temporary, withTrailer(await compute()), { temporary: `${temporary}.part` });
  });
  const content = verifiedContent(cache, entry);
  if (content === undefined) throw cacheDamaged(entry.path);
  return content;
}

/**
 * As `cachedStep`, for a result that `write` puts into the file at the path that it is given, with `writeStepFile`: in a worker, whose
 * result then need not come here.
 */
export async function writtenStep(
  cache: Cache,
  step: StepKey,
  write: (path: string) => Promise<void>,
): Promise<FileContent> {
  const known = findStep(cache, step);
  if (known !== undefined) return known;
  const entry = await cache.add("step", entryName(step), write);
  const content = verifiedContent(cache, entry);
  if (content === undefined) throw cacheDamaged(entry.path);
  return content;
}

/** Writes a step's result. The file must not be there. @throws AssembleError `io/disk-full`, `io/not-permitted`, `io/failed` */
export function writeStepFile(path: string, pieces: Iterable<Uint8Array>): void {
  const hash = createHash("sha256");
  let file: number | undefined;
  try {
    file = openSync(path, "wx");
    for (const piece of pieces) {
      hash.update(piece);
      writeWhole(file, piece);
    }
    writeWhole(file, hash.digest());
    writeWhole(file, MARK);
  } catch (cause) {
    throw ioError(cause, `write ${path}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}

/** The result of a step if the cache has it intact; a damaged one is removed. */
export function findStep(cache: Cache, step: StepKey): FileContent | undefined {
  const name = entryName(step);
  const entry = cache.find("step", name);
  if (entry === undefined) return undefined;
  const content = verifiedContent(cache, entry);
  if (content === undefined) cache.drop("step", name);
  return content;
}

function entryName(step: StepKey): string {
  return `${step.name}-${step.version}/${step.key}`;
}

async function* withTrailer(result: StepResult): AsyncIterable<Uint8Array> {
  const hash = createHash("sha256");
  if (result instanceof Uint8Array) {
    hash.update(result);
    yield result;
  } else {
    for await (const chunk of result) {
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
  yield MARK;
}

function verifiedContent(cache: Cache, entry: CacheEntry): FileContent | undefined {
  const size = entry.size - TRAILER;
  if (size < 0) return undefined;
  const trailer = cache.files.read(entry.path, size, TRAILER);
  if (Buffer.compare(trailer.subarray(32), MARK) !== 0) return undefined;
  const digest = cache.files.sha256(entry.path, { offset: 0, size });
  if (digest === undefined || digest !== Buffer.from(trailer.subarray(0, 32)).toString("hex")) return undefined;
  return contentOfFile(cache.files, { path: entry.path, size, digest, verified: true });
}
