/**
 * Codes of errors about squashfs images: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const squashfsCodes: Readonly<Record<string, ErrorCode>> = {
  "filesystem/squashfs-acl": {
    exit: 1,
    meaning: "A warning that does not end the build: a squashfs image cannot hold access control lists.",
  },
  "filesystem/squashfs-invalid": { exit: 1, meaning: "A squashfs image is damaged." },
  "filesystem/squashfs-options": { exit: 2, meaning: "A squashfs image is to have a block size that there is not." },
  "filesystem/squashfs-unrepresentable": {
    exit: 1,
    meaning: "The tree has a name, link, device, attribute or number of owners that a squashfs image cannot hold.",
  },
  "filesystem/squashfs-unsupported": {
    exit: 1,
    meaning: "A squashfs image is of another version than 4.0, or compressed with lzo or lzma.",
  },
};
