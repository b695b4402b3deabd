/** An inode's 256 bytes. */

import type { InodeBlocks } from "./allocate-blocks.js";
import { inodeChecksum, inodeSeed } from "./checksums.js";
import { encodeExtents } from "./extents.js";
import { EXTRA_ISIZE, Ext4Inode, encodeDevice, encodeTime, INODE_FLAGS } from "./inode.js";
import type { InodePlan } from "./plan-inodes.js";

/** Encodes an inode with its checksum. */
export function encodeInode(
  inode: InodePlan,
  { blocks, blockSize, seed }: { readonly blocks: InodeBlocks; readonly blockSize: number; readonly seed: number },
): Uint8Array {
  const { ino, body, size } = inode;
  const own = inodeSeed(ino, 0, seed);
  const data = blocks.extents.reduce((sum, { length }) => sum + length, 0);
  const sectors = (data + blocks.tree.length + (blocks.xattrs === 0 ? 0 : 1)) * (blockSize / 512);
  const time = encodeTime(inode.time)!;
  const hasExtents =
    body.kind === "file" || body.kind === "bytes" || body.kind === "directory" || body.kind === "orphans";
  const isIndexed = body.kind === "directory" && body.plan.indexed;
  let block: Uint8Array;
  if (hasExtents) block = encodeExtents(blocks.extents, { blockSize, seed: own, blockNumbers: blocks.tree }).root;
  else if (body.kind === "device") block = encodeDevice(body.major, body.minor);
  else {
    block = new Uint8Array(60);
    if (body.kind === "inline") block.set(body.target);
  }
  const bytes = Ext4Inode.encode({
    mode: inode.mode,
    uidLo: inode.uid % 65536,
    sizeLo: size % 2 ** 32,
    atime: time.seconds,
    ctime: time.seconds,
    mtime: time.seconds,
    dtime: 0,
    gidLo: inode.gid % 65536,
    linksCount: inode.links,
    blocksLo: sectors % 2 ** 32,
    flags: (hasExtents ? INODE_FLAGS.extents : 0) | (isIndexed ? INODE_FLAGS.index : 0),
    versionLo: 0,
    block,
    generation: 0,
    fileAclLo: blocks.xattrs % 2 ** 32,
    sizeHi: Math.floor(size / 2 ** 32),
    obsoleteFaddr: 0,
    blocksHi: Math.floor(sectors / 2 ** 32),
    fileAclHi: Math.floor(blocks.xattrs / 2 ** 32),
    uidHi: Math.floor(inode.uid / 65536),
    gidHi: Math.floor(inode.gid / 65536),
    checksumLo: 0,
    reserved: 0,
    extraIsize: EXTRA_ISIZE,
    checksumHi: 0,
    ctimeExtra: time.extra,
    mtimeExtra: time.extra,
    atimeExtra: time.extra,
    crtime: time.seconds,
    crtimeExtra: time.extra,
    versionHi: 0,
    projectId: 0,
    xattrs: inode.xattrs?.inline ?? new Uint8Array(96),
  });
  const sum = inodeChecksum(bytes, own);
  const view = new DataView(bytes.buffer);
  view.setUint16(Ext4Inode.offsetOf("checksumLo"), sum & 0xffff, true);
  view.setUint16(Ext4Inode.offsetOf("checksumHi"), sum >>> 16, true);
  return bytes;
}
