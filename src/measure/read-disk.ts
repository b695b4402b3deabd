/**
 * What of a disk is measured: its partition table, and the programs of its EFI system partition.
 */

import { type Content, type FileContent, readContent } from "../bytes/content.js";
import { isFileContent } from "../bytes/slice-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { type FatFile, readFat } from "../filesystem/fat/read-fat.js";
import { ENTRIES, GptEntry, GptHeader, SECTOR } from "../gpt/gpt-layout.js";
import { diskContainerOf, openDisk, partitionContent } from "../gpt/open-disk.js";
import { partitionTypeUuid } from "../gpt/partition-types.js";
import { looksLikeGpt, type NumberedPartition, readGpt } from "../gpt/read-gpt.js";
import { certificateTable, findSection, readPe } from "../uki/pe/read-pe.js";
import { gatherContent } from "./gather-content.js";
import { BOOT_MANAGER_WITH_OPTIONS } from "./profile.js";
import { authenticode, bootManagerVersion } from "./read-uki.js";
import type { MeasuredDisk } from "./rtmr.js";

/** A disk as far as it is measured, with the UKI that it boots. */
export interface ReadDisk extends MeasuredDisk {
  readonly uki: Content;
  /** What the firmware starts before the kernel, in its order. */
  readonly programs: readonly Content[];
}

/** The GPT of real disks is in their first sectors. */
const HEAD_BYTES = (2 + (ENTRIES * GptEntry.size) / SECTOR) * SECTOR;
const LOADER_CONF_BYTES_MAX = 1 << 20;

/** Whether an artifact is a disk. */
export function isDisk(artifact: Content): boolean {
  if (isFileContent(artifact)) return diskContainerOf(artifact) !== undefined;
  // What the assembler has just made is streamed, and not in a container.
  return artifact.extents !== undefined;
}

/**
 * Reads a disk: raw, or in any container that can be opened.
 *
 * @throws AssembleError `measure/disk-unknown`, `gpt/damaged`, `fat/damaged`, and those of the containers
 */
export async function readDisk(artifact: Content): Promise<ReadDisk> {
  const { disk, head } = await open(artifact);
  if (!looksLikeGpt(head)) throw unknown("it has no GPT", "one");
  const table = readGpt(head);
  const esps = table.partitions.filter(({ typeUuid }) => typeUuid === partitionTypeUuid("esp"));
  if (esps.length !== 1) throw unknown(`it has ${esps.length} EFI system partitions`, "one");
  const files = [...readFat(await espOf(disk, esps[0]!)).files()];
  return { gpt: gptData(head, table.partitions.length), ...(await programsOf(files)) };
}

async function open(artifact: Content): Promise<{ readonly disk: Content; readonly head: FileContent }> {
  const container = isFileContent(artifact) ? diskContainerOf(artifact) : "raw";
  if (container === undefined) throw unknown("it is of no known format", "a disk");
  if (isFileContent(artifact)) {
    const { disk, random } = await openDisk(artifact, container);
    return { disk, head: random ?? (await headOf(disk)) };
  }
  return { disk: artifact, head: await headOf(artifact) };
}

/** The first sectors of a disk that can only be streamed; the rest reads as zeros, so that the first header is used. */
async function headOf(disk: Content): Promise<FileContent> {
  return gatherContent(disk, { offset: 0, length: Math.min(HEAD_BYTES, disk.size), size: disk.size });
}

async function espOf(disk: Content, partition: NumberedPartition): Promise<FileContent> {
  if (isFileContent(disk)) return partitionContent(disk, partition);
  const { startLba, sectors } = partition;
  const [offset, length] = [startLba * SECTOR, sectors * SECTOR];
  if (offset + length > disk.size) throw unknown("its EFI system partition leaves the disk", "one inside of it");
  return gatherContent(disk, { offset, length, size: length });
}

/** UEFI_GPT_DATA (TCG PFP §10.4.3): the header as it is, the number of entries as 64 bits, the entries that are used. */
function gptData(disk: FileContent, count: number): Uint8Array {
  const sector = disk.read(SECTOR, SECTOR);
  const header = GptHeader.decode(sector);
  const data = new Uint8Array(GptHeader.size + 8 + count * GptEntry.size);
  data.set(sector.subarray(0, GptHeader.size));
  new DataView(data.buffer).setBigUint64(GptHeader.size, BigInt(count), true);
  let at = GptHeader.size + 8;
  for (let i = 0; i < header.partitionEntries && at < data.length; i++) {
    const entry = disk.read(header.partitionEntryLba * SECTOR + i * GptEntry.size, GptEntry.size);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    data.set(entry, at);
    at += GptEntry.size;
  }
  return data;
}

async function programsOf(files: readonly FatFile[]): Promise<Omit<ReadDisk, "gpt">> {
  const find = (path: string) => files.find((file) => file.path.toUpperCase() === path.toUpperCase());
  const companion = files.find(
    ({ path, type }) =>
      type === "file" && /\.extra\.d\/|^loader\/(?:addons|credentials|extensions|entries|keys)\//i.test(path),
  );
  if (companion !== undefined) throw unknown(`its ESP has ${companion.path}`, "no companion files or boot entries");
  const first = find("EFI/BOOT/BOOTX64.EFI");
  if (first === undefined) throw unknown("its ESP has no EFI/BOOT/BOOTX64.EFI", "one");
  const image = await readPe(first.content);
  if (findSection(image, ".linux") !== undefined) return { uki: first.content, programs: [first.content] };
  const version = await bootManagerVersion(first.content);
  if (version === undefined) throw unknown("its EFI/BOOT/BOOTX64.EFI is another program", "a UKI or systemd-boot");
  const ukis = files.filter(({ path, type }) => type === "file" && /^EFI\/Linux\/[^/]+\.efi$/i.test(path));
  if (ukis.length !== 1) throw unknown(`systemd-boot finds ${ukis.length} UKIs on its ESP`, "one");
  const loaderConf = version === BOOT_MANAGER_WITH_OPTIONS ? undefined : find("loader/loader.conf")?.content;
  if (loaderConf !== undefined && loaderConf.size > LOADER_CONF_BYTES_MAX)
    throw unknown(`its loader.conf has ${loaderConf.size} bytes`, `at most ${LOADER_CONF_BYTES_MAX}`);
  return {
    uki: ukis[0]!.content,
    programs: [first.content, ukis[0]!.content],
    bootManager: {
      version,
      signed: certificateTable(image) !== undefined,
      authenticode: await authenticode(first.content),
    },
    ...(loaderConf === undefined ? {} : { loaderConf: await readContent(loaderConf) }),
  };
}

function unknown(is: string, wanted: string): AssembleError {
  return new AssembleError("measure/disk-unknown", `Cannot measure the disk: ${is}, ${wanted} was wanted`);
}
