/**
 * The bytes of inodes that are no directories. The short form wherever it holds everything.
 */
import { fromByteString } from "../../bytes/content.js";
import type { NodeAttributes } from "../../rootfs/tree/node.js";
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
export function encodeInodeHeader(
  node: NodeAttributes,
  options: Pick<InodeReferences, "uidIndex" | "gidIndex"> & { readonly type: number; readonly number: number },
): Uint8Array {
  return InodeHeader.encode({
    type: options.type,
    mode: node.mode,
    uidIndex: options.uidIndex,
    gidIndex: options.gidIndex,
    mtimeSeconds: Math.min(U32_MAX, Math.max(0, Math.floor(node.mtime))),
    inodeNumber: options.number,
  });
}

/** Encodes an inode. */
export function encodeInode(inode: PlannedInode, references: InodeReferences): Uint8Array {
  const { node, number, links } = inode;
  const { xattrIndex } = references;
  const extended = xattrIndex !== NONE;
  const whole = (type: number, ...parts: Uint8Array[]): Uint8Array =>
    Buffer.concat([encodeInodeHeader(node, { ...references, type, number }), ...parts]);
  const type = INODE_TYPE[node.type];
  switch (node.type) {
    case "directory":
      throw new TypeError("directories are encoded with their listing");
    case "file": {
      const body = encodeFile(inode, { xattrIndex, sizeBytes: node.content.size, extent: references.extent! });
      return whole(body.extended ? type + EXTENDED : type, body.bytes);
    }
    case "symlink": {
      const target = fromByteString(node.target);
      const body = SymlinkInode.encode({ links, targetSize: target.length });
      if (!extended) return whole(type, body, target);
      const index = Buffer.alloc(4);
      index.writeUInt32LE(xattrIndex, 0);
      return whole(type + EXTENDED, body, target, index);
    }
    case "char":
    case "block": {
      const device = encodeDevice(node.major, node.minor);
      if (!extended) return whole(type, DeviceInode.encode({ links, device }));
      return whole(type + EXTENDED, ExtendedDeviceInode.encode({ links, device, xattrIndex }));
    }
    case "fifo":
    case "socket":
      if (!extended) return whole(type, PipeInode.encode({ links }));
      return whole(type + EXTENDED, ExtendedPipeInode.encode({ links, xattrIndex }));
  }
}

function encodeFile(
  { links }: PlannedInode,
  options: { readonly xattrIndex: number; readonly sizeBytes: number; readonly extent: FileExtent },
): { readonly extended: boolean; readonly bytes: Uint8Array } {
  const { xattrIndex, sizeBytes, extent } = options;
  const words = Buffer.alloc(4 * extent.words.length);
  for (const [i, word] of extent.words.entries()) words.writeUInt32LE(word, 4 * i);
  const common = {
    blocksStart: extent.start,
    fragmentIndex: extent.fragment?.index ?? NONE,
    fragmentOffset: extent.fragment?.offset ?? 0,
    sizeBytes,
  };
  const short =
    links === 1 && xattrIndex === NONE && extent.sparseBytes === 0 && sizeBytes <= U32_MAX && extent.start <= U32_MAX;
  if (short) return { extended: false, bytes: Buffer.concat([FileInode.encode(common), words]) };
  const { sparseBytes } = extent;
  const body = ExtendedFileInode.encode({ ...common, sparseBytes, links, xattrIndex });
  return { extended: true, bytes: Buffer.concat([body, words]) };
}
