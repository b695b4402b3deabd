/** The errors of the zstd decoder. */

import { AssembleError } from "../../errors/assemble-error.js";

/** The data ends too early. */
export function truncated(): AssembleError {
  return new AssembleError(
    "codec/zstd-truncated",
    "Cannot decode zstd data: it ends in the middle, a complete file was wanted",
  );
}

/** The data is not what its encoder wrote. */
export function corrupt(found: string): AssembleError {
  return new AssembleError("codec/zstd-corrupt", `Cannot decode zstd data: it holds ${found}, intact data was wanted`);
}

/** A valid file that this decoder does not read. */
export function unsupported(found: string): AssembleError {
  return new AssembleError("codec/zstd-unsupported", `Cannot decode zstd data: it uses ${found}, which is not read`);
}
