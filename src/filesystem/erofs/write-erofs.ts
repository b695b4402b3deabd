/**
 * Writes a tree as an EROFS image (erofs.docs.kernel.org), without root and in one pass forward: everything gets its place first, then the bytes
 * stream out. The same tree and options give the same bytes.
 *
 * Writes: blocks of 4 KiB, compact and extended inodes, data behind inodes, attributes behind inodes and shared, equal files once, a checksum of
 * the superblock; compressed files with compact indexes or full ones. Omits: chunks, fragments, inline clusters, further devices, prefixes of attributes.
 * Checked by: `fsck.erofs`, the kernel.
 */

import type { Content } from "../../bytes/content.js";
import { uuidBytes } from "../../bytes/uuid.js";
import { coalesce } from "../../codec/coalesce.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import { clusterSizes, compressionConfigs, type ErofsPacking } from "./compression.js";
import { emitErofs } from "./emit-erofs.js";
import { wrongOption } from "./errors.js";
import { placeInodes } from "./place-inodes.js";
import { type CompressedFile, planData } from "./plan-data.js";
import { type PlannedInode, planInodes } from "./plan-inodes.js";
import { storeFiles } from "./store-files.js";
import {
  BLOCK_BITS,
  BLOCK_BYTES,
  COMPATIBLE,
  DATA_LAYOUT,
  INCOMPATIBLE,
  MAGIC,
  SLOT_BYTES,
  SUPERBLOCK_OFFSET,
  Superblock,
} from "./structures.js";
import { planXattrs } from "./xattrs.js";

/** How to write an image. */
export interface ErofsOptions {
  /** With dashes. */
  readonly uuid: string;
  /** When the image was made, in seconds: files of this time have smaller inodes. */
  readonly time: number;
  /** Up to 15 bytes of UTF-8. */
  readonly label?: string | undefined;
  /** How files are compressed; default: not at all. */
  readonly packing?: ErofsPacking | undefined;
}

const EMPTY = new Uint8Array(0);
const LABEL_BYTES_MAX = 15;

/**
 * Plans an EROFS image of a tree. Without `packing` no content is read before the result is.
 *
 * @throws AssembleError `filesystem/erofs-unrepresentable`, `filesystem/erofs-options`, `io/…`
 * @example
 * ```ts
 * const image = await writeErofs(tree, { uuid, time: 0 });
 * ```
 */
export async function writeErofs(tree: Tree, options: ErofsOptions): Promise<Content> {
  const { time, packing } = options;
  const label = new TextEncoder().encode(options.label ?? "");
  if (label.length > LABEL_BYTES_MAX)
    throw wrongOption(`the label has ${label.length} bytes`, `${LABEL_BYTES_MAX} at most`);
  if (packing !== undefined) clusterSizes(packing);
  const inodes = planInodes(tree, time);
  const ordered = [...inodes.values()];
  const xattrs = planXattrs(ordered);
  const files = ordered.map(({ node }) => node).filter((node): node is FileNode => node.type === "file");
  const stored = packing === undefined ? undefined : await storeFiles(files, packing);
  const compressedOf = (file: FileNode): CompressedFile | undefined => stored?.files.get(file);
  const plan = planData(ordered, {
    xattrsOf: (inode) => xattrs.bodies.get(inode) ?? EMPTY,
    compressedOf,
    compressedBlocks: stored?.blocks ?? 0,
    compressedLayout: packing?.indexes === "full" ? DATA_LAYOUT.compressedFull : DATA_LAYOUT.compressedCompact,
  });
  const configs = packing === undefined || stored?.blocks === 0 ? undefined : compressionConfigs(packing);
  const places = placeInodes(plan.data, SUPERBLOCK_OFFSET + Superblock.size + (configs?.bytes.length ?? 0));
  const offsetOf = new Map<PlannedInode, number>(plan.data.map(({ inode }, i) => [inode, places.offsets[i]!]));
  const data = plan.data
    .map((one, i) => ({ data: one, offset: places.offsets[i]! }))
    .sort((a, b) => a.offset - b.offset);
  const xattrBlocks = Math.ceil(xattrs.shared.length / BLOCK_BYTES);
  const dataBlock = places.blocks + xattrBlocks;
  const blocks = dataBlock + plan.blocks;
  const superblock: Superblock = {
    magic: MAGIC,
    checksum: 0,
    featureCompat: COMPATIBLE.superblockChecksum | COMPATIBLE.modificationTimes,
    blockBits: BLOCK_BITS,
    extensionSlots: 0,
    rootNid: places.offsets[0]! / SLOT_BYTES,
    inodeCount: ordered.length,
    buildTime: BigInt.asUintN(64, BigInt(time)),
    buildTimeNanoseconds: 0,
    blocks,
    metadataBlock: 0,
    xattrBlock: xattrBlocks === 0 ? 0 : places.blocks,
    uuid: uuidBytes(options.uuid),
    volumeName: Uint8Array.from({ length: 16 }, (_, i) => label[i] ?? 0),
    featureIncompat: configs === undefined ? 0 : INCOMPATIBLE.zeroPadding | INCOMPATIBLE.compressionConfigs,
    algorithms: configs === undefined ? 0 : 1 << configs.algorithm,
    extraDevices: 0,
    deviceTableSlot: 0,
    directoryBlockBits: 0,
    xattrPrefixCount: 0,
    xattrPrefixStart: 0,
    packedNid: 0,
    xattrFilterReserved: 0,
    reserved: new Uint8Array(23),
  };
  const image = {
    superblock,
    configs: configs?.bytes ?? EMPTY,
    inodes,
    data,
    offsetOf,
    algorithm: configs?.algorithm ?? 0,
    metadataBlocks: places.blocks,
    sharedXattrs: xattrs.shared,
    dataBlock,
    compressed: stored?.contents ?? [],
    runs: plan.runs,
  };
  return { size: blocks * BLOCK_BYTES, chunks: (passing) => coalesce(emitErofs(image, passing), passing) };
}
