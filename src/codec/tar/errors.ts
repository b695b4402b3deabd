/** The errors of the tar reader. */

import { AssembleError } from "../../errors/assemble-error.js";

/** The archive is damaged. */
export function tarError(found: string): AssembleError {
  return new AssembleError(
    "codec/tar-corrupt",
    `Cannot read a tar archive: it has ${found}, an intact archive was wanted`,
  );
}

/** The archive ends too early. */
export function tarTruncated(at: number): AssembleError {
  return new AssembleError(
    "codec/tar-truncated",
    `Cannot read a tar archive: it ends at ${at} in the middle, a complete archive was wanted`,
  );
}

/** A valid archive with something that has no place in a root file system. */
export function tarUnsupported(found: string): AssembleError {
  return new AssembleError(
    "codec/tar-unsupported",
    `Cannot read a tar archive: it has ${found}, files, directories, links, devices and fifos are read`,
  );
}
