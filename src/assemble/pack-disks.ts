/**
 * The disks of an image: the UKI in an ESP, further partitions as the recipe says, and the containers that clouds want.
 */
import type { Content } from "../bytes/content.js";
import { guidBytes } from "../bytes/guid.js";
import { hashContent } from "../bytes/hash-content.js";
import { zeroContent } from "../bytes/sparse-content.js";
import { compressGzipStream } from "../codec/compress-gzip.js";
import { deriveBytes, deriveUuid } from "../config/ids.js";
import { type Format, hasSecret, type Recipe } from "../config/recipe.js";
import type { RecipePartition } from "../config/recipe-parts.js";
import { usesVerity } from "../config/root-packages.js";
import { writeExt4 } from "../filesystem/ext4/write-ext4.js";
import { writeFat } from "../filesystem/fat/write-fat.js";
import { GCP_DISK_UNIT, writeGcpTar } from "../gpt/containers/gcp.js";
import { writeQcow2 } from "../gpt/containers/qcow2.js";
import { writeFixedVhd } from "../gpt/containers/vhd.js";
import { espSource } from "../gpt/esp.js";
import { SECTOR } from "../gpt/gpt-layout.js";
import { type PartitionSource, type PlannedPartition, planDisk } from "../gpt/plan-disk.js";
import { writeDisk } from "../gpt/write-disk.js";
import { cacheKey } from "../io/cache.js";
import { cachedStep } from "../io/step.js";
import { Tree } from "../rootfs/tree/tree.js";
import type { Session } from "./session.js";

/** Raised when compressing the same archive gives other bytes. */
const STEP_VERSION = 1;
/** Nearly all of a disk's data is compressed already. */
const GZIP_LEVEL = 1;
const FAT_BYTES_MIN = 9 << 20;
/** The least that has room for a journal, and for something else. */
const EXT4_BYTES_MIN = 16 << 20;
/** Stands in a plan for a file system that is made when its size is known. */
const EXT4_TO_COME = zeroContent(0);

/** What the disks hold, and which are wanted. */
export interface DiskInput {
  readonly uki: Content;
  /** What else goes to the disk, by type word. */
  readonly partitions: ReadonlyMap<string, PartitionSource>;
  /** Of `raw`, `qcow2`, `vhd` and `gcp`. */
  readonly formats: readonly Format[];
}

/**
 * Makes the disks. All but `gcp` hold the same disk; Google Cloud's has whole GiB, and its partition table says so.
 *
 * @throws AssembleError `disk/…`, `fat/…`
 */
export async function packDisks(
  session: Session,
  recipe: Recipe,
  input: DiskInput,
): Promise<ReadonlyMap<Format, Content>> {
  const disks = new Map<Format, Content>();
  const { seed, sourceDateEpoch } = recipe;
  const disk = input.formats.some((format) => format !== "gcp") ? await makeDisk(recipe, input) : undefined;
  for (const format of input.formats) {
    if (format === "raw") disks.set(format, disk!);
    else if (format === "qcow2") disks.set(format, writeQcow2(disk!));
    else if (format === "vhd") {
      const uniqueId = guidBytes(deriveUuid(seed, "vhd"));
      disks.set(format, writeFixedVhd(disk!, { uniqueId, timeSeconds: sourceDateEpoch }));
    } else {
      const whole = await makeDisk(recipe, input, GCP_DISK_UNIT);
      const tar = writeGcpTar(whole, { mtimeSeconds: sourceDateEpoch });
      disks.set(format, await compressed(session, tar, hasSecret(recipe)));
    }
  }
  return disks;
}

/**
 * Refuses a plan that cannot become a disk before the image is built: sizes that only the UKI decides are found out later.
 *
 * @throws AssembleError `disk/…`
 */
export function checkDisk(recipe: Recipe): void {
  const some = (bytes = 1): PartitionSource => ({ bytes, fill: () => zeroContent(0) });
  const contents = new Map([["esp", some()]]);
  const { root } = recipe;
  if (root.format !== "initramfs" && root.location === "disk") contents.set("root", some(root.sizeBytes));
  if (usesVerity(root)) contents.set("root-verity", some());
  planDisk(recipe.disk, { seed: recipe.seed, contents, format: formatSource(recipe) });
}

/** The disk as firmware sees it: that of Google Cloud where it is the only one. */
export function guestDisk(recipe: Recipe, input: DiskInput): Promise<Content> {
  const gcpAlone = input.formats.every((format) => format === "gcp");
  return makeDisk(recipe, input, gcpAlone ? GCP_DISK_UNIT : undefined);
}

async function makeDisk(recipe: Recipe, { uki, partitions }: DiskInput, roundTo?: number): Promise<Content> {
  const { seed, disk, sourceDateEpoch } = recipe;
  const stated = disk.partitions.find(({ type }) => type === "esp")?.sizeBytes;
  const auto = disk.espSizeBytes === "auto" && stated === undefined;
  const esp = espSource(uki, { seed, mtimeSeconds: sourceDateEpoch, layout: disk.layout, auto });
  const contents = new Map([["esp", esp], ...partitions]);
  const plan = planDisk(disk, { seed, contents, format: formatSource(recipe), roundTo });
  const filled = plan.partitions.map(async (partition) =>
    partition.content === EXT4_TO_COME ? { ...partition, content: await emptyExt4(recipe, partition) } : partition,
  );
  return writeDisk({ ...plan, partitions: await Promise.all(filled) });
}

/** For data that stays: with a journal, and ids that follow from the partition's. */
function emptyExt4({ seed, sourceDateEpoch }: Recipe, { uuid, label, sectors }: PlannedPartition): Promise<Content> {
  return writeExt4(new Tree({ epoch: sourceDateEpoch }), {
    uuid: deriveUuid(seed, `ext4:uuid:${uuid}`),
    hashSeed: deriveUuid(seed, `ext4:hash-seed:${uuid}`),
    time: sourceDateEpoch,
    size: sectors * SECTOR,
    journal: true,
    ...(/^[!-~]{1,16}$/.test(label) ? { label } : {}),
  });
}

/** An empty file system for a partition that asks for one. */
function formatSource({ seed, sourceDateEpoch }: Recipe): (partition: RecipePartition) => PartitionSource | undefined {
  return ({ type, label, format, sizeBytes }) => {
    if (format === "ext4") return { bytes: EXT4_BYTES_MIN, fillsRest: true, fill: () => EXT4_TO_COME };
    if (format !== "vfat") return undefined;
    const name = label ?? type;
    const id = deriveBytes(seed, `partition:${name}:volume-id`, 4);
    const volumeLabel = name.toUpperCase();
    return {
      bytes: sizeBytes ?? FAT_BYTES_MIN,
      fillsRest: true,
      fill: (place) =>
        writeFat([], {
          volumeId: new DataView(id.buffer, id.byteOffset).getUint32(0),
          sizeBytes: place.sizeBytes,
          hiddenSectors: place.startLba,
          mtimeSeconds: sourceDateEpoch,
          ...(/^[A-Z0-9_-]{1,11}$/.test(volumeLabel) ? { label: volumeLabel } : {}),
        }),
    };
  };
}

/** The archive, compressed into the cache; what may hold a secret is compressed whenever it is read instead. */
async function compressed(session: Session, tar: Content, isSecret: boolean): Promise<Content> {
  const compress = (): AsyncIterable<Uint8Array> => compressGzipStream(tar.chunks(), GZIP_LEVEL);
  if (isSecret) {
    let size = 0;
    for await (const chunk of compress()) size += chunk.length;
    return { size, chunks: compress };
  }
  const key = cacheKey([String(GZIP_LEVEL), await hashContent(tar)]);
  return cachedStep(session.cache, { name: "gzip-stream", version: STEP_VERSION, key }, compress);
}
