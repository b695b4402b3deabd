/** The errors of the squashfs reader. */
import type { Layout } from "../../bytes/layout.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** The image is damaged, or hostile. */
export function invalid(is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "filesystem/squashfs-invalid",
    `Cannot read the squashfs image: ${is}, an intact image was wanted`,
    cause === undefined ? {} : { cause },
  );
}

/** Decodes a structure of an image; a number beyond 2^53 is no sound place or size. @throws AssembleError `filesystem/squashfs-invalid` */
export function decodeStructure<T>(structure: Layout<T>, bytes: Uint8Array): T {
  try {
    return structure.decode(bytes);
  } catch (cause) {
    if (cause instanceof RangeError) throw invalid(cause.message, cause);
    throw cause;
  }
}

/** A sound image that this reader does not read. */
export function unsupported(is: string): AssembleError {
  return new AssembleError(
    "filesystem/squashfs-unsupported",
    `Cannot read the squashfs image: ${is}, version 4.0 with gzip, xz, lz4 or zstd was wanted`,
  );
}
