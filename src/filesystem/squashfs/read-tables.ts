/**
 * The tables of an image that are read by number: ids, fragments, extended attributes.
 */
import { type FileContent, toByteString } from "../../bytes/content.js";
import { decodeStructure, invalid, unsupported } from "./errors.js";
import type { MetadataCursor, MetadataReader } from "./read-metadata.js";
import {
  FragmentEntry,
  METADATA_BYTES,
  NO_TABLE,
  NONE,
  type Superblock,
  XATTR_ELSEWHERE,
  XATTR_PREFIXES,
  XattrEntry,
  XattrId,
  XattrTableHeader,
} from "./structures.js";

/** Attributes of one inode at most; their values together at most as long as Linux lets them be. */
const XATTRS_MAX = 4096;
const VALUE_BYTES_MAX = 65536;

/** Reads the tables. All methods throw `filesystem/squashfs-invalid`. */
export class SquashfsTables {
  private readonly image: FileContent;
  private readonly superblock: Superblock;
  private readonly metadata: MetadataReader;
  private readonly sets = new Map<number, ReadonlyMap<string, Uint8Array>>();

  constructor(image: FileContent, superblock: Superblock, metadata: MetadataReader) {
    this.image = image;
    this.superblock = superblock;
    this.metadata = metadata;
  }

  /** The id of an index. */
  id(index: number): number {
    const { idCount, idTableStart } = this.superblock;
    if (index >= idCount) throw invalid(`an inode has the id ${index} of ${idCount}`);
    return this.entry({ listStart: idTableStart, entryBytes: 4, index }).u32();
  }

  /** Start and stored size of a fragment. */
  fragment(index: number): { readonly start: number; readonly size: number } {
    const { fragmentCount, fragmentTableStart } = this.superblock;
    if (index >= fragmentCount) throw invalid(`a file has the fragment ${index} of ${fragmentCount}`);
    const listStart = placeOf(fragmentTableStart);
    return this.entry({ listStart, entryBytes: FragmentEntry.size, index }).decode(FragmentEntry);
  }

  /** The extended attributes of an index. */
  xattrs(index: number): ReadonlyMap<string, Uint8Array> {
    if (index === NONE || this.superblock.xattrTableStart === NO_TABLE) return new Map();
    const known = this.sets.get(index);
    if (known !== undefined) return known;
    const headStart = placeOf(this.superblock.xattrTableStart);
    const head = decodeStructure(XattrTableHeader, exactly(this.image, headStart, XattrTableHeader.size));
    if (index >= head.idCount) throw invalid(`an inode has the attributes ${index} of ${head.idCount}`);
    const listStart = headStart + XattrTableHeader.size;
    const id = this.entry({ listStart, entryBytes: XattrId.size, index }).decode(XattrId);
    const set = this.readSet(id, head.entriesStart);
    if (this.sets.size < XATTRS_MAX) this.sets.set(index, set);
    return set;
  }

  private readSet(
    id: { readonly reference: number; readonly count: number },
    entriesStart: number,
  ): ReadonlyMap<string, Uint8Array> {
    if (id.count > XATTRS_MAX) throw invalid(`a file has ${id.count} extended attributes`);
    const cursor = this.reference(entriesStart, id.reference);
    const set = new Map<string, Uint8Array>();
    for (let i = 0; i < id.count; i++) {
      const { type, nameSize } = cursor.decode(XattrEntry);
      const prefix = XATTR_PREFIXES[type & 0xff];
      if (prefix === undefined) throw unsupported(`a file has an extended attribute of type ${type}`);
      const name = prefix + toByteString(cursor.take(nameSize));
      const value = takeValue(cursor);
      if ((type & XATTR_ELSEWHERE) === 0) set.set(name, value.slice());
      else if (value.length !== 8) throw invalid("a reference to an attribute's value has another size");
      else set.set(name, takeValue(this.reference(entriesStart, safeNumber(value))).slice());
    }
    return set;
  }

  private reference(tableStart: number, reference: number): MetadataCursor {
    return this.metadata.at(tableStart + Math.floor(reference / 65536), reference % 65536);
  }

  /** A cursor at an entry of a table. */
  private entry(table: {
    readonly listStart: number;
    readonly entryBytes: number;
    readonly index: number;
  }): MetadataCursor {
    const perBlock = METADATA_BYTES / table.entryBytes;
    const block = Math.floor(table.index / perBlock);
    const start = safeNumber(exactly(this.image, table.listStart + 8 * block, 8));
    return this.metadata.at(start, (table.index % perBlock) * table.entryBytes);
  }
}

function takeValue(cursor: MetadataCursor): Uint8Array {
  const size = cursor.u32();
  if (size > VALUE_BYTES_MAX) throw invalid(`an extended attribute has a value of ${size} bytes`);
  return cursor.take(size);
}

function placeOf(tableStart: bigint): number {
  if (tableStart > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid("it lacks a table that it refers to");
  return Number(tableStart);
}

function safeNumber(bytes: Uint8Array): number {
  return placeOf(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
}

/** Bytes that must be there. */
export function exactly(image: FileContent, offset: number, length: number): Uint8Array {
  if (offset < 0 || offset + length > image.size)
    throw invalid(`bytes ${offset} to ${offset + length} are beyond its end`);
  return image.read(offset, length);
}
