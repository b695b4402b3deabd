/**
 * Writes the archive that Google Cloud imports as an image: a tar in GNU's old format with one sparse file, `disk.raw`, of
 * whole GiB; gzip goes over it. Owners are root, the time is given. Checked by: GNU tar, and the same bytes as its own archive.
 */

import { type Content, fromByteString } from "../../bytes/content.js";
import { dataRuns, runChunks } from "../../bytes/sparse-content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { BLOCK, DISK_NAME, GNU_MAGIC, GnuSparseExtension, GnuSparseHeader, RECORD, SPARSE_TYPE } from "./gcp-layout.js";

/** Google Cloud's disks have whole GiB. */
export const GCP_DISK_UNIT = 2 ** 30;

/** Segments are whole pages, so that none needs padding. */
const SEGMENT_UNIT = 4096;
const IN_HEADER = 4;
const IN_EXTENSION = 21;

/**
 * The tar archive of a disk, not compressed.
 *
 * @throws AssembleError `disk/size-invalid` for a disk that has not whole GiB
 */
export function writeGcpTar(disk: Content, options: { readonly mtimeSeconds: number }): Content {
  if (disk.size === 0 || disk.size % GCP_DISK_UNIT !== 0)
    throw new AssembleError(
      "disk/size-invalid",
      `Cannot make an image for Google Cloud: the disk has ${disk.size} bytes, whole GiB were wanted`,
    );
  const runs = dataRuns(disk, SEGMENT_UNIT);
  const stored = runs.reduce((sum, { start, end }) => sum + end - start, 0);
  const segments = runs.map(({ start, end }) => segment(start, end - start));
  // An empty segment at the end says how far the hole before it goes.
  if ((runs.at(-1)?.end ?? 0) < disk.size) segments.push(segment(disk.size, 0));
  const head = encodeHead(segments, { stored, size: disk.size, mtimeSeconds: options.mtimeSeconds });
  const used = head.length + stored + 2 * BLOCK;
  const size = Math.ceil(used / RECORD) * RECORD;
  return {
    size,
    async *chunks(passing) {
      yield head;
      for (const run of runs) yield* runChunks(run, passing);
      yield new Uint8Array(size - head.length - stored);
    },
  };
}

function encodeHead(
  segments: readonly Uint8Array[],
  file: { readonly stored: number; readonly size: number; readonly mtimeSeconds: number },
): Uint8Array {
  const filled = (from: number, count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => segments[from + i] ?? new Uint8Array(24));
  const header = GnuSparseHeader.encode({
    name: DISK_NAME,
    mode: number(0o644, 8),
    uid: number(0, 8),
    gid: number(0, 8),
    size: number(file.stored, 12),
    mtime: number(file.mtimeSeconds, 12),
    checksum: fromByteString(" ".repeat(8)),
    typeflag: SPARSE_TYPE,
    linkName: "",
    magic: fromByteString(GNU_MAGIC),
    userName: "root",
    groupName: "root",
    major: new Uint8Array(8),
    minor: new Uint8Array(8),
    accessTime: new Uint8Array(12),
    changeTime: new Uint8Array(12),
    offset: new Uint8Array(12),
    longNames: new Uint8Array(4),
    unused: 0,
    segments: filled(0, IN_HEADER),
    isExtended: segments.length > IN_HEADER ? 1 : 0,
    realSize: number(file.size, 12),
    padding: new Uint8Array(17),
  });
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(fromByteString(`${sum.toString(8).padStart(6, "0")}\0 `), GnuSparseHeader.offsetOf("checksum"));
  const blocks = [header];
  for (let at = IN_HEADER; at < segments.length; at += IN_EXTENSION)
    blocks.push(
      GnuSparseExtension.encode({
        segments: filled(at, IN_EXTENSION),
        isExtended: at + IN_EXTENSION < segments.length ? 1 : 0,
        padding: new Uint8Array(7),
      }),
    );
  return new Uint8Array(Buffer.concat(blocks));
}

function segment(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set(number(offset, 12));
  bytes.set(number(length, 12), 12);
  return bytes;
}

/** Octal digits that end with NUL; base 256, marked by the first bit, where they do not fit. */
function number(value: number, length: number): Uint8Array {
  const digits = value.toString(8);
  if (digits.length < length) return fromByteString(`${digits.padStart(length - 1, "0")}\0`);
  const bytes = new Uint8Array(length);
  for (let i = length - 1, left = value; i > 0; i--, left = Math.floor(left / 256)) bytes[i] = left % 256;
  bytes[0] = 0x80;
  return bytes;
}
