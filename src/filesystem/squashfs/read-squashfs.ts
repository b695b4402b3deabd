/**
 * Reads a squashfs 4.0 image (kernel: Documentation/filesystems/squashfs.rst): gzip, xz, lz4 and zstd, whatever wrote it.
 *
 * The image is not trusted: every place, size and count is checked before memory is taken, and a directory is entered once. Memory holds
 * a few unpacked blocks, and one bit of knowledge for each directory and hard-linked file. Checked by: mksquashfs, and images with flipped bits.
 */
import { type FileContent, toByteString } from "../../bytes/content.js";
import { decodeStructure, invalid, unsupported } from "./errors.js";
import { type DirectoryInodeData, type InodeData, readInode } from "./read-inode.js";
import { MetadataReader } from "./read-metadata.js";
import { exactly, SquashfsTables } from "./read-tables.js";
import { SquashfsFile } from "./squashfs-file.js";
import {
  BLOCK_SIZE_MAX,
  BLOCK_SIZE_MIN,
  DirectoryEntry,
  DirectoryHeader,
  InodeHeader,
  MAGIC,
  METADATA_BYTES,
  Superblock,
} from "./structures.js";
import { startUnpacking } from "./unpack-block.js";

/** A file of an image. */
export interface SquashfsEntry {
  /** Byte string without a leading slash; empty for the root. */
  readonly path: string;
  readonly type: InodeData["type"];
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** Names of one file have one number. */
  readonly inode: number;
  readonly links: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Of files; readable as long as the image is. */
  readonly content?: FileContent;
  /** Of symbolic links: a byte string. */
  readonly target?: string;
  /** Of devices: major and minor number. */
  readonly device?: readonly [number, number];
}

/** An image that was opened. */
export interface SquashfsImage {
  readonly superblock: Superblock;
  /** The root, then everything below it, parents first, in the image's order. @throws AssembleError `filesystem/squashfs-invalid` */
  entries(): Generator<SquashfsEntry, void, void>;
}

/** Deeper than any path that Linux takes. */
const DEPTH_MAX = 2048;
const HEADER_ENTRIES_MAX = 256;
/** Stored bytes of a metadata block at least: its header and one byte. */
const METADATA_SMALLEST = 3;

/** Whether bytes begin like an image. */
export function isSquashfs(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1").startsWith("hsqs");
}

/**
 * Opens an image.
 *
 * @throws AssembleError `filesystem/squashfs-invalid`, `filesystem/squashfs-unsupported`
 */
export function openSquashfs(image: FileContent): SquashfsImage {
  const superblock = readSuperblock(image);
  const unpack = startUnpacking(superblock.compressor);
  const metadata = new MetadataReader(image, unpack);
  const tables = new SquashfsTables(image, superblock, metadata);
  const blocks = { image, blockSize: superblock.blockSize, tables, unpack, kept: new Map<number, Uint8Array>() };

  const inodeAt = (block: number, offset: number): InodeData =>
    readInode(metadata.at(superblock.inodeTableStart + block, offset));
  const entryOf = (path: string, inode: InodeData): SquashfsEntry => ({
    path,
    type: inode.type,
    mode: inode.mode,
    uid: tables.id(inode.uidIndex),
    gid: tables.id(inode.gidIndex),
    mtimeSeconds: inode.mtimeSeconds,
    inode: inode.number,
    links: inode.links,
    xattrs: tables.xattrs(inode.xattrIndex),
    ...(inode.type === "file" && { content: new SquashfsFile(inode, blocks) }),
    ...(inode.type === "symlink" && { target: inode.target }),
    ...("device" in inode && inode.device !== undefined && { device: inode.device }),
  });
  return {
    superblock,
    *entries() {
      const root = inodeAt(Math.floor(superblock.rootInode / 65536), superblock.rootInode % 65536);
      if (root.type !== "directory") throw invalid(`its root is a ${root.type}`);
      yield entryOf("", root);
      const entered = new Set([root.number]);
      const budget = { bytes: (superblock.bytesUsed / METADATA_SMALLEST) * METADATA_BYTES };
      const enter = (path: string, directory: DirectoryInodeData) => {
        // Listings do not overlap, so together they are no longer than what the metadata can unpack to.
        budget.bytes -= directory.listingSize;
        if (budget.bytes < 0) throw invalid("its directories have more entries than there is room for");
        return { path, listing: listingOf(metadata, superblock, directory) };
      };
      const open = [enter("", root)];
      while (open.length > 0) {
        const { path, listing } = open.at(-1)!;
        const { value: listed } = listing.next();
        if (listed === undefined) {
          open.pop();
          continue;
        }
        const inode = inodeAt(listed.block, listed.offset);
        const below = path === "" ? listed.name : `${path}/${listed.name}`;
        yield entryOf(below, inode);
        if (inode.type !== "directory") continue;
        if (entered.has(inode.number)) throw invalid(`the directory ${inode.number} is there twice`);
        if (open.length >= DEPTH_MAX) throw invalid(`directories are nested ${open.length} deep`);
        entered.add(inode.number);
        open.push(enter(below, inode));
      }
    },
  };
}

function readSuperblock(image: FileContent): Superblock {
  const superblock = decodeStructure(Superblock, exactly(image, 0, Superblock.size));
  const { magic, blockSize, versionMajor, versionMinor, inodeCount, bytesUsed } = superblock;
  if (magic !== MAGIC) throw invalid("it has no squashfs signature");
  if (versionMajor !== 4 || versionMinor !== 0) throw unsupported(`it is of version ${versionMajor}.${versionMinor}`);
  if (blockSize < BLOCK_SIZE_MIN || blockSize > BLOCK_SIZE_MAX || blockSize !== 2 ** superblock.blockLog)
    throw invalid(`its block size is ${blockSize}`);
  if (bytesUsed > image.size) throw invalid(`it has ${image.size} bytes of ${bytesUsed}`);
  const { inodeTableStart, directoryTableStart } = superblock;
  const blocks = (directoryTableStart - inodeTableStart) / METADATA_SMALLEST;
  const room = blocks * (METADATA_BYTES / InodeHeader.size);
  if (inodeCount === 0 || inodeCount > room) throw invalid(`it states ${inodeCount} inodes`);
  return superblock;
}

interface ListedName {
  readonly name: string;
  /** Of its inode. */
  readonly block: number;
  readonly offset: number;
}

function* listingOf(
  metadata: MetadataReader,
  superblock: Superblock,
  directory: DirectoryInodeData,
): Generator<ListedName, void, void> {
  const { listingBlock, listingOffset, listingSize } = directory;
  const cursor = metadata.at(superblock.directoryTableStart + listingBlock, listingOffset);
  let previous = "";
  for (let left = listingSize; left > 0; ) {
    const { countLessOne, inodeBlock } = cursor.decode(DirectoryHeader);
    left -= DirectoryHeader.size;
    if (countLessOne >= HEADER_ENTRIES_MAX) throw invalid(`a directory has a run of ${countLessOne + 1} entries`);
    for (let i = 0; i <= countLessOne; i++) {
      const { inodeOffset, nameSizeLessOne } = cursor.decode(DirectoryEntry);
      if (nameSizeLessOne >= 256) throw invalid(`a name has ${nameSizeLessOne + 1} bytes`);
      const name = toByteString(cursor.take(nameSizeLessOne + 1));
      left -= DirectoryEntry.size + name.length;
      if (left < 0) throw invalid("a directory goes on behind its end");
      if (name === "." || name === ".." || /[/\0]/.test(name)) throw invalid(`a name is ${JSON.stringify(name)}`);
      // In byte order, as the kernel wants them: so no name is there twice either.
      if (name <= previous) throw invalid(`the name ${JSON.stringify(name)} is out of order`);
      previous = name;
      yield { name, block: inodeBlock, offset: inodeOffset };
    }
  }
}
