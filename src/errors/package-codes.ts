/**
 * Codes of errors about packages: their archives, unpacking, and scripts: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const packageCodes: Readonly<Record<string, ErrorCode>> = {
  "deb/malformed": { exit: 1, meaning: "A package is not built as a .deb is." },
  "deb/too-many-entries": { exit: 1, meaning: "A package has more entries than any that is sound." },
  "deb/unsafe-path": {
    exit: 4,
    meaning:
      "A package has a path that is absolute, has `..`, or leads through a symbolic link of its own: it is damaged or hostile.",
  },
  "deb/unsupported": { exit: 1, meaning: "A package is of a format version or compression that is not read." },
  "codec/ar-corrupt": { exit: 1, meaning: "An ar archive (a .deb) is damaged." },
  "codec/cpio-invalid": { exit: 1, meaning: "A cpio archive is damaged." },
  "codec/gzip-corrupt": { exit: 1, meaning: "Gzip data is damaged." },
  "codec/gzip-truncated": { exit: 1, meaning: "Gzip data ends in the middle." },
  "codec/lz4-corrupt": { exit: 1, meaning: "An LZ4 block is damaged." },
  "codec/newc-corrupt": { exit: 1, meaning: "A cpio archive is damaged." },
  "codec/newc-truncated": { exit: 1, meaning: "A cpio archive ends in the middle." },
  "codec/newc-unrepresentable": { exit: 1, meaning: "An entry has a value that a cpio archive cannot hold." },
  "codec/tar-corrupt": { exit: 1, meaning: "A tar archive is damaged." },
  "codec/tar-truncated": { exit: 1, meaning: "A tar archive ends in the middle." },
  "codec/tar-unsupported": { exit: 1, meaning: "A tar archive has an entry of a kind that is not read." },
  "codec/too-large": { exit: 1, meaning: "Data unpacks to more than its limit." },
  "codec/xz-corrupt": { exit: 1, meaning: "Xz data is damaged." },
  "codec/xz-truncated": { exit: 1, meaning: "Xz data ends in the middle." },
  "codec/xz-unsupported": { exit: 1, meaning: "Xz data uses a filter or check that is not read." },
  "codec/zstd-corrupt": { exit: 1, meaning: "Zstd data is damaged." },
  "codec/zstd-memory": { exit: 1, meaning: "One zstd frame is too large to be compressed in the memory there is." },
  "codec/zstd-truncated": { exit: 1, meaning: "Zstd data ends in the middle." },
  "codec/zstd-unsupported": { exit: 1, meaning: "Zstd data uses something that is not read, such as a dictionary." },
  "unpack/bad-conffiles": { exit: 1, meaning: "The list of configuration files of a package cannot be read." },
  "unpack/bad-hard-link": {
    exit: 1,
    meaning: "A hard link of a package leads to nothing that was unpacked before it.",
  },
  "unpack/directory-in-the-way": { exit: 1, meaning: "A package ships a file or link where the tree has a directory." },
  "unpack/file-conflict": {
    exit: 1,
    meaning: "Two packages ship the same file, and neither Replaces nor a diversion settles whose it is.",
  },
  "unpack/no-parent": {
    exit: 1,
    meaning:
      "A package (or a skeleton tree under it) has a file below something that is no directory, or has no entry for the directory.",
  },
  "configure/bad-preseed": { exit: 2, meaning: "A line of the recipe's `debconf` cannot be read." },
  "configure/bad-templates": { exit: 1, meaning: "A package's debconf templates cannot be read." },
  "configure/override-mismatch": {
    exit: 2,
    meaning: "An override of the recipe is pinned to another sha256 than the script has.",
  },
  "configure/override-unused": {
    exit: 2,
    meaning: "An override of the recipe names a script that no package of the image has.",
  },
  "configure/script-failed": { exit: 1, meaning: "A maintainer script ended with a status other than 0." },
  "shell/limit-exceeded": { exit: 1, meaning: "A script ran too many commands, wrote too much, or nested too deep." },
  "shell/unsupported-command": {
    exit: 1,
    meaning: "A script needs a command, an option or shell syntax that is not emulated.",
  },
  "script/failed": { exit: 1, meaning: "A script of the recipe ended with a status other than 0." },
  "script/interpreter": { exit: 2, meaning: "A script of the recipe asks for another interpreter than sh or bash." },
  "script/missing": { exit: 2, meaning: "A script of the recipe is not there." },
};
