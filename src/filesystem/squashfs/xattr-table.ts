/**
 * Extended attributes: each distinct set once, by number. Sets are in the order of their inodes, attributes in byte order.
 * Omits access control lists, which squashfs cannot hold, and values stored elsewhere, which only save room where long values repeat in different sets.
 */
import { byteStringToText, fromByteString } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { CompressBlock } from "./compression.js";
import { writeLookupTable } from "./lookup-table.js";
import { MetadataWriter, referenceTo } from "./metadata-writer.js";
import type { PlannedInode } from "./plan-inodes.js";
import { NONE, XATTR_PREFIXES, XattrEntry, XattrId, XattrTableHeader } from "./structures.js";

/** squashfs has no number for these: mksquashfs leaves them out too. */
const ACL_NAMES = new Set(["system.posix_acl_access", "system.posix_acl_default"]);
const NAME_BYTES_MAX = 255;
const VALUE_BYTES_MAX = 65536;

/** The sets of attributes of an image. */
export class XattrTable {
  /** First paths of the inodes whose access control lists are left out. */
  readonly withoutAcl: string[] = [];
  private readonly entries: MetadataWriter;
  private readonly compress: CompressBlock;
  private readonly known = new Map<string, number>();
  private readonly ids: Uint8Array[] = [];

  constructor(compress: CompressBlock) {
    this.compress = compress;
    this.entries = new MetadataWriter(compress);
  }

  /** Number of the set that an inode has, `NONE` for no attributes. @throws AssembleError `filesystem/squashfs-unrepresentable` */
  indexOf(inode: PlannedInode): number {
    const { xattrs } = inode.node;
    if (xattrs === undefined || xattrs.size === 0) return NONE;
    const names = [...xattrs.keys()].filter((name) => !ACL_NAMES.has(name)).sort((a, b) => (a < b ? -1 : 1));
    if (names.length < xattrs.size) this.withoutAcl.push(inode.path);
    if (names.length === 0) return NONE;
    const encoded = names.map((name) => encodeXattr(name, { value: xattrs.get(name)!, path: inode.path }));
    const bytes = Buffer.concat(encoded);
    const key = bytes.toString("latin1");
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const reference = referenceTo(this.entries.write(bytes));
    // As mksquashfs counts: names as listxattr(2) gives them, and values.
    const sizeBytes = names.reduce((sum, name) => sum + name.length + 1 + xattrs.get(name)!.length, 0);
    this.ids.push(XattrId.encode({ reference, count: names.length, sizeBytes }));
    this.known.set(key, this.ids.length - 1);
    return this.ids.length - 1;
  }

  /** The table for the place `start` of the image; undefined if nothing has attributes. */
  finish(start: number): { readonly bytes: Uint8Array; readonly listStart: number } | undefined {
    if (this.ids.length === 0) return undefined;
    const entries = this.entries.finish();
    const head = XattrTableHeader.encode({ entriesStart: start, idCount: this.ids.length, unused: 0 });
    const table = writeLookupTable(Buffer.concat(this.ids), {
      start: start + entries.length,
      compress: this.compress,
      head,
    });
    return { bytes: new Uint8Array(Buffer.concat([entries, table.bytes])), listStart: table.listStart };
  }
}

function encodeXattr(name: string, options: { readonly value: Uint8Array; readonly path: string }): Uint8Array {
  const { value, path } = options;
  const type = XATTR_PREFIXES.findIndex((prefix) => name.startsWith(prefix));
  const rest = type < 0 ? "" : name.slice(XATTR_PREFIXES[type]!.length);
  if (rest === "" || name.length > NAME_BYTES_MAX || value.length > VALUE_BYTES_MAX)
    throw new AssembleError(
      "filesystem/squashfs-unrepresentable",
      `Cannot put ${byteStringToText(path)} into the squashfs image: it has the extended attribute ${byteStringToText(name)} of ${value.length} bytes, ${XATTR_PREFIXES.join(", ")} with a name of at most ${NAME_BYTES_MAX} bytes and a value of at most ${VALUE_BYTES_MAX} were wanted`,
    );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(value.length, 0);
  return Buffer.concat([XattrEntry.encode({ type, nameSize: rest.length }), fromByteString(rest), size, value]);
}
