/**
 * The inode table and the directory table: below every directory first, then its other entries, its listing, and itself, so that
 * whatever refers to something comes after it.
 */
import { fromByteString } from "../../bytes/content.js";
import { type DirectoryNode, type Node, sortedEntries } from "../../rootfs/tree/node.js";
import type { CompressBlock } from "./compression.js";
import { encodeInode, encodeInodeHeader, type FileExtent } from "./encode-inode.js";
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
  const common = (inode: PlannedInode) => ({
    uidIndex: options.ids.indexOf(inode.node.uid),
    gidIndex: options.ids.indexOf(inode.node.gid),
    xattrIndex: options.xattrs.indexOf(inode),
  });
  const visit = (inode: PlannedInode): void => {
    const directory = inode.node as DirectoryNode;
    const entries = sortedEntries(directory).map(([name, node]) => ({ name, inode: plan.inodes.get(node)! }));
    for (const { inode: child } of entries) if (child.node.type === "directory") visit(child);
    for (const { inode: child } of entries) {
      if (places.has(child.node)) continue;
      const bytes = encodeInode(child, { ...common(child), extent: options.extentOf(child) });
      places.set(child.node, inodes.write(bytes));
    }
    const listing = writeListing(
      listings,
      entries.map((entry) => ({ ...entry, place: places.get(entry.inode.node)! })),
    );
    const links = 2 + entries.filter(({ inode: child }) => child.node.type === "directory").length;
    places.set(directory, inodes.write(encodeDirectory(inode, { ...common(inode), ...listing, links })));
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
    const group: Uint8Array[] = [];
    let groupBytes = DirectoryHeader.size;
    let to = from;
    for (; to < entries.length && to - from < HEADER_ENTRIES_MAX; to++) {
      const entry = entries[to]!;
      const delta = entry.inode.number - first.inode.number;
      if (entry.place.block !== first.place.block || delta < -0x8000 || delta > 0x7fff) break;
      if (to > from && size - indexed + groupBytes + bytesOf(entry) > METADATA_BYTES) break;
      group.push(encodeEntry(entry, delta));
      groupBytes += bytesOf(entry);
    }
    const header = { countLessOne: to - from - 1, inodeBlock: first.place.block, inodeNumber: first.inode.number };
    listings.write(Buffer.concat([DirectoryHeader.encode(header), ...group]));
    size += groupBytes;
    from = to;
  }
  return { place, size, indexes };
}

function bytesOf(entry: ListedEntry): number {
  return DirectoryEntry.size + entry.name.length;
}

function encodeEntry({ name, inode, place }: ListedEntry, delta: number): Uint8Array {
  const entry = DirectoryEntry.encode({
    inodeOffset: place.offset,
    inodeNumberDelta: delta & 0xffff,
    type: INODE_TYPE[inode.node.type],
    nameSizeLessOne: name.length - 1,
  });
  return Buffer.concat([entry, fromByteString(name)]);
}

function encodeDirectory(
  inode: PlannedInode,
  options: Listing & {
    readonly links: number;
    readonly uidIndex: number;
    readonly gidIndex: number;
    readonly xattrIndex: number;
  },
): Uint8Array {
  const { place, size, indexes, links, xattrIndex } = options;
  const { number, parent, node } = inode;
  const body = {
    listingBlock: place.block,
    listingOffset: place.offset,
    listingSize: size + DOT_BYTES,
    links,
    parentInode: parent,
  };
  const short = xattrIndex === NONE && indexes.length === 0 && body.listingSize <= SHORT_LISTING_MAX;
  const type = short ? INODE_TYPE.directory : INODE_TYPE.directory + EXTENDED;
  const header = encodeInodeHeader(node, { ...options, type, number });
  if (short) return Buffer.concat([header, DirectoryInode.encode(body)]);
  const extended = ExtendedDirectoryInode.encode({ ...body, indexCount: indexes.length, xattrIndex });
  return Buffer.concat([header, extended, ...indexes]);
}
