/**
 * Writes a tree as an ext4 file system (Linux, Documentation/filesystems/ext4/), without root and in one pass forward: everything gets its place
 * first, from names and sizes, then the bytes stream out. The same tree and options give the same bytes.
 *
 * Writes: extents, 64bit, metadata_csum (seed in the superblock), flex_bg, dir_index (two levels), huge_file, large_file, dir_nlink, extra_isize,
 * ext_attr, sparse_super; with a journal also orphan_file: what Debian's mke2fs makes but for resize_inode.
 * Omits: inline data, quotas, encryption, large_dir, bigalloc,
 * attributes over a block. Checked by: `e2fsck -fn`, `debugfs`, `dumpe2fs`.
 */

import type { Content } from "../../bytes/content.js";
import { extentsOf, sparseContent } from "../../bytes/sparse-content.js";
import { uuidBytes } from "../../bytes/uuid.js";
import { coalesce } from "../../codec/coalesce.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import { fileSystemRuns } from "./emit-file-system.js";
import { encodeJournal, journalBlocks } from "./journal.js";
import { planFileSystem } from "./plan-file-system.js";
import { planInodes } from "./plan-inodes.js";

/** How to write a file system. */
export interface Ext4Options {
  /** With dashes. */
  readonly uuid: string;
  /** A UUID that the hashes of names are made with. */
  readonly hashSeed: string;
  /** When the file system was made, in seconds: for the superblock and what the tree does not have. */
  readonly time: number;
  /** Bytes of the image; default: the smallest that holds the tree. */
  readonly size?: number | undefined;
  /** Up to 16 bytes of UTF-8. */
  readonly label?: string | undefined;
  /** 1024, 2048 or 4096 (the default) bytes. */
  readonly blockSize?: 1024 | 2048 | 4096 | undefined;
  /** Inodes at least; default: one for 16 KiB of `size`, else what the tree needs. */
  readonly inodes?: number | undefined;
  /** Whether to have a journal (default not): for what is mounted for writing. Needs 2,048 blocks at least. */
  readonly journal?: boolean | undefined;
}

const BYTES_PER_INODE = 16384;

/**
 * Plans an ext4 file system of a tree. Contents are read once now, for holes, and once more when the result is read.
 *
 * @throws AssembleError `ext4/too-small`, `ext4/unrepresentable`, `ext4/lost-found`, `ext4/options`
 * @example
 * ```ts
 * const image = await writeExt4(tree, { uuid, hashSeed, time: 0 });
 * ```
 */
export async function writeExt4(tree: Tree, options: Ext4Options): Promise<Content> {
  const { blockSize = 4096, size, time } = options;
  const uuid = uuidBytes(options.uuid);
  const seedBytes = uuidBytes(options.hashSeed);
  const label = new TextEncoder().encode(options.label ?? "");
  if (label.length > 16) throw wrongOption(`the label has ${label.length} bytes`, "16 at most");
  if (size !== undefined && !(Number.isSafeInteger(size) && size > 0))
    throw wrongOption(`the size is ${size}`, "a number of bytes");
  const journal = options.journal === true ? planJournal(blockSize, { size, uuid }) : undefined;
  const hashSeed = new Uint32Array(seedBytes.slice().buffer);
  const inodes = await planInodes(tree, { blockSize, hashSeed, time, journal });
  const inodesWanted = options.inodes ?? (size === undefined ? 0 : Math.floor(size / BYTES_PER_INODE));
  const plan = planFileSystem(inodes, { blockSize, size, inodesWanted });
  const identity = { uuid, label, time, seedBytes, hashSeed, journal: journal !== undefined };
  const bytes = size ?? plan.blocksCount * blockSize;
  // Anew for each reader: what is encoded is not kept.
  const sparse = (): Content =>
    sparseContent(
      bytes,
      fileSystemRuns(plan, identity).map((run) => ({
        offset: run.offset,
        content: { size: run.size, chunks: (passing) => coalesce(run.bytes(), passing) },
      })),
    );
  return {
    size: bytes,
    extents: () => extentsOf(sparse()),
    chunks: (passing) => coalesce(sparse().chunks(passing), passing),
  };
}

/** Without a size the smallest journal is taken. */
function planJournal(
  blockSize: number,
  { size, uuid }: { readonly size: number | undefined; readonly uuid: Uint8Array },
): { readonly superblock: Uint8Array; readonly blocks: number } {
  const blocks = size === undefined ? 1024 : journalBlocks(Math.floor(size / blockSize));
  if (blocks === undefined)
    throw wrongOption(`the size is ${size}`, `${2048 * blockSize} bytes at least for a journal`);
  return { superblock: encodeJournal(blocks, { blockSize, uuid }), blocks };
}

function wrongOption(is: string, wanted: string): AssembleError {
  return new AssembleError("ext4/options", `Cannot write the tree as ext4: ${is}, ${wanted} was wanted`);
}
