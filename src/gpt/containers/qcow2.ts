/**
 * Writes QEMU disks: qcow2 version 3 with clusters of 64 KiB (QEMU docs/interop/qcow2.rst).
 *
 * Writes, in this order: 1. header  2. refcount table  3. refcount blocks  4. L1 table  5. L2 tables  6. the clusters that hold
 * data, in the guest's order. Clusters without data are not there at all. No backing file, encryption, snapshots, compression
 * or bitmaps. Checked by: qemu-img check, compare and info.
 */

import { type Content, contentOfBytes, type FileContent } from "../../bytes/content.js";
import { type DataRun, dataRuns, runChunks, zeroContent } from "../../bytes/sparse-content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import {
  CLUSTER,
  CLUSTER_BITS,
  COPIED,
  ENTRIES_PER_TABLE,
  ENTRY_BYTES,
  QCOW2_MAGIC,
  Qcow2Header,
  REFCOUNT_ORDER,
  REFCOUNTS_PER_BLOCK,
  SECTOR,
  SIZE_MAX,
} from "./qcow2-layout.js";

/** One entry of the L1 table stands for a table of 8,192 clusters. */
const BYTES_PER_L1_ENTRY = CLUSTER * ENTRIES_PER_TABLE;

/**
 * A disk as qcow2: its size rounded up to whole sectors, its holes left out. Reads nothing but what is emitted.
 *
 * @throws AssembleError `disk/size-invalid`
 */
export function writeQcow2(disk: Content): Content {
  const plan = planQcow2(disk);
  return {
    size: plan.fileClusters * CLUSTER,
    async *chunks(passing) {
      yield encodeTables(plan);
      for (const table of plan.tables) yield encodeTable(table);
      for (const run of plan.runs) yield* runChunks(run, passing);
    },
  };
}

/**
 * An empty disk of `size` bytes, rounded up to whole sectors; the file itself has a few hundred KiB.
 *
 * @throws AssembleError `disk/size-invalid`
 */
export function emptyQcow2(size: number): FileContent {
  return contentOfBytes(encodeTables(planQcow2(zeroContent(size))));
}

/** An L2 table: its place in the L1 table, and the runs that touch it. */
interface Table {
  readonly index: number;
  readonly runs: readonly PlacedRun[];
}

/** A run with the place of its first cluster in the file. */
interface PlacedRun {
  readonly run: DataRun;
  readonly fileCluster: number;
}

interface Plan {
  readonly size: number;
  readonly l1Size: number;
  readonly refcountTableClusters: number;
  readonly refcountBlocks: number;
  readonly l1Clusters: number;
  readonly tables: readonly Table[];
  readonly runs: readonly DataRun[];
  readonly fileClusters: number;
}

function planQcow2(disk: Content): Plan {
  const size = Math.ceil(disk.size / SECTOR) * SECTOR;
  if (!(disk.size > 0) || size > SIZE_MAX)
    throw new AssembleError(
      "disk/size-invalid",
      `Cannot make a disk: its size is ${disk.size} bytes, 1 byte to 64 TiB was wanted`,
    );
  const runs = dataRuns(disk, CLUSTER);
  const dataClusters = runs.reduce((sum, { start, end }) => sum + (end - start) / CLUSTER, 0);
  const indexes = new Set<number>();
  for (const { start, end } of runs)
    for (let at = Math.floor(start / BYTES_PER_L1_ENTRY); at * BYTES_PER_L1_ENTRY < end; at++) indexes.add(at);
  const l1Size = Math.ceil(size / BYTES_PER_L1_ENTRY);
  const l1Clusters = Math.ceil((l1Size * ENTRY_BYTES) / CLUSTER);
  // The refcounts count themselves: more blocks until all clusters have one.
  const others = 1 + l1Clusters + indexes.size + dataClusters;
  let refcountBlocks = 1;
  let refcountTableClusters = 1;
  for (;;) {
    const blocks = Math.ceil((others + refcountTableClusters + refcountBlocks) / REFCOUNTS_PER_BLOCK);
    const clusters = Math.ceil((blocks * ENTRY_BYTES) / CLUSTER);
    if (blocks === refcountBlocks && clusters === refcountTableClusters) break;
    [refcountBlocks, refcountTableClusters] = [blocks, clusters];
  }
  const fileClusters = others + refcountTableClusters + refcountBlocks;
  const placed: PlacedRun[] = [];
  let fileCluster = fileClusters - dataClusters;
  for (const run of runs) {
    placed.push({ run, fileCluster });
    fileCluster += (run.end - run.start) / CLUSTER;
  }
  const tables = [...indexes].map((index) => ({ index, runs: touching(placed, index) }));
  return { size, l1Size, refcountTableClusters, refcountBlocks, l1Clusters, tables, runs, fileClusters };
}

function touching(placed: readonly PlacedRun[], index: number): PlacedRun[] {
  const [from, to] = [index * BYTES_PER_L1_ENTRY, (index + 1) * BYTES_PER_L1_ENTRY];
  return placed.filter(({ run }) => run.start < to && run.end > from);
}

/** Header, refcounts and L1 table. */
function encodeTables(plan: Plan): Uint8Array {
  const refcountTableOffset = CLUSTER;
  const blocksOffset = refcountTableOffset + plan.refcountTableClusters * CLUSTER;
  const l1Offset = blocksOffset + plan.refcountBlocks * CLUSTER;
  const tablesOffset = l1Offset + plan.l1Clusters * CLUSTER;
  const bytes = new Uint8Array(tablesOffset);
  Qcow2Header.encodeInto(bytes, 0, {
    magic: QCOW2_MAGIC,
    version: 3,
    backingFileOffset: 0,
    backingFileSize: 0,
    clusterBits: CLUSTER_BITS,
    size: plan.size,
    cryptMethod: 0,
    l1Size: plan.l1Size,
    l1TableOffset: l1Offset,
    refcountTableOffset,
    refcountTableClusters: plan.refcountTableClusters,
    nbSnapshots: 0,
    snapshotsOffset: 0,
    incompatibleFeatures: 0n,
    compatibleFeatures: 0n,
    autoclearFeatures: 0n,
    refcountOrder: REFCOUNT_ORDER,
    headerLength: Qcow2Header.size,
  });
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < plan.refcountBlocks; block++)
    view.setBigUint64(refcountTableOffset + block * ENTRY_BYTES, BigInt(blocksOffset + block * CLUSTER));
  for (let cluster = 0; cluster < plan.fileClusters; cluster++) view.setUint16(blocksOffset + cluster * 2, 1);
  for (const [i, { index }] of plan.tables.entries())
    view.setBigUint64(l1Offset + index * ENTRY_BYTES, BigInt(tablesOffset + i * CLUSTER) | COPIED);
  return bytes;
}

function encodeTable({ index, runs }: Table): Uint8Array {
  const bytes = new Uint8Array(CLUSTER);
  const view = new DataView(bytes.buffer);
  const first = index * ENTRIES_PER_TABLE;
  for (const { run, fileCluster } of runs) {
    const start = run.start / CLUSTER;
    const from = Math.max(start, first);
    const to = Math.min(run.end / CLUSTER, first + ENTRIES_PER_TABLE);
    for (let cluster = from; cluster < to; cluster++) {
      const offset = (fileCluster + cluster - start) * CLUSTER;
      view.setBigUint64((cluster - first) * ENTRY_BYTES, BigInt(offset) | COPIED);
    }
  }
  return bytes;
}
