/**
 * Codes of errors about ext4 file systems and dm-verity: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const ext4Codes: Readonly<Record<string, ErrorCode>> = {
  "verity/corrupt": {
    exit: 4,
    meaning: "A block of the data or of its hash tree is not what the root hash stands for.",
  },
  "verity/data-changed": { exit: 1, meaning: "The data changed between the two times that its hash tree was made." },
  "verity/size-unaligned": { exit: 1, meaning: "The data for a hash tree is not whole blocks." },
  "verity/superblock-invalid": { exit: 1, meaning: "A verity superblock is damaged, or of a kind that is not read." },
  "verity/unsupported": { exit: 2, meaning: "A hash tree of this form (block size, salt, empty data) cannot be made." },
};
