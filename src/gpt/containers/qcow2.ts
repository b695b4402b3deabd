/**
 * Empty QEMU disks: qcow2 version 3 (QEMU docs/interop/qcow2.rst, "Header", "Refcount tables", "L1 table").
 *
 * Writes: 1. header  2. refcount table  3. one refcount block  4. L1 table, each on a cluster of its own. No backing
 * file, encryption, snapshots, compression or internal bitmaps. Checked by: qemu-img check, qemu-img info.
 */

import { contentOfBytes, type FileContent } from "../../bytes/content.js";
import { at, layout, u32, u64, u64flags, type Values } from "../../bytes/layout.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** The header of version 3 without optional fields. */
export const Qcow2Header = layout("Qcow2Header", 104, "big", {
  magic: at(0, u32),
  version: at(4, u32),
  backingFileOffset: at(8, u64),
  backingFileSize: at(16, u32),
  clusterBits: at(20, u32),
  size: at(24, u64),
  cryptMethod: at(32, u32),
  l1Size: at(36, u32),
  l1TableOffset: at(40, u64),
  refcountTableOffset: at(48, u64),
  refcountTableClusters: at(56, u32),
  nbSnapshots: at(60, u32),
  snapshotsOffset: at(64, u64),
  incompatibleFeatures: at(72, u64flags),
  compatibleFeatures: at(80, u64flags),
  autoclearFeatures: at(88, u64flags),
  refcountOrder: at(96, u32),
  headerLength: at(100, u32),
});
export type Qcow2Header = Values<typeof Qcow2Header>;

/** "QFI\xfb". */
export const QCOW2_MAGIC = 0x514649fb;

const CLUSTER_BITS = 16;
const CLUSTER = 1 << CLUSTER_BITS;
const REFCOUNT_TABLE_OFFSET = CLUSTER;
const REFCOUNT_BLOCK_OFFSET = 2 * CLUSTER;
const L1_OFFSET = 3 * CLUSTER;
/** Refcounts have 2^4 = 16 bits. */
const REFCOUNT_ORDER = 4;
const SECTOR = 512;
/** One entry of the L1 table stands for a table of 8,192 clusters. */
const BYTES_PER_L1_ENTRY = CLUSTER * (CLUSTER / 8);
/** 64 TiB: 1 MiB of L1 table, far inside of one refcount block. */
const SIZE_MAX = 2 ** 46;

/**
 * An empty disk of `size` bytes, rounded up to whole sectors; the file itself has a few hundred KiB.
 *
 * @throws AssembleError `disk/size-invalid`
 */
export function emptyQcow2(size: number): FileContent {
  const rounded = Math.ceil(size / SECTOR) * SECTOR;
  if (!(size > 0) || rounded > SIZE_MAX)
    throw new AssembleError(
      "disk/size-invalid",
      `Cannot make a disk: its size is ${size} bytes, 1 byte to 64 TiB was wanted`,
    );
  const l1Size = Math.ceil(rounded / BYTES_PER_L1_ENTRY);
  const clusters = L1_OFFSET / CLUSTER + Math.ceil((l1Size * 8) / CLUSTER);
  const bytes = new Uint8Array(clusters * CLUSTER);
  Qcow2Header.encodeInto(bytes, 0, {
    magic: QCOW2_MAGIC,
    version: 3,
    backingFileOffset: 0,
    backingFileSize: 0,
    clusterBits: CLUSTER_BITS,
    size: rounded,
    cryptMethod: 0,
    l1Size,
    l1TableOffset: L1_OFFSET,
    refcountTableOffset: REFCOUNT_TABLE_OFFSET,
    refcountTableClusters: 1,
    nbSnapshots: 0,
    snapshotsOffset: 0,
    incompatibleFeatures: 0n,
    compatibleFeatures: 0n,
    autoclearFeatures: 0n,
    refcountOrder: REFCOUNT_ORDER,
    headerLength: Qcow2Header.size,
  });
  const view = new DataView(bytes.buffer);
  view.setBigUint64(REFCOUNT_TABLE_OFFSET, BigInt(REFCOUNT_BLOCK_OFFSET));
  for (let cluster = 0; cluster < clusters; cluster++) view.setUint16(REFCOUNT_BLOCK_OFFSET + cluster * 2, 1);
  return contentOfBytes(bytes);
}
