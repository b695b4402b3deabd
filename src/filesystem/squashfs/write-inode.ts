/**
 * Writes inodes that are no directories. The short form wherever it holds everything.
 */
import type { Layout } from "../../bytes/layout.js";
import type { MetadataWriter } from "./metadata-writer.js";
import type { PlannedInode } from "./plan-inodes.js";
import {
  DeviceInode,
  EXTENDED,
  ExtendedDeviceInode,
  ExtendedFileInode,
  ExtendedPipeInode,
  encodeDevice,
  FileInode,
  INODE_TYPE,
  InodeHeader,
  NONE,
  PipeInode,
  SymlinkInode,
} from "./structures.js";

/** Where the data of a file lies. */
export interface FileExtent {
  /** Of the first block. */
  readonly start: number;
  /** Sizes of the blocks, as stored. */
  readonly words: readonly number[];
  /** Bytes of blocks that are not stored. */
  readonly sparseBytes: number;
  readonly fragment: { readonly index: number; readonly offset: number } | undefined;
}

/** What an inode refers to. */
export interface InodeReferences {
  readonly uidIndex: number;
  readonly gidIndex: number;
  readonly xattrIndex: number;
  /** Of files. */
  readonly extent: FileExtent | undefined;
}

const U32_MAX = 0xffffffff;

/** What all inodes begin with. Times before 1970 become 0, those after 2106 the last that there is. */
export function writeInodeHeader(
  table: MetadataWriter,
  { node, number }: PlannedInode,
  options: { readonly type: number; readonly references: Pick<InodeReferences, "uidIndex" | "gidIndex"> },
): void {
  const { type, references } = options;
  table.put(InodeHeader, {
    type,
    mode: node.mode,
    uidIndex: references.uidIndex,
    gidIndex: references.gidIndex,
    mtimeSeconds: Math.min(U32_MAX, Math.max(0, Math.floor(node.mtime))),
    inodeNumber: number,
  });
}

/** Appends an inode. */
export function writeInode(table: MetadataWriter, inode: PlannedInode, references: InodeReferences): void {
  const { node, links } = inode;
  const { xattrIndex } = references;
  const extended = xattrIndex !== NONE;
  const type = INODE_TYPE[node.type] + (extended ? EXTENDED : 0);
  const put = <T>(layout: Layout<T>, value: T): void => {
    writeInodeHeader(table, inode, { type, references });
    table.put(layout, value);
  };
  switch (node.type) {
    case "directory":
      throw new TypeError("directories are written with their listing");
    case "file":
      writeFile(table, inode, { references, sizeBytes: node.content.size });
      return;
    case "symlink":
      put(SymlinkInode, { links, targetSize: node.target.length });
      table.putText(node.target);
      if (extended) table.putU32(xattrIndex);
      return;
    case "char":
    case "block": {
      const device = encodeDevice(node.major, node.minor);
      if (extended) put(ExtendedDeviceInode, { links, device, xattrIndex });
      else put(DeviceInode, { links, device });
      return;
    }
    case "fifo":
    case "socket":
      if (extended) put(ExtendedPipeInode, { links, xattrIndex });
      else put(PipeInode, { links });
  }
}

function writeFile(
  table: MetadataWriter,
  inode: PlannedInode,
  options: { readonly references: InodeReferences; readonly sizeBytes: number },
): void {
  const { references, sizeBytes } = options;
  const { xattrIndex } = references;
  const { links } = inode;
  const { start: blocksStart, sparseBytes, fragment, words } = references.extent!;
  const fragmentIndex = fragment?.index ?? NONE;
  const fragmentOffset = fragment?.offset ?? 0;
  const short =
    links === 1 && xattrIndex === NONE && sparseBytes === 0 && sizeBytes <= U32_MAX && blocksStart <= U32_MAX;
  writeInodeHeader(table, inode, { type: INODE_TYPE.file + (short ? 0 : EXTENDED), references });
  if (short) table.put(FileInode, { blocksStart, fragmentIndex, fragmentOffset, sizeBytes });
  else {
    const place = { blocksStart, fragmentIndex, fragmentOffset };
    table.put(ExtendedFileInode, { ...place, sizeBytes, sparseBytes, links, xattrIndex });
  }
  for (const word of words) table.putU32(word);
}
