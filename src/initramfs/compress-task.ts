/**
 * The worker's task: gathers the parts of a segment and compresses them.
 */
import { compressGzipPieces } from "../codec/compress-gzip.js";
import { ZstdCompressor } from "../codec/zstd/compress-zstd.js";
import { type ContentPart, openParts, type PartsReader } from "../io/content-parts.js";
import { writeStepFile } from "../io/step.js";

/** A segment to compress. */
export interface CompressInput {
  readonly parts: readonly ContentPart[];
  /** Bytes of all parts. */
  readonly size: number;
  readonly type: "zstd" | "gzip";
  readonly level: number;
  /** The step's file to write; without it the frame comes back. */
  readonly output: string | undefined;
}

/** One a thread: at level 19 its memory is some 120 MiB, which a new one for each segment would hold until it is collected. */
const zstd = new ZstdCompressor();

/**
 * Segments beyond this, of one large file each, are compressed in pieces: memory does not grow with the file. (A frame made of pieces has
 * other bytes than one made at once, and is some 0.1 % larger.)
 */
const STREAM_BYTES = 16 << 20;

/** Compresses a segment in one frame. @throws AssembleError `io/cache-damaged` */
export function compressSegment(input: CompressInput): Uint8Array | undefined {
  const parts = openParts(input.parts);
  try {
    const pieces = compressed(input, parts);
    if (input.output === undefined) return Buffer.concat(Array.from(pieces, (piece) => piece.slice()));
    writeStepFile(input.output, pieces);
    return undefined;
  } finally {
    parts.close();
  }
}

function compressed(input: CompressInput, parts: PartsReader): Iterable<Uint8Array> {
  const { size, level } = input;
  const read = (target: Uint8Array): void => void parts.read(target);
  if (input.type === "gzip") return compressGzipPieces(size, { level, read });
  return size > STREAM_BYTES
    ? zstd.compressStream(size, { level, read })
    : [zstd.compress(size, { level, fill: read })];
}
