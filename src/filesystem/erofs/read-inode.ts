/**
 * Reads an inode of an image: its fields, its attributes, and where its data lies.
 */
import type { FileContent } from "../../bytes/content.js";
import { type ModeType, modeTypeOf } from "../../bytes/mode-types.js";
import { corrupt, decodeStructure, unsupported } from "./errors.js";
import { BLOCK_BYTES, CompactInode, DATA_LAYOUT, ExtendedInode, SLOT_BYTES, type Superblock } from "./structures.js";
import { decodeXattrs, xattrBytesOf } from "./xattrs.js";

/** An image and what is known of it. */
export interface ErofsVolume {
  readonly image: FileContent;
  readonly superblock: Superblock;
}

/** An inode that was read. */
export interface ReadInode {
  readonly nid: number;
  readonly type: ModeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly size: number;
  readonly layout: number;
  readonly place: number;
  readonly xattrs: Map<string, Uint8Array>;
  /** Where in the image what follows the inode and its attributes begins. */
  readonly end: number;
}

/** Exactly these bytes. @throws AssembleError `filesystem/erofs-invalid` */
export function exactly({ image }: ErofsVolume, offset: number, length: number): Uint8Array {
  if (!Number.isSafeInteger(offset) || offset + length > image.size)
    throw corrupt(`${length} bytes are said to be at ${offset} of ${image.size}`);
  return image.read(offset, length);
}

/** Reads an inode. @throws AssembleError `filesystem/erofs-invalid`, `filesystem/erofs-unsupported` */
export function readInode(volume: ErofsVolume, nid: number): ReadInode {
  const { superblock } = volume;
  const offset = superblock.metadataBlock * BLOCK_BYTES + nid * SLOT_BYTES;
  const head = decodeStructure(CompactInode, exactly(volume, offset, CompactInode.size));
  const extended = (head.format & 1) === 1;
  const layout = (head.format >> 1) & 7;
  if (head.format > 0xf || layout > DATA_LAYOUT.chunks) throw corrupt(`inode ${nid} has the format ${head.format}`);
  const fields = extended ? decodeStructure(ExtendedInode, exactly(volume, offset, ExtendedInode.size)) : head;
  const time = "mtimeSeconds" in fields ? fields.mtimeSeconds : superblock.buildTime;
  const type = modeTypeOf(fields.mode);
  if (type === undefined) throw corrupt(`inode ${nid} has the mode 0${fields.mode.toString(8)}`);
  const mtime = Number(BigInt.asIntN(64, time));
  if (!Number.isSafeInteger(mtime)) throw corrupt(`inode ${nid} is of the time ${mtime}`);
  const xattrStart = offset + (extended ? ExtendedInode.size : CompactInode.size);
  const xattrBytes = xattrBytesOf(fields.xattrCount);
  const shared = (at: number, length: number): Uint8Array =>
    exactly(volume, superblock.xattrBlock * BLOCK_BYTES + at, length);
  if (layout === DATA_LAYOUT.chunks) throw unsupported(`inode ${nid} has its data in chunks`);
  return {
    nid,
    type,
    mode: fields.mode & 0o7777,
    uid: fields.uid,
    gid: fields.gid,
    mtime,
    size: fields.size,
    layout,
    place: fields.place,
    xattrs: decodeXattrs(exactly(volume, xattrStart, xattrBytes), shared),
    end: xattrStart + xattrBytes,
  };
}
