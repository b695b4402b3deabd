/**
 * Verifies data against a dm-verity hash area and a root hash, and names the first block that is not what the tree says. Neither is
 * trusted: sizes are checked before anything is read, and only a batch of blocks is held. Reads hash type 1, sha256 and sha512.
 */

import type { Content } from "../../bytes/content.js";
import { readRange, sliceContent } from "../../bytes/slice-content.js";
import { uuidText } from "../../bytes/uuid.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Workers } from "../../io/workers.js";
import { digestStream, exactPieces } from "./digest-stream.js";
import { DIGEST_BYTES, levelOffset, type VerityAlgorithm, type VerityGeometry, verityGeometry } from "./geometry.js";
import { VERITY_SALT_MAX, VERITY_SIGNATURE, VeritySuperblock } from "./superblock.js";

/** What a hash area says of itself. */
export interface VerityDescription {
  readonly geometry: VerityGeometry;
  readonly salt: Uint8Array;
  /** Lower-case hex with dashes. */
  readonly uuid: string;
}

/** What to verify against. */
export interface VerifyOptions {
  /** Hex. */
  readonly rootHash: string;
  readonly workers?: Workers | undefined;
}

/**
 * Reads the superblock of a hash area. Fields that have no meaning must be zero.
 *
 * @throws AssembleError `verity/superblock-invalid`
 */
export async function readVeritySuperblock(hashTree: Content): Promise<VerityDescription> {
  const bytes = await readRange(hashTree, 0, VeritySuperblock.size);
  if (bytes.length < VeritySuperblock.size) throw invalid(`it has ${bytes.length} bytes`, "512 at least");
  if (VERITY_SIGNATURE.some((byte, i) => bytes[i] !== byte))
    throw invalid("it does not begin with verity", "a superblock");
  let fields: VeritySuperblock;
  try {
    fields = VeritySuperblock.decode(bytes);
  } catch (cause) {
    throw invalid((cause as Error).message, "a data device of a possible size");
  }
  const { version, hashType, algorithm, saltSize, dataBlockSize, hashBlockSize, dataBlocks } = fields;
  if (version !== 1 || hashType !== 1) throw invalid(`its version is ${version}, its hash type ${hashType}`, "1 and 1");
  if (algorithm !== "sha256" && algorithm !== "sha512")
    throw invalid("it has another hash algorithm", "sha256 or sha512");
  if (saltSize > VERITY_SALT_MAX) throw invalid(`its salt has ${saltSize} bytes`, `${VERITY_SALT_MAX} at most`);
  const geometry = geometryOf({ algorithm, dataBlockSize, hashBlockSize, dataBlocks });
  const rest = await readRange(hashTree, VeritySuperblock.size, hashBlockSize - VeritySuperblock.size);
  const algorithmTail = bytes.subarray(32 + algorithm.length, 64);
  const unused = [algorithmTail, Uint8Array.from(fields.pad1), fields.salt.subarray(saltSize), fields.pad2, rest];
  if (unused.some((part) => part.some((byte) => byte !== 0))) throw invalid("an unused field is set", "zeros");
  if (geometry.hashBytes > hashTree.size)
    throw invalid(`it has ${hashTree.size} bytes`, `the ${geometry.hashBytes} of its tree`);
  return { geometry, salt: fields.salt.subarray(0, saltSize), uuid: uuidText(fields.uuid) };
}

function geometryOf(shape: {
  readonly algorithm: VerityAlgorithm;
  readonly dataBlockSize: number;
  readonly hashBlockSize: number;
  readonly dataBlocks: number;
}): VerityGeometry {
  try {
    return verityGeometry(shape);
  } catch (cause) {
    throw new AssembleError(
      "verity/superblock-invalid",
      `Cannot read the verity superblock: ${(cause as Error).message.replace(/^.*?: /, "")}`,
      { cause },
    );
  }
}

/**
 * Verifies every level of the tree from the root hash down, then every block of the data. What lies behind the data's last block is not
 * looked at.
 *
 * @throws AssembleError `verity/corrupt` (names the first block that differs), `verity/superblock-invalid`
 */
export async function verifyVerity(
  data: Content,
  hashTree: Content,
  options: VerifyOptions,
): Promise<VerityDescription> {
  const description = await readVeritySuperblock(hashTree);
  const { geometry, salt } = description;
  const { algorithm, dataBlockSize, hashBlockSize, dataBlocks, levels } = geometry;
  if (data.size < dataBlocks * dataBlockSize)
    throw new AssembleError(
      "verity/corrupt",
      `Cannot verify the data: it has ${data.size} bytes, ${dataBlocks} blocks of ${dataBlockSize} were wanted`,
    );
  const rootHash = new Uint8Array(Buffer.from(options.rootHash, "hex"));
  if (rootHash.length !== DIGEST_BYTES[algorithm])
    throw new AssembleError(
      "verity/corrupt",
      `Cannot verify the data: the root hash has ${rootHash.length} bytes, ${DIGEST_BYTES[algorithm]} were wanted for ${algorithm}`,
    );
  const hashing = { algorithm, salt, workers: options.workers };
  const levelContent = (level: number): Content =>
    sliceContent(hashTree, levelOffset(geometry, level), levels[level]! * hashBlockSize);
  for (let level = levels.length - 1; level >= -1; level--) {
    const isData = level < 0;
    const blocks = isData ? sliceContent(data, 0, dataBlocks * dataBlockSize) : levelContent(level);
    const wanted = level === levels.length - 1 ? one(rootHash) : levelContent(level + 1).chunks();
    const digests = digestStream(blocks, { ...hashing, blockSize: isData ? dataBlockSize : hashBlockSize });
    const bad = await firstDifference(digests, wanted, DIGEST_BYTES[algorithm]);
    if (bad === undefined) continue;
    const place = isData ? `block ${bad} of the data` : `hash block ${bad} of level ${level}`;
    throw new AssembleError(
      "verity/corrupt",
      `Cannot verify ${place}: its ${algorithm} differs, the one that the tree above it has was wanted`,
    );
  }
  return description;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

/** Index of the first digest that is not the wanted one. More are wanted than there are: the last hash block is padded. */
async function firstDifference(
  digests: AsyncIterable<Uint8Array>,
  wanted: AsyncIterable<Uint8Array>,
  width: number,
): Promise<number | undefined> {
  const expected = exactPieces(wanted, 1 << 16);
  let piece: Uint8Array = new Uint8Array(0);
  let index = 0;
  try {
    for await (const batch of digests) {
      for (let at = 0; at < batch.length; at += width, index++) {
        if (piece.length === 0) piece = (await expected.next()).value ?? piece;
        if (Buffer.compare(batch.subarray(at, at + width), piece.subarray(0, width)) !== 0) return index;
        piece = piece.subarray(width);
      }
    }
    return undefined;
  } finally {
    await expected.return();
  }
}

function invalid(is: string, wanted: string): AssembleError {
  return new AssembleError(
    "verity/superblock-invalid",
    `Cannot read the verity superblock: ${is}, ${wanted} was wanted`,
  );
}
