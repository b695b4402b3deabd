/**
 * Decodes inodes, and the tables that they point into.
 */
import { toByteString } from "../../bytes/content.js";
import { invalid } from "./errors.js";
import type { MetadataCursor } from "./read-metadata.js";
import {
  DeviceInode,
  DirectoryInode,
  decodeDevice,
  EXTENDED,
  ExtendedDirectoryInode,
  ExtendedFileInode,
  FileInode,
  INODE_TYPE,
  InodeHeader,
  NONE,
  PipeInode,
  SymlinkInode,
} from "./structures.js";

/** What all inodes have. */
interface CommonInode {
  readonly mode: number;
  readonly uidIndex: number;
  readonly gidIndex: number;
  readonly mtimeSeconds: number;
  readonly number: number;
  readonly links: number;
  /** `NONE` for no attributes. */
  readonly xattrIndex: number;
}

export interface DirectoryInodeData extends CommonInode {
  readonly type: "directory";
  readonly listingBlock: number;
  readonly listingOffset: number;
  /** Bytes of the listing itself. */
  readonly listingSize: number;
}

export interface FileInodeData extends CommonInode {
  readonly type: "file";
  readonly sizeBytes: number;
  readonly blocksStart: number;
  readonly fragmentIndex: number;
  readonly fragmentOffset: number;
  /** Where the sizes of its blocks begin. */
  readonly words: MetadataCursor;
}

export interface SymlinkInodeData extends CommonInode {
  readonly type: "symlink";
  readonly target: string;
}

export interface SpecialInodeData extends CommonInode {
  readonly type: "block" | "char" | "fifo" | "socket";
  /** Of devices: major and minor number. */
  readonly device: readonly [number, number] | undefined;
}

/** A decoded inode. */
export type InodeData = DirectoryInodeData | FileInodeData | SymlinkInodeData | SpecialInodeData;

/** PATH_MAX is 4096; squashfs-tools writes up to 64 KiB. */
const TARGET_BYTES_MAX = 65536;
const DOT_BYTES = 3;

/** Decodes the inode at a cursor. @throws AssembleError `filesystem/squashfs-invalid` */
export function readInode(cursor: MetadataCursor): InodeData {
  const { type, inodeNumber, ...header } = cursor.decode(InodeHeader);
  const extended = type > EXTENDED;
  const plain = extended ? type - EXTENDED : type;
  const attributes = { ...header, mode: header.mode & 0o7777, number: inodeNumber };
  const xattrIndexHere = (): number => (extended ? cursor.u32() : NONE);
  if (plain === INODE_TYPE.directory) {
    const { links, listingBlock, listingOffset, listingSize, ...rest } = extended
      ? cursor.decode(ExtendedDirectoryInode)
      : { ...cursor.decode(DirectoryInode), xattrIndex: NONE };
    const { xattrIndex } = rest;
    const size = Math.max(0, listingSize - DOT_BYTES);
    return { ...attributes, type: "directory", links, xattrIndex, listingBlock, listingOffset, listingSize: size };
  }
  if (plain === INODE_TYPE.file) {
    const body = extended
      ? cursor.decode(ExtendedFileInode)
      : { ...cursor.decode(FileInode), links: 1, xattrIndex: NONE };
    return { ...attributes, ...body, type: "file", words: cursor };
  }
  if (plain === INODE_TYPE.symlink) {
    const { links, targetSize } = cursor.decode(SymlinkInode);
    if (targetSize > TARGET_BYTES_MAX) throw invalid(`a symbolic link has a target of ${targetSize} bytes`);
    const target = toByteString(cursor.take(targetSize));
    return { ...attributes, type: "symlink", links, target, xattrIndex: xattrIndexHere() };
  }
  if (plain === INODE_TYPE.block || plain === INODE_TYPE.char) {
    const { links, device } = cursor.decode(DeviceInode);
    const name = plain === INODE_TYPE.block ? "block" : "char";
    return { ...attributes, type: name, links, device: decodeDevice(device), xattrIndex: xattrIndexHere() };
  }
  if (plain === INODE_TYPE.fifo || plain === INODE_TYPE.socket) {
    const { links } = cursor.decode(PipeInode);
    const name = plain === INODE_TYPE.fifo ? "fifo" : "socket";
    return { ...attributes, type: name, links, device: undefined, xattrIndex: xattrIndexHere() };
  }
  throw invalid(`an inode is of type ${type}`);
}
