/**
 * Opens a disk in whatever container it comes: raw, qcow2, VHD, Google Cloud's archive.
 */

import { gunzipSync, constants as zlib } from "node:zlib";
import type { Content, FileContent } from "../bytes/content.js";
import { sliceFile } from "../bytes/slice-file.js";
import { looksLikeFat } from "../filesystem/fat/read-fat.js";
import { DISK_NAME } from "./containers/gcp-layout.js";
import { readGcpArchive } from "./containers/read-gcp.js";
import { looksLikeQcow2, readQcow2 } from "./containers/read-qcow2.js";
import { looksLikeVhd, readVhd } from "./containers/read-vhd.js";
import { SECTOR } from "./gpt-layout.js";
import { looksLikeGpt, type NumberedPartition } from "./read-gpt.js";

/** What a disk comes in. */
export type DiskContainer = "raw" | "qcow2" | "vhd-fixed" | "vhd-dynamic" | "gcp";

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

/** A partition's bytes. */
export function partitionContent(disk: FileContent, { startLba, sectors }: NumberedPartition): FileContent {
  return sliceFile(disk, startLba * SECTOR, sectors * SECTOR);
}
