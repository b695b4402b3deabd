/**
 * The cpio newc format (cpio(5); kernel: Documentation/driver-api/early-userspace/buffer-format.rst): 110-byte headers of
 * upper-case hexadecimal fields, names with NUL, everything aligned to 4. Oracles: GNU cpio, the kernel.
 */
import { toByteString } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";

/** Fields of a header, as the format names them. */
export interface NewcHeader {
  /** A byte string without a leading slash. */
  readonly name: string;
  readonly ino: number;
  /** File type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly mtime: number;
  readonly size: number;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
}

/** An entry of an archive that is read; `offset` is where its bytes begin. */
export interface NewcEntry extends NewcHeader {
  readonly offset: number;
}

/** File types in `mode` (inode(7)). */
export const MODE_TYPES = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  char: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
} as const;

const HEADER_BYTES = 110;
const TRAILER = "TRAILER!!!";

/** A header with its name, padded to 4. Throws RangeError for a field beyond 32 bits. */
export function encodeNewcHeader(header: NewcHeader): Uint8Array {
  const fields = {
    ino: header.ino,
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    nlink: header.nlink,
    mtime: header.mtime,
    size: header.size,
    devMajor: 0,
    devMinor: 0,
    rdevMajor: header.rdevMajor,
    rdevMinor: header.rdevMinor,
    nameSize: header.name.length + 1,
    check: 0,
  };
  let text = "070701";
  for (const [field, value] of Object.entries(fields)) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      throw new RangeError(`NewcHeader.${field} of ${header.name} is ${value}, a 32-bit number was wanted`);
    text += value.toString(16).toUpperCase().padStart(8, "0");
  }
  text += `${header.name}\0`;
  const bytes = new Uint8Array(align4(text.length));
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The end of an archive. */
export function encodeNewcTrailer(): Uint8Array {
  const none = { ino: 0, mode: 0, uid: 0, gid: 0, nlink: 1, mtime: 0, size: 0, rdevMajor: 0, rdevMinor: 0 };
  return encodeNewcHeader({ name: TRAILER, ...none });
}

/** The next multiple of 4. */
export function align4(size: number): number {
  return (size + 3) & ~3;
}

/**
 * Reads the archive at `start`: its entries without the trailer, and where what follows it begins.
 *
 * @throws AssembleError `codec/cpio-invalid`
 */
export function readNewc(bytes: Uint8Array, start = 0): { readonly entries: NewcEntry[]; readonly end: number } {
  const entries: NewcEntry[] = [];
  let at = start;
  for (;;) {
    if (at + HEADER_BYTES > bytes.length) throw invalid(at, "the archive is cut off");
    const text = toByteString(bytes.subarray(at, at + HEADER_BYTES));
    if (!/^07070[12][0-9A-Fa-f]{104}$/.test(text)) throw invalid(at, "there is no newc header");
    const field = (index: number): number => Number.parseInt(text.slice(6 + index * 8, 14 + index * 8), 16);
    const nameEnd = at + HEADER_BYTES + field(11);
    const offset = start + align4(nameEnd - start);
    const size = field(6);
    if (field(11) === 0 || offset + size > bytes.length) throw invalid(at, "an entry is cut off");
    const name = toByteString(bytes.subarray(at + HEADER_BYTES, nameEnd - 1));
    at = start + align4(offset + size - start);
    if (name === TRAILER) return { entries, end: Math.min(at, bytes.length) };
    entries.push({
      name,
      ino: field(0),
      mode: field(1),
      uid: field(2),
      gid: field(3),
      nlink: field(4),
      mtime: field(5),
      size,
      rdevMajor: field(9),
      rdevMinor: field(10),
      offset,
    });
  }
}

function invalid(at: number, what: string): AssembleError {
  return new AssembleError(
    "codec/cpio-invalid",
    `Cannot read the cpio archive: ${what} at ${at}, a sound archive was wanted`,
  );
}
