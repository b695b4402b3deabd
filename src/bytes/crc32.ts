/**
 * CRC-32 (ISO-HDLC, polynomial 0xEDB88320 reflected), as used by gzip, GPT and xz.
 */

import { makeCrcTable, updateCrc } from "./reflected-crc.js";

const TABLE = makeCrcTable(0xedb88320);

/** The CRC-32 of `bytes`, or its continuation when `crc` is the value of what came before. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  return ~updateCrc(TABLE, ~crc >>> 0, bytes) >>> 0;
}
