/** Tasks for workers that any stage may use: hash a range of a file, compress bytes that lie in files and in memory. */

import { createHash } from "node:crypto";
import { ZstdCompressor } from "../codec/zstd/compress-zstd.js";
import { cacheDamaged } from "./file-content.js";
import { OpenFiles } from "./open-files.js";
import { readRange } from "./read-ahead.js";
import { defineTask } from "./workers.js";

/** A range of an immutable file. */
export interface RangeInput {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

/** A piece of what is to be compressed: bytes, or a range of a file that must have the digest if one is given (hex sha256). */
export type CompressPart = { readonly bytes: Uint8Array } | (RangeInput & { readonly digest?: string | undefined });

/** Pieces that make one zstd frame. */
export interface CompressInput {
  readonly parts: readonly CompressPart[];
  /** zstd level, 1 to 22. */
  readonly level: number;
}

/** One zstd frame. */
export interface Compressed {
  readonly bytes: Uint8Array;
  /** Of the frame; hex. */
  readonly sha256: string;
}

/** Hex sha256 of a range. @throws AssembleError `io/cache-damaged` if the file ends before it does */
export const hashRangeTask = defineTask<RangeInput, string>(import.meta.url, "hashRange");

/** One-shot zstd 1.5.7: the same parts and level give the same bytes anywhere. @throws AssembleError `io/cache-damaged`, `codec/zstd-memory` */
export const compressTask = defineTask<CompressInput, Compressed>(import.meta.url, "compressParts");

/** The thread's compressor keeps its memory from one task to the next; what it gives does not depend on that. */
const compressor = new ZstdCompressor();

export function hashRange(input: RangeInput): string {
  const files = new OpenFiles();
  try {
    const hash = createHash("sha256");
    let size = 0;
    for (const piece of readRange(files, input)) {
      hash.update(piece);
      size += piece.length;
    }
    if (size !== input.size) throw cacheDamaged(input.path);
    return hash.digest("hex");
  } finally {
    files.close();
  }
}

export function compressParts(input: CompressInput): Compressed {
  const files = new OpenFiles();
  const sizeOf = (part: CompressPart): number => ("bytes" in part ? part.bytes.length : part.size);
  const size = input.parts.reduce((sum, part) => sum + sizeOf(part), 0);
  try {
    const bytes = compressor.compress(size, {
      level: input.level,
      fill: (target) => {
        let at = 0;
        for (const part of input.parts) {
          const place = target.subarray(at, at + sizeOf(part));
          if ("bytes" in part) place.set(part.bytes);
          else fillFromFile(files, { ...part, target: place });
          at += place.length;
        }
      },
    });
    return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  } finally {
    files.close();
  }
}

function fillFromFile(
  files: OpenFiles,
  part: RangeInput & { readonly digest?: string | undefined; readonly target: Uint8Array },
): void {
  const filled = files.readInto(part.path, { offset: part.offset, target: part.target });
  if (filled < part.size) throw cacheDamaged(part.path);
  if (part.digest !== undefined && createHash("sha256").update(part.target).digest("hex") !== part.digest)
    throw cacheDamaged(part.path);
}
