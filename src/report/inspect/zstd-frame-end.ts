/**
 * Finds where a zstd frame ends without decompressing it: RFC 8878, "Frames", "Blocks". An initramfs may go on with
 * something else behind a frame.
 */

import type { FileContent } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";

const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;

/** Offset behind the frame that begins at `offset`. @throws AssembleError `inspect/zstd-invalid` */
export function zstdFrameEnd(content: FileContent, offset: number): number {
  const [descriptor] = content.read(offset + MAGIC_BYTES, 1);
  if (descriptor === undefined) throw cutOff(offset);
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  let at = offset + MAGIC_BYTES + 1 + (singleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
  for (let last = false; !last; ) {
    const header = at <= content.size ? content.read(at, BLOCK_HEADER_BYTES) : new Uint8Array(0);
    if (header.length < BLOCK_HEADER_BYTES) throw cutOff(offset);
    const value = header[0]! | (header[1]! << 8) | (header[2]! << 16);
    last = (value & 1) !== 0;
    const type = (value >> 1) & 3;
    if (type === BLOCK_RESERVED) throw invalid(offset, `it has a block of an unknown type at ${at}`);
    at += BLOCK_HEADER_BYTES + (type === BLOCK_RLE ? 1 : value >> 3);
  }
  if ((descriptor & 4) !== 0) at += CHECKSUM_BYTES;
  if (at > content.size) throw cutOff(offset);
  return at;
}

function cutOff(offset: number): AssembleError {
  return invalid(offset, "it is cut off");
}

function invalid(offset: number, is: string): AssembleError {
  return new AssembleError(
    "inspect/zstd-invalid",
    `Cannot read the zstd frame at ${offset}: ${is}, a whole frame was wanted`,
  );
}
