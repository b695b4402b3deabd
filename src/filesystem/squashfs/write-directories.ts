/**
 * The inode table and the directory table: below every directory first, then its other entries, its listing, and itself, so that
 * whatever refers to something comes after it.
 */
import { fromByteString } from "../../bytes/content.js";
import type { DirectoryNode, Node } from "../../rootfs/tree/node.js";
import type { CompressBlock } from "./compression.js";
import type { IdTable } from "./id-table.js";
import { type MetadataPlace, MetadataWriter, referenceTo } from "./metadata-writer.js";
import type { InodePlan, PlannedInode } from "./plan-inodes.js";
import {
  DirectoryEntry,
  DirectoryHeader,
  DirectoryIndex,
  DirectoryInode,
  EXTENDED,
  ExtendedDirectoryInode,
  INODE_TYPE,
  METADATA_BYTES,
  NONE,
} from "./structures.js";
import { type FileExtent, type InodeReferences, writeInode, writeInodeHeader } from "./write-inode.js";
import type { XattrTable } from "./xattr-table.js";

/** What the inodes refer to. */
export interface DirectoryOptions {
  readonly compress: CompressBlock;
  readonly ids: IdTable;
  readonly xattrs: XattrTable;
  readonly extentOf: (inode: PlannedInode) => FileExtent | undefined;
}

/** The tables. */
export interface DirectoryTables {
  readonly inodeTable: Uint8Array;
  readonly directoryTable: Uint8Array;
  /** References to the inodes, by number − 1. */
  readonly references: readonly number[];
}

/** Entries of one header at most. */
const HEADER_ENTRIES_MAX = 256;
/** `.` and `..`, which are not stored, count as three bytes. */
const DOT_BYTES = 3;
const SHORT_LISTING_MAX = 0xffff;

/** Writes both tables. @throws AssembleError `filesystem/squashfs-unrepresentable` */
export function writeDirectories(plan: InodePlan, root: Node, options: DirectoryOptions): DirectoryTables {
  const inodes = new MetadataWriter(options.compress);
  const listings = new MetadataWriter(options.compress);
  const places = new Map<Node, MetadataPlace>();
  const referencesOf = (inode: PlannedInode, extent?: FileExtent): InodeReferences => ({
    uidIndex: options.ids.indexOf(inode.node.uid),
    gidIndex: options.ids.indexOf(inode.node.gid),
    xattrIndex: options.xattrs.indexOf(inode),
    extent,
  });
  const visit = (inode: PlannedInode): void => {
    const directory = inode.node as DirectoryNode;
    const entries = plan.entriesOf.get(directory)!;
    let links = 2;
    for (const { inode: child } of entries) {
      if (child.node.type !== "directory") continue;
      links++;
      visit(child);
    }
    for (const { inode: child } of entries) {
      if (places.has(child.node)) continue;
      places.set(child.node, inodes.place);
      writeInode(inodes, child, referencesOf(child, options.extentOf(child)));
    }
    const listing = writeListing(
      listings,
      entries.map(({ name, inode: child }) => ({ name, inode: child, place: places.get(child.node)! })),
    );
    places.set(directory, inodes.place);
    writeDirectoryInode(inodes, inode, { references: referencesOf(inode), listing, links });
  };
  visit(plan.inodes.get(root)!);
  const references = new Array<number>(plan.inodes.size);
  for (const [node, { number }] of plan.inodes) references[number - 1] = referenceTo(places.get(node)!);
  return { inodeTable: inodes.finish(), directoryTable: listings.finish(), references };
}

interface ListedEntry {
  readonly name: string;
  readonly inode: PlannedInode;
  readonly place: MetadataPlace;
}

interface Listing {
  readonly place: MetadataPlace;
  readonly size: number;
  /** Where to begin for names in a long listing. */
  readonly indexes: readonly Uint8Array[];
}

/** Entries whose inodes lie in one metadata block share a header; a header is also begun every 8 KiB, for the index. */
function writeListing(listings: MetadataWriter, entries: readonly ListedEntry[]): Listing {
  const { place } = listings;
  const indexes: Uint8Array[] = [];
  let size = 0;
  let indexed = 0;
  for (let from = 0; from < entries.length; ) {
    const first = entries[from]!;
    if (size > 0 && size - indexed + bytesOf(first) > METADATA_BYTES) {
      const name = fromByteString(first.name);
      const metadataBlock = listings.place.block;
      const index = DirectoryIndex.encode({ listingPosition: size, metadataBlock, nameSizeLessOne: name.length - 1 });
      indexes.push(Buffer.concat([index, name]));
      indexed = size;
    }
    let groupBytes = DirectoryHeader.size;
    let to = from;
    for (; to < entries.length && to - from < HEADER_ENTRIES_MAX; to++) {
      const entry = entries[to]!;
      const delta = entry.inode.number - first.inode.number;
      if (entry.place.block !== first.place.block || delta < -0x8000 || delta > 0x7fff) break;
      if (to > from && size - indexed + groupBytes + bytesOf(entry) > METADATA_BYTES) break;
      groupBytes += bytesOf(entry);
    }
    const { number } = first.inode;
    listings.put(DirectoryHeader, { countLessOne: to - from - 1, inodeBlock: first.place.block, inodeNumber: number });
    for (let i = from; i < to; i++) writeEntry(listings, entries[i]!, number);
    size += groupBytes;
    from = to;
  }
  return { place, size, indexes };
}

function bytesOf(entry: ListedEntry): number {
  return DirectoryEntry.size + entry.name.length;
}

function writeEntry(listings: MetadataWriter, { name, inode, place }: ListedEntry, firstNumber: number): void {
  listings.put(DirectoryEntry, {
    inodeOffset: place.offset,
    inodeNumberDelta: (inode.number - firstNumber) & 0xffff,
    type: INODE_TYPE[inode.node.type],
    nameSizeLessOne: name.length - 1,
  });
  listings.putText(name);
}

function writeDirectoryInode(
  table: MetadataWriter,
  inode: PlannedInode,
  options: { readonly references: InodeReferences; readonly listing: Listing; readonly links: number },
): void {
  const { references, listing, links } = options;
  const { xattrIndex } = references;
  const { place, indexes } = listing;
  const listingSize = listing.size + DOT_BYTES;
  const body = {
    listingBlock: place.block,
    listingOffset: place.offset,
    listingSize,
    links,
    parentInode: inode.parent,
  };
  const short = xattrIndex === NONE && indexes.length === 0 && listingSize <= SHORT_LISTING_MAX;
  writeInodeHeader(table, inode, { type: INODE_TYPE.directory + (short ? 0 : EXTENDED), references });
  if (short) {
    table.put(DirectoryInode, body);
    return;
  }
  table.put(ExtendedDirectoryInode, { ...body, indexCount: indexes.length, xattrIndex });
  for (const index of indexes) table.write(index);
}
