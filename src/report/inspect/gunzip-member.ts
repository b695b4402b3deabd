/**
 * Decompresses one gzip member (RFC 1952) and tells where it ends, since an initramfs may go on behind it with something
 * that is no gzip. Reading only: Node's own inflate, whose output does not depend on its version.
 */

import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import type { FileContent } from "../../bytes/content.js";
import { crc32 } from "../../bytes/crc32.js";
import { sliceContent } from "../../bytes/slice-content.js";
import { AssembleError } from "../../errors/assemble-error.js";

const FIXED_BYTES = 10;
const TRAILER_BYTES = 8;
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;
/** File name and comment are free text; longer ones are nonsense. */
const HEADER_BYTES_MAX = 1 << 16;

/**
 * The bytes of the member at `offset`; `onEnd` gets its stored size when they have all been read.
 *
 * @throws AssembleError `inspect/gzip-invalid`
 */
export async function* gunzipMember(
  content: FileContent,
  offset: number,
  onEnd: (storedBytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const headerBytes = memberHeaderBytes(
    content.read(offset, Math.min(HEADER_BYTES_MAX, content.size - offset)),
    offset,
  );
  const start = offset + headerBytes;
  const inflate = createInflateRaw();
  const stored = Readable.from(sliceContent(content, start, content.size - start).chunks(), { objectMode: false });
  stored.on("error", (error) => inflate.destroy(error));
  stored.pipe(inflate);
  let crc = 0;
  let size = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw invalid(offset, (cause as Error).message, cause);
  } finally {
    stored.destroy();
  }
  const end = start + inflate.bytesWritten;
  const trailer = content.read(end, TRAILER_BYTES);
  if (trailer.length < TRAILER_BYTES) throw invalid(offset, "it is cut off");
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_BYTES);
  if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== size % 2 ** 32)
    throw invalid(offset, "its checksum is wrong");
  onEnd(end + TRAILER_BYTES - offset);
}

function memberHeaderBytes(head: Uint8Array, offset: number): number {
  if (head.length < FIXED_BYTES || head[2] !== 8) throw invalid(offset, "its header is damaged");
  const flags = head[3]!;
  let at = FIXED_BYTES;
  if ((flags & FLAG.extra) !== 0) at += 2 + (head[at] ?? 0) + (head[at + 1] ?? 0) * 256;
  for (const text of [FLAG.name, FLAG.comment]) {
    if ((flags & text) === 0) continue;
    const nul = head.indexOf(0, at);
    if (nul < 0) throw invalid(offset, "its header does not end");
    at = nul + 1;
  }
  if ((flags & FLAG.headerCrc) !== 0) at += 2;
  if (at > head.length) throw invalid(offset, "its header is cut off");
  return at;
}

function invalid(offset: number, is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "inspect/gzip-invalid",
    `Cannot read the gzip data at ${offset}: ${is}, a whole member was wanted`,
    {
      cause,
    },
  );
}
