/**
 * What `inspect` says of a disk.
 */

import type { FileContent } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { SECTOR } from "../../gpt/gpt-layout.js";
import { type DiskContainer, openDisk, partitionContent } from "../../gpt/open-disk.js";
import { partitionTypeWord } from "../../gpt/partition-types.js";
import { looksLikeGpt, readGpt } from "../../gpt/read-gpt.js";
import type { DiskInspection, FileSystemSummary, InspectionBase } from "./inspection.js";
import { summarize } from "./summarize.js";
import { openFileSystem, walkFileSystem } from "./walk-disk.js";

/** Inspects a disk. A file system that is damaged is said to be; a damaged container or table is an error. */
export async function inspectDisk(
  content: FileContent,
  { base, container }: { readonly base: InspectionBase; readonly container: DiskContainer },
): Promise<DiskInspection> {
  const { disk, random } = await openDisk(content, container);
  const common = { kind: "disk", ...base, container, diskBytes: disk.size } as const;
  if (random === undefined) return common;
  if (!looksLikeGpt(random)) return { ...common, ...(await fileSystemOf(random)) };
  const { diskUuid, firstUsableLba, lastUsableLba, partitions, problems } = readGpt(random);
  const summaries = [];
  for (const partition of partitions) {
    const { number, typeUuid, uuid, label, startLba, sectors, attributes } = partition;
    summaries.push({
      ...{ number, type: partitionTypeWord(typeUuid) ?? typeUuid, uuid, label, startLba, bytes: sectors * SECTOR },
      attributes: `0x${attributes.toString(16)}`,
      ...(await fileSystemOf(partitionContent(random, partition))),
    });
  }
  return { ...common, gpt: { uuid: diskUuid, firstUsableLba, lastUsableLba, partitions: summaries, problems } };
}

async function fileSystemOf(source: FileContent): Promise<{ readonly fileSystem?: FileSystemSummary }> {
  try {
    const volume = openFileSystem(source);
    if (volume === undefined) return {};
    const { type, label, volumeId } = volume;
    const id = volumeId.toString(16).toUpperCase().padStart(8, "0");
    const tree = await summarize(walkFileSystem(source, ""));
    return {
      fileSystem: {
        format: `fat${type}`,
        id: `${id.slice(0, 4)}-${id.slice(4)}`,
        ...(label === undefined ? {} : { label }),
        tree,
      },
    };
  } catch (error) {
    if (!(error instanceof AssembleError)) throw error;
    return { fileSystem: { format: "damaged", problem: error.message } };
  }
}
