/**
 * The structures and numbers of qcow2 version 3 (QEMU docs/interop/qcow2.rst, "Header", "L1 table", "Refcount tables").
 */

import { at, layout, u32, u64, u64flags, type Values } from "../../bytes/layout.js";

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
export const SECTOR = 512;
export const CLUSTER_BITS = 16;
export const CLUSTER = 1 << CLUSTER_BITS;
/** Refcounts have 2^4 = 16 bits. */
export const REFCOUNT_ORDER = 4;
export const REFCOUNTS_PER_BLOCK = CLUSTER / 2;
export const ENTRY_BYTES = 8;
export const ENTRIES_PER_TABLE = CLUSTER / ENTRY_BYTES;
/** Bit 63 of an entry: the cluster has exactly one reference. */
export const COPIED = 1n << 63n;
export const COMPRESSED = 1n << 62n;
/** Bit 0 of an entry of an L2 table: reads as zeros. */
export const ZERO = 1n;
export const OFFSET_MASK = 0x00fffffffffffe00n;
/** 64 TiB: 1 MiB of L1 table. */
export const SIZE_MAX = 2 ** 46;
