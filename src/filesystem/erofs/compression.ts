/**
 * The compressors of EROFS: what is written behind the superblock, and the settings.
 */

import type { Cache } from "../../io/cache.js";
import type { OnEvent } from "../../io/event.js";
import type { Workers } from "../../io/workers.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import { wrongOption } from "./errors.js";
import { ALGORITHM, BLOCK_BYTES } from "./structures.js";

/** Levels: lz4 1–12, deflate 1–9, zstd 1–22. Linux 6.1 reads lz4, 6.6 deflate too, 6.10 zstd too. */
export interface ErofsCompression {
  readonly type: "lz4" | "deflate" | "zstd";
  readonly level: number;
}

/** How files are compressed. */
export interface ErofsPacking {
  readonly compression: ErofsCompression;
  /** Bytes of a stored cluster at most: a multiple of 4 KiB up to 1 MiB; default 64 KiB. */
  readonly clusterBytes?: number | undefined;
  /** The form of the indexes: `full` has 8 bytes for each 4 KiB of a file in place of 2 to 4. Every Linux that reads one reads the other. */
  readonly indexes?: "compact" | "full" | undefined;
  /** Whether what is made of a file may be kept in the cache; default: of all. */
  readonly cacheable?: ((file: FileNode) => boolean) | undefined;
  readonly cache: Cache;
  readonly workers: Workers;
  readonly onEvent?: OnEvent | undefined;
}

const CLUSTER_BYTES = 64 << 10;
const CLUSTER_BYTES_MAX = 1 << 20;
/** A file's bytes that are compressed together at most, as a multiple of the stored cluster and at all. */
const EXTENT_RATIO = 8;
const EXTENT_BYTES_MAX = 1 << 20;
const LZ4_DISTANCE_MAX = 65535;
const DEFLATE_WINDOW_BITS = 15;
/** What stands for a window of 1 KiB. */
const ZSTD_WINDOW_LOG_BASE = 10;

/** Sizes that follow from the settings. @throws AssembleError `filesystem/erofs-options` */
export function clusterSizes({ clusterBytes = CLUSTER_BYTES }: ErofsPacking): {
  readonly clusterBytes: number;
  readonly extentBytes: number;
} {
  if (!(clusterBytes >= BLOCK_BYTES && clusterBytes <= CLUSTER_BYTES_MAX && clusterBytes % BLOCK_BYTES === 0))
    throw wrongOption(`clusters have ${clusterBytes} bytes`, `a multiple of ${BLOCK_BYTES} up to ${CLUSTER_BYTES_MAX}`);
  // Small clusters may hold a hole as well.
  const extentBytes = 2 ** Math.ceil(Math.log2(EXTENT_RATIO * clusterBytes));
  return { clusterBytes, extentBytes: Math.min(EXTENT_BYTES_MAX, Math.max(CLUSTER_BYTES, extentBytes)) };
}

/** What follows the superblock: the length of the algorithm's settings, and these. */
export function compressionConfigs(packing: ErofsPacking): { readonly algorithm: number; readonly bytes: Uint8Array } {
  const { clusterBytes, extentBytes } = clusterSizes(packing);
  const { type } = packing.compression;
  const algorithm = ALGORITHM[type];
  if (type === "lz4") {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt16LE(bytes.length - 2, 0);
    bytes.writeUInt16LE(LZ4_DISTANCE_MAX, 2);
    bytes.writeUInt16LE(clusterBytes / BLOCK_BYTES, 4);
    return { algorithm, bytes };
  }
  const windowLog = Math.log2(extentBytes) - ZSTD_WINDOW_LOG_BASE;
  const setting = type === "deflate" ? [DEFLATE_WINDOW_BITS, 0] : [0, windowLog];
  return { algorithm, bytes: Uint8Array.from([6, 0, ...setting, 0, 0, 0, 0]) };
}
