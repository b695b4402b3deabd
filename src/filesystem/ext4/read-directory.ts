/**
 * Reads a directory's names, whether it has an index or not: the nodes of an index look like empty blocks to who reads in order.
 */

import { toByteString } from "../../bytes/content.js";
import { crc32c } from "../../bytes/crc32c.js";
import { indexNodeChecksum } from "./checksums.js";
import type { DirectoryEntry } from "./directory.js";
import { corrupt } from "./volume.js";

const TAIL_BYTES = 12;
const HEADER_BYTES = 8;
const ROOT_COUNT_OFFSET = 32;
const NODE_COUNT_OFFSET = 8;

/** What is known of a directory. */
export interface DirectoryBlock {
  readonly ino: number;
  /** Index of the block in it. */
  readonly index: number;
  readonly indexed: boolean;
  readonly seed: number | undefined;
}

/** The entries of one block in their order, with `.` and `..`. @throws AssembleError `ext4/corrupt` */
export function readDirectoryBlock(block: Uint8Array, directory: DirectoryBlock): DirectoryEntry[] {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const damaged = () => corrupt(`block ${directory.index} of directory ${directory.ino} is damaged`);
  const end = checkBlock(block, view, directory) ? block.length - TAIL_BYTES : block.length;
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < end; ) {
    if (at + HEADER_BYTES > end) throw damaged();
    const ino = view.getUint32(at, true);
    const stored = view.getUint16(at + 4, true);
    // 65,536 does not fit into the field.
    const size = block.length === 65536 && (stored === 65535 || stored === 0) ? 65536 : stored;
    const nameLength = view.getUint8(at + 6);
    // The two entries of an index's root reach over the index, which has its own tail.
    const limit = directory.indexed && (directory.index === 0 || ino === 0) ? block.length : end;
    if (size < HEADER_BYTES + nameLength || size % 4 !== 0 || at + size > limit) throw damaged();
    if (ino !== 0) {
      const name = toByteString(block.subarray(at + HEADER_BYTES, at + HEADER_BYTES + nameLength));
      if (name === "" || name.includes("/") || name.includes("\0")) throw damaged();
      entries.push({ name, ino, type: view.getUint8(at + 7) });
    }
    at += size;
  }
  return entries;
}

/** Checks the block's checksum; whether it ends with a tail that is no entry. */
function checkBlock(block: Uint8Array, view: DataView, directory: DirectoryBlock): boolean {
  const { seed, ino, index, indexed } = directory;
  if (seed === undefined) return false;
  const wrong = () => corrupt(`the checksum of block ${index} of directory ${ino} is wrong`);
  const isRoot = indexed && index === 0;
  const isNode = indexed && view.getUint32(0, true) === 0 && view.getUint16(4, true) === block.length % 65536;
  if (!isRoot && !isNode) {
    const tail = block.length - TAIL_BYTES;
    if (view.getUint32(tail + 8, true) !== crc32c(block.subarray(0, tail), seed)) throw wrong();
    return true;
  }
  const countOffset = isRoot ? ROOT_COUNT_OFFSET : NODE_COUNT_OFFSET;
  const limit = view.getUint16(countOffset, true);
  const count = view.getUint16(countOffset + 2, true);
  const tail = countOffset + limit * 8;
  if (count > limit || tail + 8 > block.length) throw wrong();
  if (view.getUint32(tail + 4, true) !== indexNodeChecksum(block, { countOffset, seed })) throw wrong();
  return false;
}
