/**
 * Where the data of every inode lies: behind the inode what is left of its last block, if there is room; whole blocks in the data area, those of
 * equal files once; compressed extents where the data was compressed.
 */
import { type Content, contentOfByteString } from "../../bytes/content.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import { indexBytes } from "./cluster-index.js";
import type { ExtentTable } from "./extent-table.js";
import { inodeBytes, type PlannedInode } from "./plan-inodes.js";
import { alignUp, BLOCK_BYTES, DATA_LAYOUT } from "./structures.js";

/** The compressed form of a file, at a block of the data area. */
export interface CompressedFile {
  readonly extents: ExtentTable;
  /** From the start of all compressed data. */
  readonly block: number;
}

/** An inode with all that is known of its place but the place itself. */
export interface InodeData {
  readonly inode: PlannedInode;
  /** What lies behind its fields. */
  readonly xattrs: Uint8Array;
  readonly layout: number;
  /** Bytes of the data's end that lie behind the inode. */
  readonly tail: number;
  readonly compressed: CompressedFile | undefined;
  /** The first block of its whole blocks, from the start of the data area. */
  readonly block: number | undefined;
  /** All of it that must lie in one piece. */
  readonly bytes: number;
}

/** Blocks of the data area. */
export interface DataRun {
  /** Absent for a directory, which is encoded last. */
  readonly content: Content | undefined;
  readonly inode: PlannedInode;
  readonly blocks: number;
}

/** Plans the data of all inodes; `compressedBlocks` lie before what is planned here. */
export function planData(
  inodes: Iterable<PlannedInode>,
  options: {
    readonly xattrsOf: (inode: PlannedInode) => Uint8Array;
    readonly compressedOf: (file: FileNode) => CompressedFile | undefined;
    readonly compressedBlocks: number;
    /** The layout of compressed files, which is the form of their index. */
    readonly compressedLayout: number;
  },
): { readonly data: InodeData[]; readonly runs: DataRun[]; readonly blocks: number } {
  const data: InodeData[] = [];
  const runs: DataRun[] = [];
  const known = new Map<string, number>();
  let end = options.compressedBlocks;
  for (const inode of inodes) {
    const { node, size } = inode;
    const xattrs = options.xattrsOf(inode);
    const head = inodeBytes(inode) + xattrs.length;
    const compressed = node.type === "file" ? options.compressedOf(node) : undefined;
    if (compressed !== undefined) {
      const layout = options.compressedLayout;
      const start = alignUp(head, 8);
      const bytes = start + indexBytes(layout, { size, start });
      data.push({ inode, xattrs, layout, tail: 0, compressed, block: undefined, bytes });
      continue;
    }
    const rest = size % BLOCK_BYTES;
    const tail = rest > 0 && head + rest <= BLOCK_BYTES ? rest : 0;
    const blocks = Math.ceil((size - tail) / BLOCK_BYTES);
    const layout = tail > 0 ? DATA_LAYOUT.inline : DATA_LAYOUT.plain;
    let block: number | undefined;
    if (blocks > 0) {
      const digest = node.type === "file" ? node.content.digest : undefined;
      const key = digest === undefined ? undefined : `${digest} ${blocks}`;
      block = key === undefined ? undefined : known.get(key);
      if (block === undefined) {
        block = end;
        end += blocks;
        runs.push({ content: contentOf(inode), inode, blocks });
        if (key !== undefined) known.set(key, block);
      }
    }
    data.push({ inode, xattrs, layout, tail, compressed: undefined, block, bytes: head + tail });
  }
  return { data, runs, blocks: end };
}

function contentOf({ node }: PlannedInode): Content | undefined {
  if (node.type === "file") return node.content;
  return node.type === "symlink" ? contentOfByteString(node.target) : undefined;
}
