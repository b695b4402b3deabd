/**
 * Compresses with zlib's container (RFC 1950): deflate by pako, pinned to an exact version because `node:zlib` gives other bytes on other
 * versions and processors. Checked by: unsquashfs.
 */
import { deflate } from "pako";

/** One zlib stream of the bytes, with a window of 32 KiB. */
export function compressZlib(bytes: Uint8Array, level: number): Uint8Array {
  return deflate(bytes, { level: level as 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9, memLevel: 8 });
}
