/**
 * Errors of tree operations, named as the kernel names them, so that emulated commands can report what the real ones do.
 */

/** The errno values a tree operation can fail with. */
export type Errno =
  | "ENOENT"
  | "ENOTDIR"
  | "EISDIR"
  | "EEXIST"
  | "ELOOP"
  | "ENOTEMPTY"
  | "EINVAL"
  | "EXDEV"
  | "EPERM"
  | "EROFS"
  | "EBADF"
  | "EPIPE"
  | "ENAMETOOLONG"
  | "ENOSPC"
  | "ENXIO";

const TEXT: Record<Errno, string> = {
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EEXIST: "File exists",
  ELOOP: "Too many levels of symbolic links",
  ENOTEMPTY: "Directory not empty",
  EINVAL: "Invalid argument",
  EXDEV: "Invalid cross-device link",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  EBADF: "Bad file descriptor",
  EPIPE: "Broken pipe",
  ENAMETOOLONG: "File name too long",
  ENOSPC: "No space left on device",
  ENXIO: "No such device or address",
};

/** A failed tree operation; `text` is strerror's wording in the C locale. */
export class FileSystemError extends Error {
  override readonly name = "FileSystemError";
  readonly errno: Errno;
  readonly path: string;
  readonly text: string;

  constructor(errno: Errno, path: string) {
    super(`${path}: ${TEXT[errno]}`);
    this.errno = errno;
    this.path = path;
    this.text = TEXT[errno];
  }
}
