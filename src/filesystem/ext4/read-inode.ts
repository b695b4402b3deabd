/** Reads an inode with its extended attributes. */

import { inodeChecksum, inodeSeed, xattrBlockChecksum } from "./checksums.js";
import { Ext4Inode } from "./inode.js";
import { corrupt, readBlock, type Volume } from "./volume.js";
import { readXattrs, XATTR_MAGIC, XattrHeader } from "./xattrs.js";

/** An inode as it was read. */
export interface ReadInode {
  readonly ino: number;
  readonly fields: Ext4Inode;
  readonly size: number;
  /** What the checksums of its blocks start with. */
  readonly seed: number | undefined;
  readonly xattrs: Map<string, Uint8Array>;
}

const OLD_BYTES = 128;

/** Blocks of attributes that were read, and how many inodes may still refer to each. */
export type XattrBlocks = Map<number, { readonly xattrs: ReadonlyMap<string, Uint8Array>; left: number }>;

/** Reads inode `ino`. @throws AssembleError `ext4/corrupt` */
export function readInode(volume: Volume, ino: number, shared: XattrBlocks): ReadInode {
  const { superblock, inodeSize, inodeTables, blockSize, image } = volume;
  if (ino < 1 || ino > superblock.inodesCount) throw corrupt(`it refers to inode ${ino} of ${superblock.inodesCount}`);
  const group = Math.floor((ino - 1) / superblock.inodesPerGroup);
  const index = (ino - 1) % superblock.inodesPerGroup;
  const raw = image.read(inodeTables[group]! * blockSize + index * inodeSize, inodeSize);
  if (raw.length < inodeSize) throw corrupt(`it ends before inode ${ino}`);
  const bytes = new Uint8Array(Ext4Inode.size);
  bytes.set(raw.subarray(0, Ext4Inode.size));
  const fields = Ext4Inode.decode(bytes);
  const extra = inodeSize > OLD_BYTES ? fields.extraIsize : 0;
  if (extra % 4 !== 0 || OLD_BYTES + extra > inodeSize)
    throw corrupt(`inode ${ino} has ${extra} bytes of extra fields`);
  const seed = volume.seed === undefined ? undefined : inodeSeed(ino, fields.generation, volume.seed);
  if (seed !== undefined) {
    const hasHigh = extra >= EXTRA_WITH_CHECKSUM;
    const sum = inodeChecksum(raw, seed, hasHigh);
    if (fields.checksumLo !== (sum & 0xffff) || (hasHigh && fields.checksumHi !== sum >>> 16))
      throw corrupt(`the checksum of inode ${ino} is wrong`);
  }
  const xattrs = new Map<string, Uint8Array>();
  const area = raw.subarray(OLD_BYTES + extra);
  if (extra > 0 && area.length >= 8 && viewOf(area).getUint32(0, true) === XATTR_MAGIC) {
    const wrong = readXattrs(area, { start: 4, base: 4, into: xattrs });
    if (wrong !== undefined) throw corrupt(`inode ${ino}: ${wrong}`);
  }
  const acl = fields.fileAclLo + fields.fileAclHi * 2 ** 32;
  if (acl !== 0) for (const [name, value] of xattrBlock(volume, acl, shared)) xattrs.set(name, value);
  const size = fields.sizeLo + fields.sizeHi * 2 ** 32;
  // Fields that the inode is too short for are not its own.
  const own = extra >= EXTRA_WITH_TIMES ? fields : { ...fields, mtimeExtra: 0 };
  return { ino, fields: own, size, seed, xattrs };
}

const EXTRA_WITH_CHECKSUM = 4;
const EXTRA_WITH_TIMES = 12;
/** The kernel does not share a block further (fs/ext4/xattr.h, EXT4_XATTR_REFCOUNT_MAX). */
const REFCOUNT_MAX = 1024;

function xattrBlock(volume: Volume, number: number, shared: XattrBlocks): ReadonlyMap<string, Uint8Array> {
  let known = shared.get(number);
  if (known === undefined) {
    const block = readBlock(volume, number);
    const { magic, refcount, blocks, checksum } = XattrHeader.decode(block);
    if (magic !== XATTR_MAGIC || blocks !== 1) throw corrupt(`block ${number} has no attributes`);
    if (volume.seed !== undefined && checksum !== xattrBlockChecksum(block, number, volume.seed))
      throw corrupt(`the checksum of the attributes in block ${number} is wrong`);
    const xattrs = new Map<string, Uint8Array>();
    const wrong = readXattrs(block, { start: XattrHeader.size, base: 0, into: xattrs });
    if (wrong !== undefined) throw corrupt(`block ${number}: ${wrong}`);
    known = { xattrs, left: Math.min(refcount, REFCOUNT_MAX) };
    shared.set(number, known);
  }
  if (known.left-- <= 0) throw corrupt(`the attributes in block ${number} have more users than they say`);
  return known.xattrs;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
