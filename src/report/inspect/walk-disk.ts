/**
 * Disks: what container they come in, their partitions, and the files of the file systems that are known.
 */

import { gunzipSync, constants as zlib } from "node:zlib";
import { type Content, type FileContent, utf8ToByteString } from "../../bytes/content.js";
import { type FatVolume, looksLikeFat, readFat } from "../../filesystem/fat/read-fat.js";
import { DISK_NAME } from "../../gpt/containers/gcp-layout.js";
import { readGcpArchive } from "../../gpt/containers/read-gcp.js";
import { looksLikeQcow2, readQcow2 } from "../../gpt/containers/read-qcow2.js";
import { looksLikeVhd, readVhd } from "../../gpt/containers/read-vhd.js";
import { SECTOR } from "../../gpt/gpt-layout.js";
import { looksLikeGpt, type NumberedPartition, readGpt } from "../../gpt/read-gpt.js";
import type { ArtifactEntry } from "./artifact-entry.js";
import { sliceFile } from "./slice-file.js";

/** What a disk comes in. */
export type DiskContainer = "raw" | "qcow2" | "vhd-fixed" | "vhd-dynamic" | "gcp";

/** Where the partitions of a disk appear in a listing; their files are below their numbers. */
export const PARTITION_PREFIX = "partitions/";

const GZIP_HEAD_BYTES = 1 << 14;

/** Whether an artifact is a disk, and in what; undefined for something else. */
export function diskContainerOf(content: FileContent): DiskContainer | undefined {
  if (looksLikeQcow2(content)) return "qcow2";
  if (isGcpArchive(content)) return "gcp";
  if (looksLikeVhd(content)) return readVhd(content).kind === "fixed" ? "vhd-fixed" : "vhd-dynamic";
  return looksLikeGpt(content) || looksLikeFat(content) ? "raw" : undefined;
}

/** An initramfs may be gzip too: the archive's first name tells. */
function isGcpArchive(content: FileContent): boolean {
  const head = content.read(0, Math.min(GZIP_HEAD_BYTES, content.size));
  if (head[0] !== 0x1f || head[1] !== 0x8b) return false;
  try {
    const options = { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: GZIP_HEAD_BYTES * 2048 };
    const name = gunzipSync(head, options).subarray(0, DISK_NAME.length + 1);
    return name.toString("latin1") === `${DISK_NAME}\0`;
  } catch {
    return false;
  }
}

/** The guest's disk in a container; Google Cloud's archive can only be read as a stream. */
export async function openDisk(
  content: FileContent,
  container: DiskContainer,
): Promise<{ readonly disk: Content; readonly random: FileContent | undefined }> {
  if (container === "gcp") return { disk: (await readGcpArchive(content)).disk, random: undefined };
  const disk = container === "raw" ? content : container === "qcow2" ? readQcow2(content).disk : readVhd(content).disk;
  return { disk, random: disk };
}

/** The file system of a disk or partition; undefined for one that is not known. */
export function openFileSystem(source: FileContent): FatVolume | undefined {
  return looksLikeFat(source) ? readFat(source) : undefined;
}

/** A partition's bytes. */
export function partitionContent(disk: FileContent, { startLba, sectors }: NumberedPartition): FileContent {
  return sliceFile(disk, startLba * SECTOR, sectors * SECTOR);
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
