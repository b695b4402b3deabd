/**
 * A kernel module's file as it was before it was compressed.
 */
import { gunzipSync } from "node:zlib";
import { decodeXzBytes } from "../../../codec/xz/decode-xz.js";
import { decodeZstdBytes } from "../../../codec/zstd/decode-zstd.js";

/** A module larger than this is refused before memory is taken. */
const MAX_MODULE_BYTES = 512 << 20;

/** Decompresses a module by the ending of its name. */
export function decodeModule(path: string, bytes: Uint8Array): Uint8Array {
  const limit = { maxBytes: MAX_MODULE_BYTES };
  if (path.endsWith(".xz")) return decodeXzBytes(bytes, limit);
  if (path.endsWith(".zst")) return decodeZstdBytes(bytes, limit);
  if (path.endsWith(".gz")) return gunzipSync(bytes, { maxOutputLength: MAX_MODULE_BYTES });
  return bytes;
}
