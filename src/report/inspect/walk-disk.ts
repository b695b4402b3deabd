/**
 * Disks: what container they come in, their partitions, and the files of the file systems that are known.
 */

import { type Content, type FileContent, utf8ToByteString } from "../../bytes/content.js";
import { type FatVolume, looksLikeFat, readFat } from "../../filesystem/fat/read-fat.js";
import { DISK_NAME } from "../../gpt/containers/gcp-layout.js";
import { type DiskContainer, openDisk, partitionContent } from "../../gpt/open-disk.js";
import { looksLikeGpt, readGpt } from "../../gpt/read-gpt.js";
import type { ArtifactEntry } from "./artifact-entry.js";

/** Where the partitions of a disk appear in a listing; their files are below their numbers. */
export const PARTITION_PREFIX = "partitions/";

/** The file system of a disk or partition; undefined for one that is not known. */
export function openFileSystem(source: FileContent): FatVolume | undefined {
  return looksLikeFat(source) ? readFat(source) : undefined;
}

/** The partitions as files under `partitions/`, their files under `<number>/`; a disk without partitions: its files. */
export async function* walkDisk(content: FileContent, container: DiskContainer): AsyncGenerator<ArtifactEntry> {
  const { disk, random } = await openDisk(content, container);
  if (random === undefined) {
    yield fileEntry(DISK_NAME, disk);
    return;
  }
  if (!looksLikeGpt(random)) {
    yield* walkFileSystem(random, "");
    return;
  }
  const { partitions } = readGpt(random);
  for (const partition of partitions)
    yield fileEntry(`${PARTITION_PREFIX}${partition.number}`, partitionContent(random, partition));
  for (const partition of partitions)
    yield* walkFileSystem(partitionContent(random, partition), `${partition.number}/`);
}

/** The files of a file system that is known. */
export function* walkFileSystem(source: FileContent, prefix: string): Generator<ArtifactEntry> {
  for (const { path, type, mtimeSeconds, content } of openFileSystem(source)?.files() ?? []) {
    const common = { path: prefix + utf8ToByteString(path), uid: 0, gid: 0, mtimeSeconds, size: content.size };
    yield { ...common, type, mode: type === "directory" ? 0o755 : 0o644, chunks: () => content.chunks() };
  }
}

function fileEntry(path: string, content: Content): ArtifactEntry {
  const { size } = content;
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0, size, chunks: () => content.chunks() };
}
