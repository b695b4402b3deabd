/**
 * Where the fixed metadata of a file system lies: superblocks and group descriptors at the start of groups 0, 1 and the powers of 3, 5 and 7
 * (sparse_super), bitmaps and inode tables of 16 groups together in the first of them (flex_bg), as mke2fs places them.
 */

import { DESCRIPTOR_BYTES, INODE_BYTES } from "./superblock.js";

/** Blocks from `start` to before `end`. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

/** A group's own metadata: block numbers. */
export interface GroupPlace {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
}

/** A file system's shape. */
export interface Geometry {
  readonly blockSize: number;
  /** 1 where blocks are 1 KiB, since the first holds the boot sector; else 0. */
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly groups: number;
  readonly inodesPerGroup: number;
  readonly inodeTableBlocks: number;
  readonly descriptorBlocks: number;
  readonly reservedDescriptorBlocks: number;
  readonly places: readonly GroupPlace[];
  /** Everything above, in order, without overlaps. */
  readonly metadata: readonly BlockRange[];
}

/** What a shape is made from. */
export interface GeometryInput {
  readonly blockSize: number;
  readonly groups: number;
  readonly inodes: number;
  readonly reservedDescriptorBlocks: number;
}

export const LOG_GROUPS_PER_FLEX = 4;

/** Lays the metadata out. Undefined where so many inodes need more groups. */
export function planGeometry(input: GeometryInput): Geometry | undefined {
  const { blockSize, groups, reservedDescriptorBlocks } = input;
  const inodesPerBlock = blockSize / INODE_BYTES;
  const step = Math.max(8, inodesPerBlock);
  const inodesPerGroup = Math.ceil(input.inodes / groups / step) * step;
  if (inodesPerGroup > blockSize * 8) return undefined;
  const shape = {
    blockSize,
    firstDataBlock: blockSize === 1024 ? 1 : 0,
    blocksPerGroup: blockSize * 8,
    groups,
    inodesPerGroup,
    inodeTableBlocks: inodesPerGroup / inodesPerBlock,
    descriptorBlocks: Math.ceil((groups * DESCRIPTOR_BYTES) / blockSize),
    reservedDescriptorBlocks,
  };
  const copies: BlockRange[] = [];
  for (let group = 0; group < groups; group++) {
    if (!hasSuperblock(group)) continue;
    const start = groupStart(shape, group);
    copies.push({ start, end: start + superblockAreaBlocks(shape) });
  }
  const { places, ranges } = placeFlexGroups(shape, copies);
  const metadata = [...copies, ...ranges].sort((a, b) => a.start - b.start);
  return { ...shape, places, metadata };
}

/** Blocks of a superblock, the descriptors behind it, and what is kept for more of them. */
export function superblockAreaBlocks(shape: Pick<Geometry, "descriptorBlocks" | "reservedDescriptorBlocks">): number {
  return 1 + shape.descriptorBlocks + shape.reservedDescriptorBlocks;
}

/** Whether a group starts with a copy of the superblock. */
export function hasSuperblock(group: number): boolean {
  if (group <= 1) return true;
  for (const base of [3, 5, 7]) {
    let power = base;
    while (power < group) power *= base;
    if (power === group) return true;
  }
  return false;
}

/** The first block of a group. */
export function groupStart(shape: Pick<Geometry, "firstDataBlock" | "blocksPerGroup">, group: number): number {
  return shape.firstDataBlock + group * shape.blocksPerGroup;
}

function placeFlexGroups(
  shape: Omit<Geometry, "places" | "metadata">,
  copies: readonly BlockRange[],
): { readonly places: GroupPlace[]; readonly ranges: BlockRange[] } {
  const places: GroupPlace[] = [];
  const ranges: BlockRange[] = [];
  let cursor = 0;
  let nextCopy = 0;
  /** The first run of `blocks` behind what was placed that no superblock is in. */
  const take = (blocks: number): number => {
    for (; nextCopy < copies.length && copies[nextCopy]!.start < cursor + blocks; nextCopy++)
      cursor = Math.max(cursor, copies[nextCopy]!.end);
    const start = cursor;
    cursor += blocks;
    ranges.push({ start, end: cursor });
    return start;
  };
  const perFlex = 1 << LOG_GROUPS_PER_FLEX;
  for (let first = 0; first < shape.groups; first += perFlex) {
    const count = Math.min(perFlex, shape.groups - first);
    cursor = Math.max(cursor, groupStart(shape, first));
    const all = <T>(make: () => T): T[] => Array.from({ length: count }, make);
    const blockBitmaps = all(() => take(1));
    const inodeBitmaps = all(() => take(1));
    const tables = all(() => take(shape.inodeTableBlocks));
    for (let i = 0; i < count; i++)
      places.push({ blockBitmap: blockBitmaps[i]!, inodeBitmap: inodeBitmaps[i]!, inodeTable: tables[i]! });
  }
  return { places, ranges };
}
