/**
 * The work of unpacking a .deb, done in worker threads: the data archive decoded to `data.tar`, and an `index` with the control
 * members and every entry, files with their sha256, and their md5 where the package has no md5sums.
 */

import { createHash, hash as hashOf } from "node:crypto";
import { closeSync, ftruncateSync, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { decodeFrom } from "../../codec/decoder.js";
import { decoderOf, decompress, decompressWhole } from "../../codec/decompress.js";
import { randomAccessOf } from "../../codec/random-access.js";
import { readTar } from "../../codec/tar/read-tar.js";
import { decodeIndexedBlock, type XzBlock } from "../../codec/xz/xz-index.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { cacheDamaged } from "../../io/file-content.js";
import { ioError } from "../../io/io-error.js";
import { OpenFiles } from "../../io/open-files.js";
import { rangeReader, readAhead, readRange } from "../../io/read-ahead.js";
import { defineTask } from "../../io/workers.js";
import { checkEntries } from "./check-entries.js";
import { encodeDebIndex, type IndexedEntry } from "./index-file.js";
import { type DebPart, readDebLayout } from "./layout.js";
import { DATA_FILE, INDEX_FILE } from "./open-unpacked.js";
import type { DebControlMember } from "./package.js";

/** A .deb, and the directory to unpack it into. */
export interface UnpackInput {
  readonly path: string;
  readonly size: number;
  /** What the .deb must be; it is hashed before anything of it is used. */
  readonly sha256: string;
  /** Names the package in errors. */
  readonly what: string;
  readonly directory: string;
}

/** One block of the data archive, to be decoded into its place of `data.tar`. */
export interface DecodeBlockInput {
  readonly path: string;
  /** Of the data archive in the .deb. */
  readonly offset: number;
  readonly block: XzBlock;
  readonly what: string;
  readonly output: string;
}

export const unpackDebTask = defineTask<UnpackInput, void>(import.meta.url, "unpackDeb");
export const checkDebTask = defineTask<UnpackInput, void>(import.meta.url, "checkDeb");
export const decodeBlockTask = defineTask<DecodeBlockInput, void>(import.meta.url, "decodeBlock");
export const indexDebTask = defineTask<UnpackInput, void>(import.meta.url, "indexDeb");

/** The largest control archive of trixie has 2 MiB. */
const CONTROL_MAX = 64 << 20;
/** Files up to this size are hashed in one call. */
const SMALL = 1 << 17;

/** Everything at once, in one worker. */
export async function unpackDeb(input: UnpackInput): Promise<void> {
  await checkDeb(input);
  await run(input.what, async (files) => {
    const { data } = readDebLayout(readAhead(files, input), input.what);
    const output = openSync(join(input.directory, DATA_FILE), "wx");
    try {
      const range = { ...data, path: input.path };
      const decoder = decoderOf(data.compression);
      let at = 0;
      const write = (chunk: Uint8Array): void => {
        writeAll(output, chunk, at);
        at += chunk.length;
      };
      if (decoder !== undefined) decodeFrom(decoder, rangeReader(files, range), write);
      else for await (const chunk of decompress(data.compression, copied(readRange(files, range)))) write(chunk);
    } finally {
      closeSync(output);
    }
  });
  await indexDeb(input);
}

/** Hashes the .deb. @throws AssembleError `io/cache-damaged` */
export async function checkDeb(input: UnpackInput): Promise<void> {
  await run(input.what, (files) => {
    const hash = createHash("sha256");
    for (const piece of readRange(files, { ...input, offset: 0 })) hash.update(piece);
    if (hash.digest("hex") !== input.sha256) throw cacheDamaged(input.path);
  });
}

/** Decodes one block of a .xz data archive. */
export async function decodeBlock(input: DecodeBlockInput): Promise<void> {
  const { block } = input;
  await run(input.what, (files) => {
    const output = openSync(input.output, "r+");
    try {
      let at = block.uncompressedOffset;
      const range = { path: input.path, offset: input.offset + block.offset, size: block.size };
      decodeFrom(
        (queue) => decodeIndexedBlock(queue, block),
        rangeReader(files, range),
        (piece) => {
          writeAll(output, piece, at);
          at += piece.length;
        },
      );
    } finally {
      closeSync(output);
    }
  });
}

/** Makes the index of a decoded archive. */
export async function indexDeb(input: UnpackInput): Promise<void> {
  await run(input.what, async (files) => {
    const { control } = readDebLayout(readAhead(files, input), input.what);
    const members = await readControl(files, { part: control, ...input });
    const path = join(input.directory, DATA_FILE);
    const tar = readAhead(files, { path, size: statSync(path).size });
    // dpkg writes md5sums where a package ships none; else nobody asks for them.
    const wantsMd5 = !members.has("md5sums");
    const entries = checkEntries(readTar(tar), input.what).map((entry): IndexedEntry => {
      if (entry.type !== "file") return entry;
      if (entry.size <= SMALL) {
        const bytes = tar.read(entry.offset, entry.size);
        return { ...entry, md5: wantsMd5 ? hashOf("md5", bytes) : undefined, sha256: hashOf("sha256", bytes) };
      }
      const md5 = wantsMd5 ? createHash("md5") : undefined;
      const sha256 = createHash("sha256");
      for (const piece of readRange(files, { path, offset: entry.offset, size: entry.size })) {
        md5?.update(piece);
        sha256.update(piece);
      }
      return { ...entry, md5: md5?.digest("hex"), sha256: sha256.digest("hex") };
    });
    writeFileSync(join(input.directory, INDEX_FILE), encodeDebIndex({ members, entries }), { flag: "wx" });
  });
}

/** Makes an empty `data.tar` of the size that the blocks will fill. */
export function makeDataFile(directory: string, size: number): string {
  const path = join(directory, DATA_FILE);
  const file = openSync(path, "wx");
  try {
    ftruncateSync(file, size);
  } finally {
    closeSync(file);
  }
  return path;
}

/** Files of the control archive, without `./`; the directory itself is left out. */
async function readControl(
  files: OpenFiles,
  source: { readonly part: DebPart; readonly path: string; readonly what: string },
): Promise<ReadonlyMap<string, DebControlMember>> {
  const { part, path, what } = source;
  const chunks = copied(readRange(files, { ...part, path }));
  const tar = await decompressWhole(part.compression, chunks, CONTROL_MAX);
  const members = new Map<string, DebControlMember>();
  for (const entry of checkEntries(readTar(randomAccessOf(tar)), what)) {
    const name = entry.path.replace(/^\.\/+/, "");
    if (entry.type === "directory" && (name === "" || name === ".")) continue;
    if (entry.type !== "file" || name.includes("/"))
      throw new AssembleError(
        "deb/malformed",
        `Cannot unpack ${what}: its control archive has the ${entry.type} ${entry.path}, plain files were wanted`,
      );
    const bytes = tar.subarray(entry.offset, entry.offset + entry.size);
    members.set(name, { mode: entry.mode, mtime: entry.mtime, bytes });
  }
  if (!members.has("control"))
    throw new AssembleError("deb/malformed", `Cannot unpack ${what}: it has no control file, one was wanted`);
  return members;
}

/** The decoders keep what they are given; the pieces of a range are reused. */
function* copied(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, void> {
  for (const piece of pieces) yield piece.slice();
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}

/** Runs one step, with files that are closed after it and errors that name the package. */
async function run(what: string, step: (files: OpenFiles) => Promise<void> | void): Promise<void> {
  const files = new OpenFiles();
  try {
    await step(files);
  } catch (cause) {
    if (cause instanceof AssembleError && cause.code.startsWith("codec/")) {
      const found = cause.message.replace(/^Cannot [^:]*: /, "");
      throw new AssembleError(cause.code, `Cannot unpack ${what}: an archive inside is damaged: ${found}`, { cause });
    }
    throw ioError(cause, `unpack ${what}`);
  } finally {
    files.close();
  }
}
