/**
 * Chooses a file system's size and gives everything its place: the smallest that holds the tree, or the size that was asked for.
 */

import { AssembleError } from "../../errors/assemble-error.js";
import { type Allocation, allocateBlocks } from "./allocate-blocks.js";
import { type Geometry, groupStart, hasSuperblock, planGeometry, superblockAreaBlocks } from "./geometry.js";
import type { InodesPlan } from "./plan-inodes.js";

/** A file system with everything in its place. */
export interface FileSystemPlan {
  readonly geometry: Geometry;
  readonly allocation: Allocation;
  readonly inodes: InodesPlan;
  readonly blocksCount: number;
}

/** What is wanted. */
export interface FileSystemInput {
  readonly blockSize: number;
  /** Bytes; else the smallest. */
  readonly size: number | undefined;
  /** Inodes at least. */
  readonly inodesWanted: number;
}

/** Plans a file system. @throws AssembleError `ext4/too-small` */
export function planFileSystem(inodes: InodesPlan, input: FileSystemInput): FileSystemPlan {
  const wanted = Math.max(inodes.lastInode, input.inodesWanted);
  if (input.size === undefined) return smallest(inodes, { ...input, inodes: wanted });
  const { blockSize, size } = input;
  const plan = ofSize(inodes, { blockSize, blocks: Math.floor(size / blockSize), inodes: wanted });
  if (plan !== undefined) return plan;
  const least = smallest(inodes, { blockSize, inodes: wanted }).blocksCount * blockSize;
  throw new AssembleError(
    "ext4/too-small",
    `Cannot write the tree as ext4: a file system of ${size} bytes does not hold it, ${least} at least were wanted`,
  );
}

function ofSize(
  inodes: InodesPlan,
  { blockSize, blocks, inodes: count }: { blockSize: number; blocks: number; inodes: number },
): FileSystemPlan | undefined {
  const first = blockSize === 1024 ? 1 : 0;
  for (let groups = Math.ceil((blocks - first) / (blockSize * 8)); groups > 0; groups--) {
    const geometry = planGeometry({ blockSize, groups, inodes: count, reservedDescriptorBlocks: 0 });
    if (geometry === undefined) return undefined;
    // A last group that is too short for its superblock is left out, and what is behind the file system is zeros.
    const blocksCount = Math.min(blocks, groupStart(geometry, groups));
    const last = groupStart(geometry, groups - 1);
    if (hasSuperblock(groups - 1) && last + superblockAreaBlocks(geometry) > blocksCount) continue;
    const allocation = allocateBlocks(inodes.inodes, geometry);
    return endOf(geometry, allocation) <= blocksCount ? { geometry, allocation, inodes, blocksCount } : undefined;
  }
  return undefined;
}

function smallest(inodes: InodesPlan, input: { blockSize: number; inodes: number }): FileSystemPlan {
  const { blockSize } = input;
  const data = inodes.inodes.reduce((sum, { runs }) => sum + runs.reduce((all, { count }) => all + count, 0), 0);
  for (let groups = Math.max(1, Math.ceil(data / (blockSize * 8))); ; groups++) {
    const geometry = planGeometry({ blockSize, groups, inodes: input.inodes, reservedDescriptorBlocks: 0 });
    if (geometry === undefined) continue;
    const allocation = allocateBlocks(inodes.inodes, geometry);
    const end = endOf(geometry, allocation);
    if (end > groupStart(geometry, groups)) continue;
    // Where the last group is not reached, there was room with fewer groups, but for their inodes.
    const blocksCount = Math.max(end, groupStart(geometry, groups - 1) + 1);
    return { geometry, allocation, inodes, blocksCount };
  }
}

function endOf(geometry: Geometry, allocation: Allocation): number {
  return Math.max(allocation.end, geometry.metadata.at(-1)!.end);
}
