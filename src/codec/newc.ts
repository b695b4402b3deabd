/**
 * cpio archives in the "new ASCII" format, `newc`: what the kernel unpacks as an initramfs (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst; cpio(5)). Names are byte strings; sizes count bytes.
 *
 * Headers have eight hex digits a field, names end with NUL, names and data are padded to 4 bytes. Hard links share inode and device
 * numbers and say how many they are. The kernel's init/initramfs.c creates the file at the first name that comes with it and writes the data of
 * whichever member has some; GNU cpio writes it with the last. So all but the last member of a group have size 0 here, and both read it.
 */

import { fromByteString, toByteString } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { RandomAccess } from "./random-access.js";

/** A member's header. */
export interface NewcHeader {
  /** Byte string without a leading slash. */
  readonly name: string;
  readonly ino: number;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Seconds. */
  readonly mtime: number;
  /** Bytes of data: a file's content, or a symbolic link's target. */
  readonly size: number;
  /** Of the file system; with `ino` they tell hard links. Default 0. */
  readonly devMajor?: number | undefined;
  readonly devMinor?: number | undefined;
  /** Of a device. */
  readonly rdevMajor: number;
  readonly rdevMinor: number;
}

/** A member as it was read. */
export interface NewcMember extends NewcHeader {
  /** Where its data is. */
  readonly offset: number;
}

const MAGIC = "070701";
/** With a sum of the data, which the kernel does not check. */
const MAGIC_CRC = "070702";
const HEADER_SIZE = 110;
const TRAILER = "TRAILER!!!";
/** The kernel's limit for names, with the NUL. */
const NAME_MAX = 4096;
const U32_MAX = 0xffffffff;

/** The next multiple of 4. */
export function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** The bytes before a member's data: header, name, padding. @throws AssembleError `codec/newc-unrepresentable` */
export function encodeNewcHeader(member: NewcHeader): Uint8Array {
  const { name } = member;
  const nameSize = name.length + 1;
  if (nameSize > NAME_MAX || name.includes("\0")) throw unrepresentable(name, `its name has ${name.length} bytes`);
  const fields: readonly (readonly [string, number])[] = [
    ["ino", member.ino],
    ["mode", member.mode],
    ["uid", member.uid],
    ["gid", member.gid],
    ["nlink", member.nlink],
    ["mtime", member.mtime],
    ["filesize", member.size],
    ["devmajor", member.devMajor ?? 0],
    ["devminor", member.devMinor ?? 0],
    ["rdevmajor", member.rdevMajor],
    ["rdevminor", member.rdevMinor],
    ["namesize", nameSize],
    ["check", 0],
  ];
  let text = MAGIC;
  for (const [field, value] of fields) {
    if (!Number.isInteger(value) || value < 0 || value > U32_MAX)
      throw unrepresentable(name, `its ${field} is ${value}`);
    text += value.toString(16).toUpperCase().padStart(8, "0");
  }
  const used = HEADER_SIZE + nameSize;
  return fromByteString(`${text}${name}\0${"\0".repeat(align4(used) - used)}`);
}

/** The end of an archive: header and name of the trailer, padded. */
export function encodeNewcTrailer(): Uint8Array {
  const none = { ino: 0, mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, rdevMajor: 0, rdevMinor: 0 };
  return encodeNewcHeader({ name: TRAILER, nlink: 1, ...none });
}

/**
 * The members of an uncompressed initramfs: one archive, or several with zeros between. A trailer ends each; hard links do not reach across it.
 *
 * @throws AssembleError `codec/newc-corrupt`, `codec/newc-truncated`
 */
export function* readNewc(file: RandomAccess): Generator<NewcMember, void, void> {
  let at = 0;
  let open = false;
  while (at < file.size) {
    const start = file.read(at, HEADER_SIZE);
    if (start[0] === 0) {
      // Between archives, and after the last, zeros are skipped (GNU cpio pads to 512 bytes).
      if (open) throw corrupt(`zeros at ${at}, before the trailer`);
      let zeros = 0;
      while (zeros < start.length && start[zeros] === 0) zeros++;
      at += zeros;
      continue;
    }
    if (start.length < HEADER_SIZE) throw truncated(file.size);
    const text = toByteString(start);
    if (text.slice(0, 6) !== MAGIC && text.slice(0, 6) !== MAGIC_CRC) throw corrupt(`no header at ${at}`);
    if (at % 4 !== 0) throw corrupt(`a header at ${at}, which is no multiple of 4`);
    const number = (field: number): number => {
      const digits = text.slice(6 + 8 * field, 14 + 8 * field);
      if (!/^[0-9A-Fa-f]{8}$/.test(digits)) throw corrupt(`the number "${digits}" in the header at ${at}`);
      return Number.parseInt(digits, 16);
    };
    const nameSize = number(11);
    const size = number(6);
    if (nameSize < 1 || nameSize > NAME_MAX) throw corrupt(`a name of ${nameSize} bytes at ${at}`);
    const nameBytes = file.read(at + HEADER_SIZE, nameSize);
    const nameEnd = at + HEADER_SIZE + nameSize;
    const offset = at + align4(nameEnd - at);
    if (offset + size > file.size) throw truncated(file.size);
    const name = toByteString(nameBytes);
    if (name.indexOf("\0") !== nameSize - 1) throw corrupt(`a name that does not end with its size at ${at}`);
    at = offset + align4(size);
    open = name !== `${TRAILER}\0`;
    if (!open) continue;
    yield {
      name: name.slice(0, -1),
      ino: number(0),
      mode: number(1),
      uid: number(2),
      gid: number(3),
      nlink: number(4),
      mtime: number(5),
      size,
      devMajor: number(7),
      devMinor: number(8),
      rdevMajor: number(9),
      rdevMinor: number(10),
      offset,
    };
  }
  if (open) throw truncated(file.size);
}

function unrepresentable(name: string, found: string): AssembleError {
  return new AssembleError(
    "codec/newc-unrepresentable",
    `Cannot put ${Buffer.from(name, "latin1").toString()} into a cpio archive: ${found}, which the format has no room for`,
  );
}

function corrupt(found: string): AssembleError {
  return new AssembleError(
    "codec/newc-corrupt",
    `Cannot read a cpio archive: it has ${found}, an intact archive was wanted`,
  );
}

function truncated(at: number): AssembleError {
  return new AssembleError(
    "codec/newc-truncated",
    `Cannot read a cpio archive: it ends at ${at} in the middle, a complete archive was wanted`,
  );
}
