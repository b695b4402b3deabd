/**
 * Codes of errors about EROFS images: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const erofsCodes: Readonly<Record<string, ErrorCode>> = {
  "filesystem/erofs-invalid": { exit: 1, meaning: "An EROFS image is damaged." },
  "filesystem/erofs-options": { exit: 2, meaning: "An EROFS image is to have a label or clusters that there are not." },
  "filesystem/erofs-unrepresentable": {
    exit: 1,
    meaning: "The tree has a name, link, device or attribute that an EROFS image cannot hold.",
  },
  "filesystem/erofs-unsupported": {
    exit: 1,
    meaning:
      "An EROFS image has a feature that is not read here: LZMA, fragments, inline clusters, chunks, further devices.",
  },
};
