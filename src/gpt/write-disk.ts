/**
 * A whole disk out of its plan: a sparse content with the partition tables at both ends and each partition's content at its
 * place. Nothing is copied: what reads the disk reads the contents.
 */

import { type Content, contentOfBytes, type Extent } from "../bytes/content.js";
import { sparseContent } from "../bytes/sparse-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { BACKUP_SECTORS, SECTOR } from "./gpt-layout.js";
import type { DiskPlan } from "./plan-disk.js";
import { writeGpt } from "./write-gpt.js";

export { type DiskPlan, type DiskPlanOptions, type PartitionSource, planDisk } from "./plan-disk.js";

/**
 * The disk as a raw image.
 *
 * @throws AssembleError `disk/partitions-overlap`: of a plan that {@link planDisk} has not made
 */
export function writeDisk(plan: DiskPlan): Content {
  checkPlaces(plan);
  const { head, tail } = writeGpt(plan);
  const extents: Extent[] = [{ offset: 0, content: contentOfBytes(head) }];
  for (const { startLba, sectors, content } of [...plan.partitions].sort((a, b) => a.startLba - b.startLba)) {
    if (content === undefined) continue;
    if (content.size > sectors * SECTOR)
      throw new RangeError(`${content.size} bytes do not fit a partition of ${sectors} sectors`);
    extents.push({ offset: startLba * SECTOR, content });
  }
  extents.push({ offset: plan.diskBytes - tail.length, content: contentOfBytes(tail) });
  return sparseContent(plan.diskBytes, extents);
}

/** Partitions lie behind each other, between the two tables. */
function checkPlaces({ partitions, firstUsableLba, diskBytes }: DiskPlan): void {
  let next = firstUsableLba;
  let before = "the partition table";
  for (const { label, startLba, sectors } of [...partitions].sort((a, b) => a.startLba - b.startLba)) {
    if (startLba < next || sectors < 1)
      throw overlap(`${label} begins at sector ${startLba}`, `${next}, behind ${before},`);
    next = startLba + sectors;
    before = label;
  }
  const end = diskBytes / SECTOR - BACKUP_SECTORS;
  if (next > end) throw overlap(`${before} ends at sector ${next}`, `${end} at most`);
}

function overlap(is: string, wanted: string): AssembleError {
  return new AssembleError(
    "disk/partitions-overlap",
    `Cannot write the disk: the partition ${is}, ${wanted} was wanted`,
  );
}
