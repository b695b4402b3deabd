/**
 * A tree as an initramfs: cpio segments, compressed in workers and cached by content. Oracles: GNU cpio, the kernel's own unpacker
 * in the boot test.
 */
import { type Content, concatContents, contentOfBytes, type FileContent } from "../bytes/content.js";
import type { RecipeCompression } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { Cache } from "../io/cache.js";
import type { ContentPart } from "../io/content-parts.js";
import type { OnEvent } from "../io/event.js";
import { findStep, type StepKey, writtenStep } from "../io/step.js";
import { defineTask, type Workers } from "../io/workers.js";
import type { FileNode } from "../rootfs/tree/node.js";
import type { Tree } from "../rootfs/tree/tree.js";
import type { CompressInput } from "./compress-task.js";
import { type FileOrigin, planSegments } from "./plan-segments.js";
import { piecesContent, piecesKey, piecesSize, type SegmentPiece, segmentPieces } from "./segment-parts.js";

/** By its URL: this thread never loads the compressors. */
const compressSegmentTask = defineTask<CompressInput, Uint8Array | undefined>(
  new URL("./compress-task.js", import.meta.url).href,
  "compressSegment",
);

/** Raised when compressing the same segment gives other bytes. */
const STEP_VERSION = 2;

/** How to write. */
export interface InitramfsOptions {
  readonly compression: RecipeCompression;
  readonly originOf: (file: FileNode) => FileOrigin;
  readonly cache: Cache;
  readonly workers: Workers;
  readonly onEvent?: OnEvent | undefined;
  /** The recipe's files may hold a secret: their segments never enter the cache, not even as a hash. */
  readonly secret?: boolean | undefined;
}

/** The two forms of an initramfs. */
export interface Initramfs {
  /** As the kernel gets it. */
  readonly compressed: Content;
  /** The same archives, not compressed. */
  readonly uncompressed: Content;
  /** Segments that came out of the cache, of how many. */
  readonly cached: number;
  readonly segments: number;
}

/**
 * Writes a tree as an initramfs.
 *
 * @throws AssembleError `initramfs/…` for what cpio cannot hold, `initramfs/compression` for a format that the kernel's unpacker
 * is not given, `io/…`, `codec/zstd-memory`
 */
export async function writeInitramfs(tree: Tree, options: InitramfsOptions): Promise<Initramfs> {
  const { compression, cache } = options;
  const planned = planSegments(tree, options.originOf);
  const segments = planned.map(segmentPieces);
  const uncompressed = concatContents(segments.map(piecesContent));
  if (compression.type === "none")
    return { compressed: uncompressed, uncompressed, cached: 0, segments: segments.length };
  const type = compression.type;
  if (type !== "zstd" && type !== "gzip")
    throw new AssembleError(
      "initramfs/compression",
      `Cannot compress the initramfs with ${type}: zstd, gzip or none was wanted`,
    );
  let done = 0;
  let cached = 0;
  const total = uncompressed.size;
  const compressOne = async (pieces: readonly SegmentPiece[], keep: boolean): Promise<FileContent> => {
    const size = piecesSize(pieces);
    const compress = (output: string | undefined) => {
      const input = { parts: pieces.map(partOf), size, type, level: compression.level, output } as const;
      return options.workers.run(compressSegmentTask, input);
    };
    const content = keep ? await cachedSegment(pieces, compress) : contentOfBytes((await compress(undefined))!);
    done += size;
    options.onEvent?.({ type: "progress", stage: "initramfs", done, total, unit: "bytes" });
    return content;
  };
  const cachedSegment = async (
    pieces: readonly SegmentPiece[],
    compress: (output: string) => Promise<unknown>,
  ): Promise<FileContent> => {
    const step: StepKey = {
      name: "initramfs",
      version: STEP_VERSION,
      key: piecesKey([Buffer.from(`${type} ${compression.level}\n`), ...pieces]),
    };
    const known = findStep(cache, step);
    if (known !== undefined) cached++;
    return known ?? writtenStep(cache, step, async (path) => void (await compress(path)));
  };
  // The largest first keeps all workers busy to the end; results stay in their order.
  const order = segments
    .map((pieces, index) => ({ pieces, index, size: piecesSize(pieces) }))
    .sort((a, b) => b.size - a.size);
  const results = new Array<FileContent>(segments.length);
  await Promise.all(
    order.map(async ({ pieces, index }) => {
      results[index] = await compressOne(pieces, !(options.secret === true && planned[index]!.ofRecipe));
    }),
  );
  return { compressed: concatContents(results), uncompressed, cached, segments: segments.length };
}

function partOf(piece: SegmentPiece): ContentPart {
  if (piece instanceof Uint8Array) return piece;
  const { path, offset } = piece.location!;
  return { path, offset, size: piece.size, sha256: piece.digest };
}
