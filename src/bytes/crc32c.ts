/**
 * CRC-32C (Castagnoli, polynomial 0x82F63B78 reflected; RFC 3720 §B.4), as ext4 uses it: the bare register, which starts with all bits set
 * where nothing came before and is not inverted at the end.
 */

import { makeCrcTable, updateCrc } from "./reflected-crc.js";

const TABLE = makeCrcTable(0x82f63b78);

/** The register after `bytes`; `register` is that of what came before. */
export function crc32c(bytes: Uint8Array, register = 0xffffffff): number {
  return updateCrc(TABLE, register, bytes);
}
