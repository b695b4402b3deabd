/**
 * A file carried by an initramfs as it is: an archive of its own in front of the others, stored, since a file system that is compressed
 * already gains nothing. The kernel takes an uncompressed archive at an offset that is a multiple of four, and skips zeros after it
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */

import { type Content, concatContents, contentOfBytes } from "../bytes/content.js";
import { modeTypes } from "../bytes/mode-types.js";
import { align4, encodeNewcHeader, encodeNewcTrailer } from "../codec/newc.js";
import { AssembleError } from "../errors/assemble-error.js";

/** The file. */
export interface CarriedFile {
  /** In the initramfs's root directory; a byte string. */
  readonly name: string;
  readonly content: Content;
  /** Seconds. */
  readonly mtime: number;
}

/** newc has 32-bit sizes. */
const MAX_FILE_BYTES = 0xffffffff;

/** The file, then the archive. @throws AssembleError `initramfs/file-too-large` */
export function withCarriedFile(archive: Content, { name, content, mtime }: CarriedFile): Content {
  const { size } = content;
  if (size > MAX_FILE_BYTES)
    throw new AssembleError(
      "initramfs/file-too-large",
      `Cannot carry the root in the initramfs: it has ${size} bytes, less than 4 GiB was wanted`,
      { hint: "set root.location to disk" },
    );
  const header = encodeNewcHeader({
    name,
    // The numbers of one archive: those of the others begin anew.
    ino: 1,
    mode: modeTypes.file | 0o600,
    uid: 0,
    gid: 0,
    nlink: 1,
    mtime: Math.max(0, mtime),
    size,
    rdevMajor: 0,
    rdevMinor: 0,
  });
  const end = Buffer.concat([new Uint8Array(align4(size) - size), encodeNewcTrailer()]);
  return concatContents([contentOfBytes(header), content, contentOfBytes(new Uint8Array(end)), archive]);
}
