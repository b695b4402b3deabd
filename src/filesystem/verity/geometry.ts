/**
 * The shape of a hash tree (dm-verity, format version 1): each block of a level holds digests of the blocks of the level below, the
 * lowest level those of the data. On disk the levels follow the superblock, the highest first.
 */

import { AssembleError } from "../../errors/assemble-error.js";

/** Hash algorithms. */
export type VerityAlgorithm = "sha256" | "sha512";

/** Bytes of a digest in a hash block. Both are powers of two, so that the format's padding of digests never shows. */
export const DIGEST_BYTES: Readonly<Record<VerityAlgorithm, number>> = { sha256: 32, sha512: 64 };

/** What decides the shape. */
export interface VerityShape {
  readonly algorithm: VerityAlgorithm;
  readonly dataBlockSize: number;
  readonly hashBlockSize: number;
  readonly dataBlocks: number;
}

/** The tree. */
export interface VerityGeometry extends VerityShape {
  readonly digestsPerBlock: number;
  /** Hash blocks of each level, the lowest (digests of data) first. One data block has no level: its digest is the root hash. */
  readonly levels: readonly number[];
  /** Bytes of superblock and tree. */
  readonly hashBytes: number;
}

const BLOCK_MIN = 512;
const BLOCK_MAX = 1 << 16;

/** Computes a tree's shape. @throws AssembleError `verity/unsupported` */
export function verityGeometry(shape: VerityShape): VerityGeometry {
  for (const size of [shape.dataBlockSize, shape.hashBlockSize])
    if (!Number.isInteger(Math.log2(size)) || size < BLOCK_MIN || size > BLOCK_MAX)
      throw unsupported(`a block size of ${size} bytes`, "a power of two from 512 to 65536");
  if (shape.dataBlocks < 1) throw unsupported("no data", "at least one block");
  const digestsPerBlock = shape.hashBlockSize / DIGEST_BYTES[shape.algorithm];
  const levels: number[] = [];
  for (let blocks = shape.dataBlocks; blocks > 1; ) {
    blocks = Math.ceil(blocks / digestsPerBlock);
    levels.push(blocks);
  }
  const hashBlocks = levels.reduce((sum, blocks) => sum + blocks, 1);
  return { ...shape, digestsPerBlock, levels, hashBytes: hashBlocks * shape.hashBlockSize };
}

/** Offset in the hash area of a level's first block. */
export function levelOffset(geometry: VerityGeometry, level: number): number {
  const before = geometry.levels.slice(level + 1).reduce((sum, blocks) => sum + blocks, 1);
  return before * geometry.hashBlockSize;
}

function unsupported(is: string, wanted: string): AssembleError {
  return new AssembleError(
    "verity/unsupported",
    `Cannot make a verity hash tree: there is ${is}, ${wanted} was wanted`,
  );
}
