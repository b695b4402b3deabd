/**
 * Directory blocks: one block of entries in order, or a tree ordered by the hash of names (feature dir_index; Linux,
 * Documentation/filesystems/ext4/directory.rst). Every block ends with a checksum.
 */

import { fromByteString } from "../../bytes/content.js";
import { crc32c } from "../../bytes/crc32c.js";
import { indexNodeChecksum } from "./checksums.js";
import { halfMd4, type NameHash } from "./half-md4.js";

/** A name in a directory. */
export interface DirectoryEntry {
  /** Byte string. */
  readonly name: string;
  readonly ino: number;
  /** As in the entry: see `ENTRY_TYPES`. */
  readonly type: number;
}

/** How an entry names the type of its inode. */
export const ENTRY_TYPES = { file: 1, directory: 2, char: 3, block: 4, fifo: 5, socket: 6, symlink: 7 } as const;

/** A directory's names in blocks; numbers of inodes are filled in when it is encoded. */
export interface DirectoryPlan {
  /** Bytes of the directory: whole blocks. */
  readonly blocks: number;
  /** Whether it has a hash tree. */
  readonly indexed: boolean;
  /** Names of each leaf, with the hash that it begins at in the index. */
  readonly leaves: readonly { readonly names: readonly string[]; readonly hash: number }[];
  /** Nodes between the root of the index and the leaves. */
  readonly innerNodes: number;
}

/** What directories of one file system share. */
export interface DirectoryForm {
  readonly blockSize: number;
  readonly hashSeed: Uint32Array;
}

/** Bytes at the end of a block of entries: an entry that is none, with the checksum. */
const TAIL_BYTES = 12;
const DOTS_BYTES = 24;
const ROOT_COUNT_OFFSET = 32;
const NODE_COUNT_OFFSET = 8;
const HALF_MD4 = 1;
/** An entry's type in the tail. */
const TAIL_TYPE = 0xde;

/** Bytes of an entry. */
export function entryBytes(nameLength: number): number {
  return (8 + nameLength + 3) & ~3;
}

/** Entries of the index's root, and of a node below it. */
export function indexLimits(blockSize: number): { readonly root: number; readonly node: number } {
  return { root: (blockSize - ROOT_COUNT_OFFSET - 8) / 8, node: (blockSize - NODE_COUNT_OFFSET - 8) / 8 };
}

/** Plans a directory. Undefined where it has more names than two levels of index reach. `names` are in byte order. */
export function planDirectory(names: readonly string[], form: DirectoryForm): DirectoryPlan | undefined {
  const capacity = form.blockSize - TAIL_BYTES;
  const bytes = names.reduce((sum, name) => sum + entryBytes(name.length), DOTS_BYTES);
  if (bytes <= capacity) return { blocks: 1, indexed: false, leaves: [{ names, hash: 0 }], innerNodes: 0 };
  const hashed = names.map((name) => ({ name, ...halfMd4(name, form.hashSeed) })).sort(compareHashes);
  const leaves: { names: string[]; hash: number }[] = [];
  let used = capacity;
  let last: NameHash | undefined;
  for (const { name, major, minor } of hashed) {
    if (used + entryBytes(name.length) > capacity) {
      leaves.push({ names: [], hash: last?.major === major ? major + 1 : major });
      used = 0;
    }
    leaves.at(-1)!.names.push(name);
    used += entryBytes(name.length);
    last = { major, minor };
  }
  const limits = indexLimits(form.blockSize);
  const innerNodes = leaves.length <= limits.root ? 0 : Math.ceil(leaves.length / limits.node);
  if (innerNodes > limits.root) return undefined;
  return { blocks: 1 + innerNodes + leaves.length, indexed: true, leaves, innerNodes };
}

function compareHashes(a: NameHash & { name: string }, b: NameHash & { name: string }): number {
  return a.major - b.major || a.minor - b.minor || (a.name < b.name ? -1 : 1);
}

/** What a directory is encoded with. */
export interface DirectoryInodes extends DirectoryForm {
  readonly ino: number;
  readonly parent: number;
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
  /** The seed of its inode's checksums. */
  readonly seed: number;
}

/** The directory's blocks, one after the other. */
export function encodeDirectory(plan: DirectoryPlan, directory: DirectoryInodes): Uint8Array {
  const { blockSize, seed } = directory;
  const bytes = new Uint8Array(plan.blocks * blockSize);
  const block = (index: number): Uint8Array => bytes.subarray(index * blockSize, (index + 1) * blockSize);
  const dots: DirectoryEntry[] = [
    { name: ".", ino: directory.ino, type: ENTRY_TYPES.directory },
    { name: "..", ino: directory.parent, type: ENTRY_TYPES.directory },
  ];
  const entriesOf = (names: readonly string[]) => names.map((name) => directory.entries.get(name)!);
  if (!plan.indexed) {
    fillLeaf(block(0), [...dots, ...entriesOf(plan.leaves[0]!.names)], seed);
    for (let i = 1; i < plan.blocks; i++) fillLeaf(block(i), [], seed);
    return bytes;
  }
  const firstLeaf = 1 + plan.innerNodes;
  plan.leaves.forEach(({ names }, i) => {
    fillLeaf(block(firstLeaf + i), entriesOf(names), seed);
  });
  const limits = indexLimits(blockSize);
  let above = plan.leaves.map(({ hash }, i) => ({ hash, block: firstLeaf + i }));
  if (plan.innerNodes > 0) {
    const below = above;
    above = Array.from({ length: plan.innerNodes }, (_, i) => {
      const part = below.slice(i * limits.node, (i + 1) * limits.node);
      const node = block(1 + i);
      // An entry that is none spans the node for who knows no index.
      new DataView(node.buffer, node.byteOffset).setUint16(4, blockSize === 65536 ? 0 : blockSize, true);
      fillIndex(node, part, { countOffset: NODE_COUNT_OFFSET, limit: limits.node, seed });
      return { hash: part[0]!.hash, block: 1 + i };
    });
  }
  const root = block(0);
  putEntry(root, 0, { ...dots[0]!, size: 12 });
  putEntry(root, 12, { ...dots[1]!, size: blockSize - 12 });
  root.set([HALF_MD4, 8, plan.innerNodes > 0 ? 1 : 0, 0], 28);
  fillIndex(root, above, { countOffset: ROOT_COUNT_OFFSET, limit: limits.root, seed });
  return bytes;
}

function fillLeaf(block: Uint8Array, entries: readonly DirectoryEntry[], seed: number): void {
  const tail = block.length - TAIL_BYTES;
  let offset = 0;
  entries.forEach((entry, i) => {
    const isLast = i === entries.length - 1;
    const size = isLast ? tail - offset : entryBytes(entry.name.length);
    putEntry(block, offset, { ...entry, size });
    offset += size;
  });
  if (entries.length === 0) putEntry(block, 0, { name: "", ino: 0, type: 0, size: tail });
  putEntry(block, tail, { name: "", ino: 0, type: TAIL_TYPE, size: TAIL_BYTES });
  new DataView(block.buffer, block.byteOffset).setUint32(tail + 8, crc32c(block.subarray(0, tail), seed), true);
}

function putEntry(block: Uint8Array, offset: number, entry: DirectoryEntry & { readonly size: number }): void {
  const view = new DataView(block.buffer, block.byteOffset + offset, 8);
  view.setUint32(0, entry.ino, true);
  view.setUint16(4, entry.size, true);
  view.setUint8(6, entry.name.length);
  view.setUint8(7, entry.type);
  block.set(fromByteString(entry.name), offset + 8);
}

/** Writes the entries of a node; limit and count stand where the first entry's hash would. */
function fillIndex(
  block: Uint8Array,
  entries: readonly { readonly hash: number; readonly block: number }[],
  node: { readonly countOffset: number; readonly limit: number; readonly seed: number },
): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  entries.forEach((entry, i) => {
    view.setUint32(node.countOffset + i * 8, entry.hash, true);
    view.setUint32(node.countOffset + i * 8 + 4, entry.block, true);
  });
  view.setUint16(node.countOffset, node.limit, true);
  view.setUint16(node.countOffset + 2, entries.length, true);
  view.setUint32(node.countOffset + node.limit * 8 + 4, indexNodeChecksum(block, node), true);
}
