/** The errors of EROFS images. */
import { byteStringToText } from "../../bytes/content.js";
import type { Layout } from "../../bytes/layout.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** The image is damaged, or hostile. */
export function corrupt(is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "filesystem/erofs-invalid",
    `Cannot read the EROFS image: ${is}, an intact image was wanted`,
    cause === undefined ? {} : { cause },
  );
}

/** A sound image that is not read here. */
export function unsupported(is: string): AssembleError {
  return new AssembleError(
    "filesystem/erofs-unsupported",
    `Cannot read the EROFS image: ${is}, plain files or such of lz4, deflate or zstd were wanted`,
  );
}

/** What the format cannot hold. */
export function unrepresentable(path: string, is: string): AssembleError {
  return new AssembleError(
    "filesystem/erofs-unrepresentable",
    `Cannot put ${byteStringToText(path) || "/"} into the EROFS image: ${is}`,
  );
}

/** What cannot be asked for. */
export function wrongOption(is: string, wanted: string): AssembleError {
  return new AssembleError("filesystem/erofs-options", `Cannot write the EROFS image: ${is}, ${wanted} was wanted`);
}

/** Decodes a structure of an image. @throws AssembleError `filesystem/erofs-invalid` */
export function decodeStructure<T>(structure: Layout<T>, bytes: Uint8Array, offset = 0): T {
  try {
    return structure.decode(bytes, offset);
  } catch (cause) {
    if (cause instanceof RangeError) throw corrupt(cause.message, cause);
    throw cause;
  }
}
