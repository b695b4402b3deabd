/** The errors of the xz decoder. */

import { AssembleError } from "../../errors/assemble-error.js";

/** The data ends too early. */
export function truncated(): AssembleError {
  return new AssembleError(
    "codec/xz-truncated",
    "Cannot decode xz data: it ends in the middle, a complete .xz file was wanted",
  );
}

/** The data is not what its encoder wrote. */
export function corrupt(found: string): AssembleError {
  return new AssembleError("codec/xz-corrupt", `Cannot decode xz data: it holds ${found}, intact data was wanted`);
}

/** A valid file that this decoder does not read. */
export function unsupported(found: string): AssembleError {
  return new AssembleError(
    "codec/xz-unsupported",
    `Cannot decode xz data: it uses ${found}, only the LZMA2 filter with check none, CRC32, CRC64 or SHA-256 is read`,
  );
}
