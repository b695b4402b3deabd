/**
 * POSIX ACLs of a node (acl(5)), kept as the extended attributes that programs see: `system.posix_acl_access` and `system.posix_acl_default`,
 * version 2 of linux/posix_acl_xattr.h. As in the kernel, an access list that says no more than a mode is none, and the mode's
 * group bits are the list's mask. What is made in a directory with a default list does not inherit it here.
 */
import type { Node } from "./node.js";

/** Kinds of entries, in the order of a list. */
export const ACL_TAG = { owner: 0x01, user: 0x02, group: 0x04, namedGroup: 0x08, mask: 0x10, other: 0x20 } as const;

/** An entry: read is 4, write 2, execute 1. `id` is that of a named user or group. */
export interface AclEntry {
  readonly tag: number;
  readonly id?: number | undefined;
  readonly permissions: number;
}

/** Which of a node's two lists. */
export type AclKind = "access" | "default";

const ATTRIBUTES: Readonly<Record<AclKind, string>> = {
  access: "system.posix_acl_access",
  default: "system.posix_acl_default",
};
const VERSION = 2;
const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;
const NO_ID = 0xffffffff;

/** A node's list. Without one: what its mode says for access, and an empty one for what is made in it. */
export function readAcl(node: Node, kind: AclKind): readonly AclEntry[] {
  const value = node.xattrs?.get(ATTRIBUTES[kind]);
  if (value === undefined) return kind === "default" ? [] : aclOfMode(node.mode);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const entries: AclEntry[] = [];
  for (let at = HEADER_BYTES; at + ENTRY_BYTES <= value.length; at += ENTRY_BYTES) {
    const tag = view.getUint16(at, true);
    const id = isNamed(tag) ? view.getUint32(at + 4, true) : undefined;
    entries.push({ tag, id, permissions: view.getUint16(at + 2, true) });
  }
  return entries;
}

/** Sets a node's list, and the mode that an access list means. */
export function writeAcl(node: Node, kind: AclKind, entries: readonly AclEntry[]): void {
  if (kind === "access") node.mode = (node.mode & ~0o777) | modeOfAcl(entries);
  const saysMore = ({ tag }: AclEntry): boolean => kind === "default" || isNamed(tag) || tag === ACL_TAG.mask;
  if (!entries.some(saysMore)) {
    node.xattrs?.delete(ATTRIBUTES[kind]);
    return;
  }
  const sorted = entries.toSorted((a, b) => a.tag - b.tag || (a.id ?? 0) - (b.id ?? 0));
  const value = new Uint8Array(HEADER_BYTES + ENTRY_BYTES * sorted.length);
  const view = new DataView(value.buffer);
  view.setUint32(0, VERSION, true);
  sorted.forEach(({ tag, id, permissions }, index) => {
    const at = HEADER_BYTES + ENTRY_BYTES * index;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, permissions, true);
    view.setUint32(at + 4, id ?? NO_ID, true);
  });
  node.xattrs ??= new Map();
  node.xattrs.set(ATTRIBUTES[kind], value);
}

/** chmod(2): where a node has an access list, the group's bits are its mask. */
export function setMode(node: Node, mode: number): void {
  const hasAcl = node.xattrs?.has(ATTRIBUTES.access) === true;
  node.mode = mode;
  if (!hasAcl) return;
  const entries = readAcl(node, "access");
  const group = entries.some(({ tag }) => tag === ACL_TAG.mask) ? ACL_TAG.mask : ACL_TAG.group;
  const tagOf = (tag: number): number => (tag === ACL_TAG.group ? group : tag);
  const changed = new Map(aclOfMode(mode).map(({ tag, permissions }) => [tagOf(tag), permissions]));
  writeAcl(
    node,
    "access",
    entries.map((entry) => ({ ...entry, permissions: changed.get(entry.tag) ?? entry.permissions })),
  );
}

/** The three entries that a mode is. */
export function aclOfMode(mode: number): readonly AclEntry[] {
  return [
    { tag: ACL_TAG.owner, permissions: (mode >> 6) & 7 },
    { tag: ACL_TAG.group, permissions: (mode >> 3) & 7 },
    { tag: ACL_TAG.other, permissions: mode & 7 },
  ];
}

function modeOfAcl(entries: readonly AclEntry[]): number {
  const of = (wanted: number): number | undefined => entries.find(({ tag }) => tag === wanted)?.permissions;
  const group = of(ACL_TAG.mask) ?? of(ACL_TAG.group) ?? 0;
  return ((of(ACL_TAG.owner) ?? 0) << 6) | (group << 3) | (of(ACL_TAG.other) ?? 0);
}

function isNamed(tag: number): boolean {
  return tag === ACL_TAG.user || tag === ACL_TAG.namedGroup;
}
