/**
 * POSIX ACLs: the form that programs see (`system.posix_acl_access`, version 2 of linux/posix_acl_xattr.h) and the shorter one that ext4
 * stores (fs/ext4/acl.h, version 1), which leaves ids out where an entry has none.
 */

const SEEN_VERSION = 2;
const STORED_VERSION = 1;
const TAG_USER = 0x02;
const TAG_GROUP = 0x08;
const NO_ID = 0xffffffff;

/** From the form of programs to that of ext4; undefined if it is none. */
export function encodeAcl(value: Uint8Array): Uint8Array | undefined {
  const from = viewOf(value);
  if (value.length < 4 || (value.length - 4) % 8 !== 0 || from.getUint32(0, true) !== SEEN_VERSION) return undefined;
  const stored = new Uint8Array(value.length);
  const to = viewOf(stored);
  to.setUint32(0, STORED_VERSION, true);
  let end = 4;
  for (let at = 4; at < value.length; at += 8) {
    const tag = from.getUint16(at, true);
    to.setUint16(end, tag, true);
    to.setUint16(end + 2, from.getUint16(at + 2, true), true);
    end += 4;
    if (tag !== TAG_USER && tag !== TAG_GROUP) continue;
    to.setUint32(end, from.getUint32(at + 4, true), true);
    end += 4;
  }
  return stored.subarray(0, end);
}

/** From the form of ext4 to that of programs; undefined if it is none. */
export function decodeAcl(stored: Uint8Array): Uint8Array | undefined {
  const from = viewOf(stored);
  if (stored.length < 4 || from.getUint32(0, true) !== STORED_VERSION) return undefined;
  const value = new Uint8Array(4 + stored.length * 2);
  const to = viewOf(value);
  to.setUint32(0, SEEN_VERSION, true);
  let end = 4;
  for (let at = 4; at < stored.length; end += 8) {
    if (at + 4 > stored.length) return undefined;
    const tag = from.getUint16(at, true);
    to.setUint16(end, tag, true);
    to.setUint16(end + 2, from.getUint16(at + 2, true), true);
    at += 4;
    const hasId = tag === TAG_USER || tag === TAG_GROUP;
    if (hasId && at + 4 > stored.length) return undefined;
    to.setUint32(end + 4, hasId ? from.getUint32(at, true) : NO_ID, true);
    if (hasId) at += 4;
  }
  return value.slice(0, end);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
