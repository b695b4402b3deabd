/**
 * Writes a dm-verity hash area: superblock and Merkle tree, format version 1 (cryptsetup wiki, "DMVerity: On-disk format"; the kernel's
 * Documentation/admin-guide/device-mapper/verity.rst).
 *
 * Writes: 1. superblock  2. the tree's levels, the highest first. Hash type 1 (salt before the data), sha256 and sha512; no forward error
 * correction. Checked by: `veritysetup format` (equal byte for byte), `veritysetup verify`.
 */

import type { Content } from "../../bytes/content.js";
import { uuidBytes } from "../../bytes/uuid.js";
import { coalesce } from "../../codec/coalesce.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Workers } from "../../io/workers.js";
import { digestStream, exactPieces } from "./digest-stream.js";
import { DIGEST_BYTES, type VerityAlgorithm, type VerityGeometry, verityGeometry } from "./geometry.js";
import { hashBlocks } from "./hash-blocks-task.js";
import { VERITY_SALT_MAX, VERITY_SIGNATURE, VeritySuperblock } from "./superblock.js";

/** How to make a hash tree. */
export interface VerityOptions {
  /** Up to 256 bytes, hashed before each block. */
  readonly salt: Uint8Array;
  /** Of the hash area, with dashes. */
  readonly uuid: string;
  /** Default sha256. */
  readonly algorithm?: VerityAlgorithm | undefined;
  /** Bytes; default 4096. */
  readonly dataBlockSize?: number | undefined;
  /** Bytes; default 4096. */
  readonly hashBlockSize?: number | undefined;
  /** Hash in these; without them in this thread. The result is the same. */
  readonly workers?: Workers | undefined;
  /** How many bytes of the lowest level are kept in memory (default 64 MiB, 8 GiB of data); a larger one is hashed anew when it is read. */
  readonly keepBytes?: number | undefined;
}

/** A hash tree. */
export interface Verity {
  /** Superblock and tree, as they stand on a hash device. */
  readonly hashTree: Content;
  /** Lower-case hex. */
  readonly rootHash: string;
}

const KEEP_BYTES = 64 << 20;

/**
 * Makes the hash tree of a content whose size is whole data blocks.
 *
 * @throws AssembleError `verity/unsupported`, `verity/size-unaligned`, `verity/data-changed` (when the tree is read)
 * @example
 * ```ts
 * const { hashTree, rootHash } = await writeVerity(image, { salt, uuid });
 * ```
 */
export async function writeVerity(data: Content, options: VerityOptions): Promise<Verity> {
  const { salt, workers, algorithm = "sha256", dataBlockSize = 4096, hashBlockSize = 4096 } = options;
  if (data.size % dataBlockSize !== 0)
    throw new AssembleError(
      "verity/size-unaligned",
      `Cannot make a verity hash tree: the data has ${data.size} bytes, a multiple of ${dataBlockSize} was wanted`,
    );
  if (salt.length > VERITY_SALT_MAX)
    throw new AssembleError(
      "verity/unsupported",
      `Cannot make a verity hash tree: the salt has ${salt.length} bytes, ${VERITY_SALT_MAX} at most were wanted`,
    );
  const geometry = verityGeometry({ algorithm, dataBlockSize, hashBlockSize, dataBlocks: data.size / dataBlockSize });
  const isKept = (geometry.levels[0] ?? 0) * hashBlockSize <= (options.keepBytes ?? KEEP_BYTES);
  const hashing = { blockSize: dataBlockSize, algorithm, salt, workers };
  const levels = geometry.levels.map(
    (blocks, level) => new Level(geometry, { blocks, salt, keep: isKept || level > 0 }),
  );
  levels.forEach((level, i) => {
    level.parent = levels[i + 1];
  });
  let rootHash: Uint8Array | undefined;
  for await (const digests of digestStream(data, hashing)) {
    levels[0]?.add(digests);
    rootHash = digests;
  }
  for (const level of levels) rootHash = level.finish() ?? rootHash;
  const superblock = encodeSuperblock(geometry, options);
  return {
    rootHash: Buffer.from(rootHash!).toString("hex"),
    hashTree: {
      size: geometry.hashBytes,
      chunks: () => coalesce(treeBlocks(superblock, levels, () => digestStream(data, hashing))),
    },
  };
}

/** The hash area in its order: the superblock, then the highest level first. */
async function* treeBlocks(
  superblock: Uint8Array,
  levels: readonly Level[],
  digests: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield superblock;
  for (const level of [...levels].reverse()) {
    if (level.isKept) yield* level.chunks();
    else yield* againHashed(level, digests());
  }
}

const CHUNK_BYTES = 1 << 20;

/** A level that is being filled. */
class Level {
  parent: Level | undefined;
  readonly isKept: boolean;
  private readonly geometry: VerityGeometry;
  private readonly salt: Uint8Array;
  /** The whole level, or its current block. */
  private readonly bytes: Uint8Array;
  private used = 0;
  private root: Uint8Array | undefined;

  constructor(geometry: VerityGeometry, { blocks, salt, keep }: { blocks: number; salt: Uint8Array; keep: boolean }) {
    this.geometry = geometry;
    this.salt = salt;
    this.isKept = keep;
    this.bytes = new Uint8Array((keep ? blocks : 1) * geometry.hashBlockSize);
  }

  get blockSize(): number {
    return this.geometry.hashBlockSize;
  }

  /** Takes digests of the level below. */
  add(digests: Uint8Array): void {
    const { hashBlockSize } = this.geometry;
    for (let at = 0; at < digests.length; ) {
      const start = this.used - (this.used % hashBlockSize);
      const count = Math.min(start + hashBlockSize - this.used, digests.length - at);
      this.bytes.set(digests.subarray(at, at + count), this.used);
      at += count;
      this.used += count;
      if (this.used % hashBlockSize === 0) this.close(start);
    }
  }

  /** Pads and hashes the last block; the digest if this level is the highest. */
  finish(): Uint8Array | undefined {
    const { hashBlockSize } = this.geometry;
    if (this.used % hashBlockSize !== 0) this.close(this.used - (this.used % hashBlockSize));
    return this.root;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; at < this.bytes.length; at += CHUNK_BYTES) yield this.bytes.subarray(at, at + CHUNK_BYTES);
  }

  /** The digest of block `index` of the level below, as this one has it. */
  digestAt(index: number): Uint8Array {
    const width = DIGEST_BYTES[this.geometry.algorithm];
    return this.bytes.subarray(index * width, (index + 1) * width);
  }

  /** The digest of one of its blocks. */
  digestOf(block: Uint8Array): Uint8Array {
    const { hashBlockSize: blockSize, algorithm } = this.geometry;
    return hashBlocks({ bytes: block, blockSize, algorithm, salt: this.salt });
  }

  private close(start: number): void {
    const block = this.bytes.subarray(start, start + this.geometry.hashBlockSize);
    const digest = this.digestOf(block);
    if (this.parent === undefined) this.root = digest;
    else this.parent.add(digest);
    if (this.isKept) return;
    block.fill(0);
    this.used = 0;
  }
}

/** The lowest level once more, each block held against the digest that the level above has of it. */
async function* againHashed(level: Level, digests: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let index = 0;
  for await (const piece of exactPieces(digests, level.blockSize)) {
    const block = padded(piece, level.blockSize);
    if (Buffer.compare(level.digestOf(block), level.parent!.digestAt(index++)) !== 0)
      throw new AssembleError(
        "verity/data-changed",
        "Cannot write the verity hash tree: the data has changed since its root hash was computed, the same bytes were wanted",
      );
    yield block;
  }
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes;
  const block = new Uint8Array(size);
  block.set(bytes);
  return block;
}

function encodeSuperblock(geometry: VerityGeometry, { salt, uuid }: VerityOptions): Uint8Array {
  const paddedSalt = new Uint8Array(VERITY_SALT_MAX);
  paddedSalt.set(salt);
  const block = new Uint8Array(geometry.hashBlockSize);
  VeritySuperblock.encodeInto(block, 0, {
    signature: new Uint8Array(VERITY_SIGNATURE),
    version: 1,
    hashType: 1,
    uuid: uuidBytes(uuid),
    algorithm: geometry.algorithm,
    dataBlockSize: geometry.dataBlockSize,
    hashBlockSize: geometry.hashBlockSize,
    dataBlocks: geometry.dataBlocks,
    saltSize: salt.length,
    pad1: [0, 0, 0, 0, 0, 0],
    salt: paddedSalt,
    pad2: new Uint8Array(168),
  });
  return block;
}
