/**
 * Plans a disk: which partitions, where, with which ids. Sizes that the recipe leaves open follow from the contents; ids
 * follow from the seed, or, for a root with verity, from its root hash.
 */

import type { Content } from "../bytes/content.js";
import { deriveUuid } from "../config/ids.js";
import type { RecipeDisk, RecipePartition } from "../config/recipe-parts.js";
import { AssembleError } from "../errors/assemble-error.js";
import { ALIGNMENT, BACKUP_SECTORS, ENTRIES, FIRST_FREE_LBA, SECTOR } from "./gpt-layout.js";
import { partitionTypeUuid } from "./partition-types.js";

/** Where the first partition begins. */
const FIRST_LBA = ALIGNMENT / SECTOR;

/** What a partition is filled with. */
export interface PartitionSource {
  /** The least size. */
  readonly bytes: number;
  /** Instead of one derived from the seed. */
  readonly uuid?: string | undefined;
  readonly attributes?: bigint | undefined;
  /** Whether it grows into what is left of the disk where the recipe states no size. */
  readonly fillsRest?: boolean | undefined;
  /** The content for the place that was found: of `sizeBytes` bytes, or fewer. */
  fill(place: { readonly sizeBytes: number; readonly startLba: number }): Content;
}

/** What else a plan depends on. */
export interface DiskPlanOptions {
  readonly seed: string;
  /** By type word (`esp`, `root`, `root-verity`): for the first partition of that type. */
  readonly contents: ReadonlyMap<string, PartitionSource>;
  /** Makes what a partition with a `format` of its own is filled with; absent formats are refused before. */
  readonly format?: ((partition: RecipePartition) => PartitionSource | undefined) | undefined;
  /** The disk's size is a multiple of this, at least 1 MiB. */
  readonly roundTo?: number | undefined;
}

/** A planned partition. */
export interface PlannedPartition {
  readonly typeUuid: string;
  readonly uuid: string;
  readonly label: string;
  readonly startLba: number;
  readonly sectors: number;
  readonly attributes: bigint;
  /** Absent: zeros. */
  readonly content: Content | undefined;
}

/** A planned disk. */
export interface DiskPlan {
  readonly diskBytes: number;
  readonly diskUuid: string;
  readonly firstUsableLba: number;
  readonly partitions: readonly PlannedPartition[];
}

/** The ids and the name that `layout: gcp-flashbots` fixes: they are part of what Google's TDX machines measure. */
const FLASHBOTS = {
  diskUuid: "12345678-1234-5678-1234-567812345678",
  espUuid: "87654321-4321-8765-4321-876543218765",
  espLabel: "esp",
  roundTo: 2 ** 30,
} as const;

/**
 * Plans a disk. A recipe without partitions gets one for each of `contents`.
 *
 * @throws AssembleError `disk/content-missing`, `disk/content-without-partition`, `disk/partition-size`, `disk/too-small`,
 * `disk/too-many-partitions`, `disk/layout-fixed`
 */
export function planDisk(disk: RecipeDisk, options: DiskPlanOptions): DiskPlan {
  const isFixed = disk.layout === "gcp-flashbots";
  const stated: readonly RecipePartition[] =
    disk.partitions.length > 0 ? disk.partitions : [...options.contents.keys()].map((type) => ({ type }));
  if (isFixed && (stated.length !== 1 || stated[0]!.type !== "esp"))
    throw new AssembleError(
      "disk/layout-fixed",
      "Cannot plan the disk: the layout gcp-flashbots has an ESP and nothing else, other partitions were stated",
    );
  if (stated.length > ENTRIES)
    throw new AssembleError(
      "disk/too-many-partitions",
      `Cannot plan the disk: it has ${stated.length} partitions, at most ${ENTRIES} were wanted`,
    );
  const sources = sourcesOf(stated, options);
  const diskBytes = diskSize(disk, stated, sources, options);
  const ends = diskBytes / SECTOR - BACKUP_SECTORS;
  let next = FIRST_LBA;
  const open = openSectors(stated, sources, disk, ends);
  const counts = new Map<string, number>();
  const partitions = stated.map((partition, i): PlannedPartition => {
    const source = sources[i];
    const startLba = next;
    const sectors = (sizeOf(partition, source, disk) ?? open) / SECTOR;
    next += Math.ceil((sectors * SECTOR) / ALIGNMENT) * (ALIGNMENT / SECTOR);
    if (startLba + sectors > ends) throw tooSmall(diskBytes, (next + BACKUP_SECTORS) * SECTOR);
    const { type } = partition;
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    const purpose = `partition:${partition.label ?? type}${count === 1 ? "" : `:${count}`}`;
    return {
      typeUuid: partitionTypeUuid(type),
      uuid: isFixed ? FLASHBOTS.espUuid : (source?.uuid ?? deriveUuid(options.seed, purpose)),
      label: isFixed ? FLASHBOTS.espLabel : (partition.label ?? type.slice(0, 36)),
      startLba,
      sectors,
      attributes: source?.attributes ?? 0n,
      content: source?.fill({ sizeBytes: sectors * SECTOR, startLba }),
    };
  });
  return {
    diskBytes,
    diskUuid: isFixed ? FLASHBOTS.diskUuid : deriveUuid(options.seed, "disk"),
    firstUsableLba: isFixed ? FIRST_LBA : FIRST_FREE_LBA,
    partitions,
  };
}

/** The source of each partition: contents go to the first of their type. */
function sourcesOf(
  stated: readonly RecipePartition[],
  { contents, format }: DiskPlanOptions,
): (PartitionSource | undefined)[] {
  const left = new Map(contents);
  const sources = stated.map((partition) => {
    const { type } = partition;
    const source = left.get(type);
    left.delete(type);
    if (source !== undefined) return source;
    if (["esp", "root", "root-verity", "root-verity-sig"].includes(type) && partition.format === undefined)
      throw new AssembleError(
        "disk/content-missing",
        `Cannot plan the disk: a partition is of type ${type}, but the image has ${contents.has(type) ? "only one" : "nothing"} to put there`,
      );
    return format?.(partition);
  });
  for (const type of left.keys())
    throw new AssembleError(
      "disk/content-without-partition",
      `Cannot plan the disk: it has no partition of type ${type}, one was wanted since the image has content for it`,
      { hint: `add { type: ${type} } to disk.partitions` },
    );
  return sources;
}

/** Whole MiB, or undefined for a partition that takes what is left. */
function sizeOf(partition: RecipePartition, source: PartitionSource | undefined, disk: RecipeDisk): number | undefined {
  const stated =
    partition.sizeBytes ??
    (partition.type === "esp" && disk.espSizeBytes !== "auto" ? disk.espSizeBytes : undefined) ??
    (source?.fillsRest === true ? undefined : source?.bytes);
  if (stated === undefined) return undefined;
  // The measured layout rounds to 4 KiB only.
  const unit = disk.layout === "gcp-flashbots" ? 4096 : ALIGNMENT;
  const rounded = Math.ceil(stated / unit) * unit;
  if (source !== undefined && rounded < source.bytes)
    throw new AssembleError(
      "disk/partition-size",
      `Cannot plan the disk: the partition ${partition.label ?? partition.type} has ${rounded} bytes, at least ${source.bytes} were wanted`,
    );
  return rounded;
}

function diskSize(
  disk: RecipeDisk,
  stated: readonly RecipePartition[],
  sources: readonly (PartitionSource | undefined)[],
  options: DiskPlanOptions,
): number {
  const sizes = stated.map((partition, i) => sizeOf(partition, sources[i], disk));
  const open = sizes.flatMap((size, i) => (size === undefined ? [stated[i]!] : []));
  if (open.length > (disk.sizeBytes === "auto" ? 0 : 1)) {
    const { label, type } = open.at(-1)!;
    throw new AssembleError(
      "disk/partition-size",
      `Cannot plan the disk: the partition ${label ?? type} has no size, ${disk.sizeBytes === "auto" ? "one" : "only one partition without"} was wanted`,
      { hint: "state its size, or disk.size and leave one partition without" },
    );
  }
  const align = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;
  const used = sizes.reduce<number>((sum, size) => sum + align(size ?? ALIGNMENT, ALIGNMENT), ALIGNMENT);
  const least = align(used + BACKUP_SECTORS * SECTOR, ALIGNMENT);
  const roundTo = disk.layout === "gcp-flashbots" ? FLASHBOTS.roundTo : Math.max(options.roundTo ?? 0, ALIGNMENT);
  if (disk.sizeBytes === "auto") return align(least, roundTo);
  const size = align(disk.sizeBytes, roundTo);
  if (size < least) throw tooSmall(size, least);
  return size;
}

/** What is left for the partition that has no size. */
function openSectors(
  stated: readonly RecipePartition[],
  sources: readonly (PartitionSource | undefined)[],
  disk: RecipeDisk,
  ends: number,
): number {
  const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  const others = stated.reduce((sum, partition, i) => sum + align(sizeOf(partition, sources[i], disk) ?? 0), 0);
  return Math.floor(((ends - FIRST_LBA) * SECTOR - others) / ALIGNMENT) * ALIGNMENT;
}

function tooSmall(is: number, wanted: number): AssembleError {
  return new AssembleError(
    "disk/too-small",
    `Cannot plan the disk: its size is ${is} bytes, at least ${wanted} were wanted`,
  );
}
