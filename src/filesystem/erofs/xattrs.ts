/**
 * Extended attributes: those of several inodes in an area that all refer to, the others behind their inode.
 */
import { fromByteString, toByteString } from "../../bytes/content.js";
import { corrupt, decodeStructure, unrepresentable } from "./errors.js";
import { alignUp, XattrEntry, XattrHeader } from "./structures.js";

/** Prefixes of names by their number. */
const PREFIXES: readonly (readonly [index: number, prefix: string])[] = [
  [1, "user."],
  [2, "system.posix_acl_access"],
  [3, "system.posix_acl_default"],
  [4, "trusted."],
  [6, "security."],
];
const SHARED_MAX = 255;
const COUNT_MAX = 0xffff;

type Xattrs = ReadonlyMap<string, Uint8Array>;

/** Where attributes are looked for. */
export interface XattrOwner {
  readonly path: string;
  readonly node: { readonly xattrs?: Xattrs | undefined };
}

/** All attributes of an image. */
export interface XattrPlan {
  /** The shared ones. */
  readonly shared: Uint8Array;
  /** What lies behind each inode that has some. */
  readonly bodies: ReadonlyMap<XattrOwner, Uint8Array>;
}

/** Encodes the attributes. @throws AssembleError `filesystem/erofs-unrepresentable` */
export function planXattrs(owners: readonly XattrOwner[]): XattrPlan {
  const uses = new Map<string, { readonly entry: Uint8Array; count: number; id: number }>();
  const entriesOf = new Map<XattrOwner, string[]>();
  for (const owner of owners) {
    if (owner.node.xattrs === undefined || owner.node.xattrs.size === 0) continue;
    const keys = [...owner.node.xattrs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => {
        const entry = encodeEntry(owner.path, name, value);
        const key = toByteString(entry);
        const use = uses.get(key) ?? { entry, count: 0, id: 0 };
        use.count++;
        uses.set(key, use);
        return key;
      });
    entriesOf.set(owner, keys);
  }
  const shared: Uint8Array[] = [];
  let end = 0;
  for (const use of uses.values()) {
    if (use.count < 2) continue;
    use.id = end / 4;
    shared.push(use.entry);
    end += use.entry.length;
  }
  const bodies = new Map<XattrOwner, Uint8Array>();
  for (const [owner, keys] of entriesOf) {
    const all = keys.map((key) => uses.get(key)!);
    const references = all.filter(({ count }) => count > 1).slice(0, SHARED_MAX);
    const own = all.filter((use) => !references.includes(use));
    const ids = Buffer.alloc(4 * references.length);
    for (const [i, { id }] of references.entries()) ids.writeUInt32LE(id, 4 * i);
    const header = XattrHeader.encode({ nameFilter: 0, sharedCount: references.length, reserved: new Uint8Array(7) });
    const body = Buffer.concat([header, ids, ...own.map(({ entry }) => entry)]);
    if (xattrCountOf(body) > COUNT_MAX) throw unrepresentable(owner.path, `its attributes have ${body.length} bytes`);
    bodies.set(owner, body);
  }
  return { shared: Buffer.concat(shared), bodies };
}

/** The number in an inode that tells the size of what is behind it. */
export function xattrCountOf(body: Uint8Array): number {
  return body.length === 0 ? 0 : (body.length - XattrHeader.size) / 4 + 1;
}

/** The size that an inode's number tells. */
export function xattrBytesOf(count: number): number {
  return count === 0 ? 0 : XattrHeader.size + 4 * (count - 1);
}

function encodeEntry(path: string, name: string, value: Uint8Array): Uint8Array {
  const known = PREFIXES.find(([, prefix]) => (prefix.endsWith(".") ? name.startsWith(prefix) : name === prefix));
  if (known === undefined) throw unrepresentable(path, `it has the attribute ${name}, whose kind there is not`);
  const [nameIndex, prefix] = known;
  const suffix = fromByteString(name.slice(prefix.length));
  if (suffix.length > 255) throw unrepresentable(path, `the name of an attribute has ${name.length} bytes`);
  if (value.length > 0xffff) throw unrepresentable(path, `its attribute ${name} has ${value.length} bytes`);
  const entry = new Uint8Array(alignUp(XattrEntry.size + suffix.length + value.length, 4));
  XattrEntry.encodeInto(entry, 0, { nameSize: suffix.length, nameIndex, valueSize: value.length });
  entry.set(suffix, XattrEntry.size);
  entry.set(value, XattrEntry.size + suffix.length);
  return entry;
}

/** Decodes what lies behind an inode; `shared` gives bytes of the shared area. @throws AssembleError `filesystem/erofs-invalid` */
export function decodeXattrs(
  body: Uint8Array,
  shared: (offset: number, length: number) => Uint8Array,
): Map<string, Uint8Array> {
  const xattrs = new Map<string, Uint8Array>();
  if (body.length === 0) return xattrs;
  const { sharedCount } = decodeStructure(XattrHeader, body);
  let at = XattrHeader.size + 4 * sharedCount;
  if (at > body.length) throw corrupt("references to attributes go on behind their inode");
  const take = (name: string, value: Uint8Array): void => {
    if (xattrs.has(name)) throw corrupt("an inode has an attribute twice");
    xattrs.set(name, value);
  };
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let i = 0; i < sharedCount; i++) {
    const offset = 4 * view.getUint32(XattrHeader.size + 4 * i, true);
    const head = decodeStructure(XattrEntry, shared(offset, XattrEntry.size));
    take(...decodeEntry(shared(offset, XattrEntry.size + head.nameSize + head.valueSize)));
  }
  while (at + XattrEntry.size <= body.length) {
    const { nameSize, valueSize } = decodeStructure(XattrEntry, body, at);
    const end = at + XattrEntry.size + nameSize + valueSize;
    if (end > body.length) throw corrupt("an attribute goes on behind its inode");
    // mkfs.erofs may leave room behind the last.
    if (nameSize === 0 && valueSize === 0 && body[at + 1] === 0) break;
    take(...decodeEntry(body.subarray(at, end)));
    at = alignUp(end, 4);
  }
  return xattrs;
}

function decodeEntry(entry: Uint8Array): [string, Uint8Array] {
  const { nameSize, nameIndex } = decodeStructure(XattrEntry, entry);
  const prefix = PREFIXES.find(([index]) => index === nameIndex)?.[1];
  if (prefix === undefined) throw corrupt(`an attribute is of the kind ${nameIndex}`);
  const name = prefix + toByteString(entry.subarray(XattrEntry.size, XattrEntry.size + nameSize));
  if (name.includes("\0")) throw corrupt("the name of an attribute has NULs");
  return [name, entry.slice(XattrEntry.size + nameSize)];
}
