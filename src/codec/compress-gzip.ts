/**
 * Compresses with gzip (RFC 1952): deflate by pako, pinned to an exact version because `node:zlib` gives other bytes on other
 * versions and processors; a header without name and time.
 */
import { gzip } from "pako";

/** One gzip member of the bytes. The header has neither a time nor a name, and says "unknown" for the system. */
export function compressGzip(bytes: Uint8Array, level: number): Uint8Array {
  const out = gzip(bytes, { level: level as 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 });
  out.fill(0, 4, 8);
  out[9] = 255;
  return out;
}
