/**
 * Sizes of a FAT file system: cluster size by the tables of Microsoft's specification ("FAT Volume Initialization"), which
 * mkfs.vfat uses too; FATs and reserved sectors are whole clusters, so that clusters lie at multiples of their size.
 *
 * What a volume is follows from the number of its clusters alone: under 4,085 FAT12, under 65,525 FAT16, else FAT32.
 * Checked by: mkfs.vfat (the same numbers for the same size), fsck.vfat.
 */

import { AssembleError } from "../../errors/assemble-error.js";
import { SECTOR } from "./boot-sector.js";

/** Where the parts of a volume lie. */
export interface FatGeometry {
  readonly type: 16 | 32;
  readonly totalSectors: number;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  readonly sectorsPerFat: number;
  /** Of FAT16's root directory; 0 for FAT32. */
  readonly rootEntries: number;
  readonly firstDataSector: number;
  readonly clusters: number;
  readonly sectorsPerTrack: number;
  readonly heads: number;
}

export const FATS = 2;
export const DIRECTORY_ENTRY_BYTES = 32;
export const FAT16_CLUSTERS_MIN = 4085;
export const FAT32_CLUSTERS_MIN = 65525;
/** Cluster numbers from 0x0ffffff7 on mean other things. */
export const FAT32_CLUSTERS_MAX = 0x0ffffff5;
const FAT16_ROOT_ENTRIES = 512;
const FAT32_RESERVED = 32;
/** From 512 MiB on a volume is FAT32 where nobody says. */
const FAT32_SECTORS_FROM = 1 << 20;

/** Up to so many sectors: so many sectors a cluster. */
const CLUSTERS_16: readonly (readonly [number, number])[] = [
  [32_680, 2],
  [262_144, 4],
  [524_288, 8],
  [1_048_576, 16],
  [2_097_152, 32],
  [4_194_304, 64],
];
const CLUSTERS_32: readonly (readonly [number, number])[] = [
  [532_480, 1],
  [16_777_216, 8],
  [33_554_432, 16],
  [67_108_864, 32],
  [0xffffffff, 64],
];

/**
 * The geometry of a volume of `sizeBytes` (whole sectors count).
 *
 * @throws AssembleError `fat/size-invalid` for a size that the type cannot have
 */
export function planGeometry(sizeBytes: number, wanted?: 16 | 32): FatGeometry {
  const totalSectors = Math.floor(sizeBytes / SECTOR);
  const type = wanted ?? (totalSectors >= FAT32_SECTORS_FROM ? 32 : 16);
  const table = type === 16 ? CLUSTERS_16 : CLUSTERS_32;
  const sectorsPerCluster = table.find(([sectors]) => totalSectors <= sectors)?.[1];
  if (sectorsPerCluster === undefined || !(totalSectors > 0)) throw sizeInvalid(type, sizeBytes);
  const whole = (sectors: number): number => Math.ceil(sectors / sectorsPerCluster) * sectorsPerCluster;
  const reservedSectors = whole(type === 16 ? 1 : FAT32_RESERVED);
  const rootEntries = type === 16 ? FAT16_ROOT_ENTRIES : 0;
  const rootSectors = (rootEntries * DIRECTORY_ENTRY_BYTES) / SECTOR;
  const clustersWith = (sectorsPerFat: number): number =>
    Math.floor((totalSectors - reservedSectors - FATS * sectorsPerFat - rootSectors) / sectorsPerCluster);
  // A larger FAT leaves fewer clusters: the smallest that has an entry for each cluster that is left.
  const entriesPerSector = (SECTOR * 8) / type;
  let sectorsPerFat = Math.floor(totalSectors / (sectorsPerCluster * entriesPerSector + FATS));
  while (sectorsPerFat > 1 && (sectorsPerFat - 1) * entriesPerSector >= clustersWith(sectorsPerFat - 1) + 2)
    sectorsPerFat--;
  while (sectorsPerFat * entriesPerSector < clustersWith(sectorsPerFat) + 2) sectorsPerFat++;
  sectorsPerFat = whole(sectorsPerFat);
  const clusters = clustersWith(sectorsPerFat);
  const [least, most] =
    type === 16 ? [FAT16_CLUSTERS_MIN, FAT32_CLUSTERS_MIN - 1] : [FAT32_CLUSTERS_MIN, FAT32_CLUSTERS_MAX];
  if (clusters < least || clusters > most) throw sizeInvalid(type, sizeBytes);
  const firstDataSector = reservedSectors + FATS * sectorsPerFat + rootSectors;
  return {
    ...{
      type,
      totalSectors,
      sectorsPerCluster,
      reservedSectors,
      sectorsPerFat,
      rootEntries,
      firstDataSector,
      clusters,
    },
    ...tracks(totalSectors),
  };
}

/** Tracks and heads as a BIOS would report them: nothing reads them any more, but all tools expect them to be set. */
function tracks(sectors: number): { readonly sectorsPerTrack: number; readonly heads: number } {
  const small: readonly (readonly [number, number])[] = [
    [32_768, 2],
    [65_536, 4],
    [262_144, 8],
    [524_288, 16],
  ];
  const heads = small.find(([most]) => sectors <= most)?.[1];
  if (heads !== undefined) return { sectorsPerTrack: 32, heads };
  const fits = [16, 32, 64, 128].find((count) => sectors <= count * 63 * 1024);
  return { sectorsPerTrack: 63, heads: fits ?? 255 };
}

function sizeInvalid(type: 16 | 32, sizeBytes: number): AssembleError {
  const wanted = type === 16 ? "9 MiB to 2 GiB" : "34 MiB to 2 TiB";
  return new AssembleError(
    "fat/size-invalid",
    `Cannot make a FAT${type} file system: its size is ${sizeBytes} bytes, ${wanted} were wanted`,
  );
}
