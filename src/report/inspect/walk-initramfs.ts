/**
 * Walks an initramfs the way the kernel does: newc archives one after the other, each plain or compressed, with NULs
 * between them. Nothing is held but one header at a time.
 *
 * Reads: plain, gzip (RFC 1952), zstd (RFC 8878; every frame is a segment of its own), xz where it is the last segment.
 */

import type { FileContent } from "../../bytes/content.js";
import { sliceContent } from "../../bytes/slice-content.js";
import { decodeXz } from "../../codec/xz/decode-xz.js";
import { decodeZstd } from "../../codec/zstd/decode-zstd.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { ArtifactEntry } from "./artifact-entry.js";
import { gunzipMember } from "./gunzip-member.js";
import { StreamReader } from "./stream-reader.js";
import { skipPadding, walkNewc } from "./walk-newc.js";
import { zstdFrameEnd } from "./zstd-frame-end.js";

/** How a part of an initramfs is stored. */
export type SegmentFormat = "newc" | "gzip" | "zstd" | "xz";

/** A part of an initramfs: what the kernel unpacks in one go. */
export interface Segment {
  readonly format: SegmentFormat;
  /** Where it begins in the initramfs. */
  readonly offset: number;
  /** Bytes as stored. */
  readonly size: number;
  /** Bytes unpacked. */
  readonly unpackedSize: number;
  readonly entries: number;
}

/** The format of what begins with these bytes, if an initramfs may hold it. */
export function segmentFormatOf(head: Uint8Array): SegmentFormat | undefined {
  const starts = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  if (starts(0x30, 0x37, 0x30, 0x37, 0x30)) return "newc";
  if (starts(0x1f, 0x8b)) return "gzip";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  return starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0) ? "xz" : undefined;
}

/**
 * Walks all files of an initramfs in their order; each segment that was read whole is added to `segments`.
 *
 * @throws AssembleError `codec/cpio-invalid`, `inspect/format-unknown`, and those of the decoders
 */
export async function* walkInitramfs(content: FileContent, segments: Segment[] = []): AsyncGenerator<ArtifactEntry> {
  let offset = await skipZeros(content, 0);
  while (offset < content.size) {
    const format = segmentFormatOf(content.read(offset, 6));
    if (format === undefined)
      throw new AssembleError(
        "inspect/format-unknown",
        `Cannot read the initramfs: what begins at ${offset} is no archive, newc, gzip, zstd or xz was wanted`,
      );
    const segment = openSegment(content, offset, format);
    const reader = new StreamReader(segment.chunks);
    let entries = 0;
    try {
      for (let first = true; await skipPadding(reader); first = false) {
        // A plain archive ends with its trailer: what follows is looked at anew.
        if (!first && format === "newc") break;
        for await (const entry of walkNewc(reader)) {
          entries++;
          yield entry;
        }
        if (format === "newc") break;
      }
    } finally {
      await reader.close();
    }
    const size = format === "newc" ? reader.position : segment.size();
    segments.push({ format, offset, size, unpackedSize: reader.position, entries });
    offset = await skipZeros(content, offset + size);
  }
}

interface OpenSegment {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes as stored; known when all chunks have been read. */
  size(): number;
}

function openSegment(content: FileContent, offset: number, format: SegmentFormat): OpenSegment {
  const rest = content.size - offset;
  if (format === "gzip") {
    let size = 0;
    return {
      chunks: gunzipMember(content, offset, (bytes) => {
        size = bytes;
      }),
      size: () => size,
    };
  }
  const size = format === "zstd" ? zstdFrameEnd(content, offset) - offset : rest;
  const stored = sliceContent(content, offset, size).chunks();
  const chunks = format === "newc" ? stored : format === "zstd" ? decodeZstd(stored) : decodeXz(stored);
  return { chunks, size: () => size };
}

const LOOK_BYTES = 1 << 16;

async function skipZeros(content: FileContent, start: number): Promise<number> {
  for (let at = start; at < content.size; at += LOOK_BYTES) {
    const found = content.read(at, Math.min(LOOK_BYTES, content.size - at)).findIndex((byte) => byte !== 0);
    if (found >= 0) return at + found;
  }
  return content.size;
}
