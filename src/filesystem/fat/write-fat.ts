/**
 * Writes FAT16 and FAT32 file systems (Microsoft, "FAT: General Overview of On-Disk Format" 1.03), as the EFI system
 * partition needs them.
 *
 * Writes: 1. boot sector, FAT32's FSInfo, and the copies of both  2. two FATs  3. FAT16's root directory  4. directories and
 * files, each one run of clusters. The rest is a hole. Omits FAT12, bad clusters, and sectors of other than 512 bytes.
 * Checked by: fsck.vfat -n, mtools, mkfs.vfat (the same geometry), and OVMF that boots from it.
 */

import { type Content, contentOfBytes, type Extent, fromByteString } from "../../bytes/content.js";
import { sparseContent } from "../../bytes/sparse-content.js";
import {
  BOOT_SIGNATURE,
  EXTENDED_SIGNATURE,
  Fat16BootSector,
  Fat32BootSector,
  FsInfo,
  INFO_SIGNATURES,
  MEDIA_FIXED,
  SECTOR,
} from "./boot-sector.js";
import { FATS, planGeometry } from "./geometry.js";
import { type FatEntry, type FatPlan, FIRST_CLUSTER, planFat } from "./plan-fat.js";
import { paddedLabel } from "./short-name.js";
import { directoryContent } from "./write-directory.js";
import { fatTableContent } from "./write-table.js";

export type { FatEntry } from "./plan-fat.js";

/** How to write. */
export interface FatOptions {
  readonly sizeBytes: number;
  /** 32 bits. */
  readonly volumeId: number;
  /** Up to 11 upper-case letters, digits and the like. */
  readonly label?: string | undefined;
  /** Default: FAT32 from 512 MiB on. */
  readonly type?: 16 | 32 | undefined;
  /** Where the partition begins on its disk; default 0. */
  readonly hiddenSectors?: number | undefined;
  /** Of directories, the label, and files that state none; default 0, which FAT clamps to 1980. */
  readonly mtimeSeconds?: number | undefined;
}

const INFO_SECTOR = 1;
const BACKUP_SECTOR = 6;
/** "int 18h; hlt; jmp": there is nothing for a BIOS to start. */
const CODE = Uint8Array.of(0xcd, 0x18, 0xf4, 0xeb, 0xfd);
const NO_LABEL = "NO NAME    ";

/**
 * A FAT file system as a sparse content.
 *
 * @throws AssembleError `fat/size-invalid`, `fat/too-small`, `fat/name-invalid`, `fat/name-clash`, `fat/label-invalid`,
 * `fat/file-too-large`, `fat/directory-full`
 */
export function writeFat(entries: readonly FatEntry[], options: FatOptions): Content {
  const mtimeSeconds = options.mtimeSeconds ?? 0;
  const label = options.label === undefined ? undefined : paddedLabel(options.label);
  const geometry = planGeometry(options.sizeBytes, options.type);
  const plan = planFat(entries, { geometry, label: label !== undefined, mtimeSeconds });
  const extents: Extent[] = [{ offset: 0, content: contentOfBytes(bootArea(plan, options, label ?? NO_LABEL)) }];
  const table = fatTableContent(plan);
  for (let i = 0; i < FATS; i++)
    extents.push({ offset: (geometry.reservedSectors + i * geometry.sectorsPerFat) * SECTOR, content: table });
  const clusterOffset = (cluster: number): number =>
    (geometry.firstDataSector + (cluster - FIRST_CLUSTER) * geometry.sectorsPerCluster) * SECTOR;
  if (geometry.type === 16) {
    const offset = (geometry.reservedSectors + FATS * geometry.sectorsPerFat) * SECTOR;
    extents.push({ offset, content: directoryContent(plan.root, { parent: undefined, label, mtimeSeconds }) });
  }
  const parents = new Map(plan.nodes.flatMap((node) => node.children.map((child) => [child, node])));
  for (const node of plan.nodes) {
    const isRoot = node === plan.root;
    const parent = isRoot ? undefined : (parents.get(node) ?? plan.root);
    // The root is cluster 0 to its children's "..".
    const up = parent === plan.root ? 0 : parent?.firstCluster;
    const content =
      node.content ?? directoryContent(node, { parent: up, label: isRoot ? label : undefined, mtimeSeconds });
    extents.push({ offset: clusterOffset(node.firstCluster), content });
  }
  return sparseContent(options.sizeBytes, extents);
}

/**
 * The smallest size in whole MiB that holds these entries.
 *
 * @throws AssembleError as `writeFat`
 */
export function leastFatBytes(entries: readonly FatEntry[], options: Omit<FatOptions, "sizeBytes">): number {
  const mebibyte = 1 << 20;
  const bytes = entries.reduce((sum, { content }) => sum + (content?.size ?? 0), 0);
  const least = options.type === 32 ? 34 : 9;
  for (let size = Math.max(least, Math.ceil(bytes / mebibyte)) * mebibyte; ; size += mebibyte) {
    try {
      writeFat(entries, { ...options, sizeBytes: size });
      return size;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "fat/too-small") throw error;
    }
  }
}

function bootArea(plan: FatPlan, options: FatOptions, label: string): Uint8Array {
  const { geometry, usedClusters } = plan;
  const { totalSectors, type } = geometry;
  const hasShortCount = type === 16 && totalSectors < 0x10000;
  const code = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    bytes.set(CODE);
    return bytes;
  };
  const common = {
    oemName: "TDXASMBL",
    bytesPerSector: SECTOR,
    sectorsPerCluster: geometry.sectorsPerCluster,
    reservedSectors: geometry.reservedSectors,
    fats: FATS,
    rootEntries: geometry.rootEntries,
    totalSectors16: hasShortCount ? totalSectors : 0,
    media: MEDIA_FIXED,
    sectorsPerFat16: type === 16 ? geometry.sectorsPerFat : 0,
    sectorsPerTrack: geometry.sectorsPerTrack,
    heads: geometry.heads,
    hiddenSectors: options.hiddenSectors ?? 0,
    totalSectors32: hasShortCount ? 0 : totalSectors,
    drive: 0x80,
    extendedSignature: EXTENDED_SIGNATURE,
    volumeId: options.volumeId,
    label: fromByteString(label),
    signature: BOOT_SIGNATURE,
  };
  if (type === 16)
    return Fat16BootSector.encode({
      ...common,
      jump: Uint8Array.of(0xeb, 0x3c, 0x90),
      reserved: 0,
      typeName: "FAT16   ",
      code: code(448),
    });
  const area = new Uint8Array((BACKUP_SECTOR + 2) * SECTOR);
  for (const sector of [0, BACKUP_SECTOR]) {
    Fat32BootSector.encodeInto(area, sector * SECTOR, {
      ...common,
      jump: Uint8Array.of(0xeb, 0x58, 0x90),
      sectorsPerFat32: geometry.sectorsPerFat,
      flags: 0,
      version: 0,
      rootCluster: FIRST_CLUSTER,
      infoSector: INFO_SECTOR,
      backupBootSector: BACKUP_SECTOR,
      reserved: new Uint8Array(12),
      reserved1: 0,
      typeName: "FAT32   ",
      code: code(420),
    });
    FsInfo.encodeInto(area, (sector + INFO_SECTOR) * SECTOR, {
      leadSignature: INFO_SIGNATURES.lead,
      reserved: new Array<number>(120).fill(0),
      structSignature: INFO_SIGNATURES.struct,
      freeClusters: geometry.clusters - usedClusters,
      lastAllocated: FIRST_CLUSTER + usedClusters - 1,
      reserved2: new Uint8Array(12),
      trailSignature: INFO_SIGNATURES.trail,
    });
  }
  return area;
}
