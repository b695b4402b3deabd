/**
 * Reads FAT16 and FAT32 file systems that nobody vouches for: every number is checked before it is used, chains are bounded
 * by the volume's size, and a directory is entered once only.
 */

import type { FileContent } from "../../bytes/content.js";
import type { RandomAccess } from "../../codec/random-access.js";
import { AssembleError } from "../../errors/assemble-error.js";
import {
  BiosParameterBlock,
  BOOT_SIGNATURE,
  EXTENDED_SIGNATURE,
  Fat16BootSector,
  Fat32BootSector,
  SECTOR,
} from "./boot-sector.js";
import { ClusterChains } from "./cluster-chains.js";
import { Attribute } from "./directory-entry.js";
import { FAT16_CLUSTERS_MIN, FAT32_CLUSTERS_MAX, FAT32_CLUSTERS_MIN } from "./geometry.js";
import { type DirectoryRecord, readDirectory } from "./read-directory.js";

/** A file or directory of a FAT file system. */
export interface FatFile {
  /** Unicode, without a leading slash. */
  readonly path: string;
  readonly type: "file" | "directory";
  readonly shortName: string;
  readonly attributes: number;
  readonly mtimeSeconds: number;
  /** Empty for directories. Reading a damaged one throws `fat/damaged`. */
  readonly content: FileContent;
}

/** An opened file system. */
export interface FatVolume {
  readonly type: 16 | 32;
  readonly volumeId: number;
  /** Of the root directory; absent where there is none. */
  readonly label: string | undefined;
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly clusters: number;
  /** All files and directories: a directory before what is in it. */
  files(): Generator<FatFile>;
}

const DEPTH_MAX = 64;
const FIXED_ROOT = 0;

/** Whether a file system may be FAT: its boot sector's marks, without going into details. */
export function looksLikeFat(source: RandomAccess): boolean {
  const sector = source.read(0, SECTOR);
  if (sector.length < SECTOR) return false;
  const { jump, bytesPerSector, sectorsPerCluster, fats } = BiosParameterBlock.decode(sector);
  return (
    sector[510] === 0x55 &&
    sector[511] === 0xaa &&
    (jump[0] === 0xeb || jump[0] === 0xe9) &&
    [512, 1024, 2048, 4096].includes(bytesPerSector) &&
    sectorsPerCluster > 0 &&
    (fats === 1 || fats === 2)
  );
}

/**
 * Opens a file system.
 *
 * @throws AssembleError `fat/not-fat`, `fat/damaged`
 */
export function readFat(source: RandomAccess): FatVolume {
  if (!looksLikeFat(source))
    throw new AssembleError("fat/not-fat", "Cannot read a FAT file system: its boot sector is none of FAT");
  const sector = source.read(0, SECTOR);
  const block = BiosParameterBlock.decode(sector);
  const narrow = Fat16BootSector.decode(sector);
  const wide = Fat32BootSector.decode(sector);
  if (block.bytesPerSector !== SECTOR) throw damaged(`its sectors have ${block.bytesPerSector} bytes, 512 were wanted`);
  if (narrow.signature !== BOOT_SIGNATURE) throw damaged("its boot sector has no signature");
  const totalSectors = block.totalSectors16 === 0 ? block.totalSectors32 : block.totalSectors16;
  if (totalSectors === 0 || totalSectors * SECTOR > source.size)
    throw damaged(`it has ${totalSectors} sectors, at most ${Math.floor(source.size / SECTOR)} were wanted`);
  const sectorsPerFat = block.sectorsPerFat16 === 0 ? wide.sectorsPerFat32 : block.sectorsPerFat16;
  const rootSectors = Math.ceil((block.rootEntries * 32) / SECTOR);
  const rootSector = block.reservedSectors + block.fats * sectorsPerFat;
  const firstDataSector = rootSector + rootSectors;
  const clusters = Math.floor((totalSectors - firstDataSector) / block.sectorsPerCluster);
  if (block.reservedSectors === 0 || clusters < 1) throw damaged("its parts do not fit into it");
  if (clusters < FAT16_CLUSTERS_MIN) throw damaged(`it has ${clusters} clusters (FAT12), FAT16 or FAT32 was wanted`);
  if (clusters > FAT32_CLUSTERS_MAX) throw damaged(`it has ${clusters} clusters, fewer were wanted`);
  const type = clusters < FAT32_CLUSTERS_MIN ? 16 : 32;
  if (sectorsPerFat * SECTOR < (clusters + 2) * (type / 8)) throw damaged("its FAT is too small for its clusters");
  const chains = new ClusterChains(source, {
    ...{ type, clusters },
    tableOffset: block.reservedSectors * SECTOR,
    dataOffset: firstDataSector * SECTOR,
    clusterBytes: block.sectorsPerCluster * SECTOR,
  });
  const listing = (cluster: number, entered: Set<number>): readonly DirectoryRecord[] =>
    cluster === FIXED_ROOT
      ? readDirectory(source.read(rootSector * SECTOR, rootSectors * SECTOR))
      : readDirectory(chains.readDirectory(cluster, entered));
  const rootCluster = type === 16 ? FIXED_ROOT : wide.rootCluster;
  const extended = type === 16 ? narrow : wide;
  const root = (entered: Set<number>): readonly DirectoryRecord[] => listing(rootCluster, entered);
  return {
    type,
    volumeId: extended.extendedSignature === EXTENDED_SIGNATURE ? extended.volumeId : 0,
    label: root(new Set()).find(
      ({ attributes }) => (attributes & (Attribute.label | Attribute.directory)) === Attribute.label,
    )?.label,
    sizeBytes: totalSectors * SECTOR,
    clusterBytes: block.sectorsPerCluster * SECTOR,
    clusters,
    *files() {
      const entered = new Set<number>();
      const todo = [{ prefix: "", depth: 0, records: root(entered) }];
      for (let directory = todo.pop(); directory !== undefined; directory = todo.pop()) {
        const below: typeof todo = [];
        for (const record of directory.records) {
          if ((record.attributes & Attribute.label) !== 0) continue;
          const file = fileOf(record, directory.prefix, chains);
          yield file;
          if (file.type === "file") continue;
          if (directory.depth >= DEPTH_MAX) throw damaged(`its directories are nested deeper than ${DEPTH_MAX}`);
          const records = listing(record.firstCluster === 0 ? -1 : record.firstCluster, entered);
          below.push({ prefix: `${file.path}/`, depth: directory.depth + 1, records });
        }
        todo.push(...below.reverse());
      }
    },
  };
}

function fileOf(record: DirectoryRecord, prefix: string, chains: ClusterChains): FatFile {
  const isDirectory = (record.attributes & Attribute.directory) !== 0;
  return {
    path: prefix + record.name,
    type: isDirectory ? "directory" : "file",
    shortName: record.shortName,
    attributes: record.attributes,
    mtimeSeconds: record.mtimeSeconds,
    content: chains.content(record.firstCluster, isDirectory ? 0 : record.size),
  };
}

function damaged(is: string): AssembleError {
  return new AssembleError("fat/damaged", `Cannot read a FAT file system: ${is}`);
}
