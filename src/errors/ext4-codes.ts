/**
 * Codes of errors about ext4 file systems and dm-verity: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const ext4Codes: Readonly<Record<string, ErrorCode>> = {
  "ext4/corrupt": { exit: 1, meaning: "An ext4 file system that is read is damaged." },
  "ext4/lost-found": { exit: 2, meaning: "The tree has a `/lost+found` that is no directory." },
  "ext4/options": {
    exit: 2,
    meaning: "An ext4 file system cannot have the label, size or journal that it should have.",
  },
  "ext4/too-small": {
    exit: 2,
    meaning: "The tree does not fit into an ext4 file system of the size that was asked for.",
  },
  "ext4/unrepresentable": {
    exit: 1,
    meaning: "A file of the tree has a time, an attribute, a number of links or a size that ext4 cannot hold.",
  },
  "ext4/unsupported": { exit: 1, meaning: "An ext4 file system has a feature that is not read here." },
  "verity/corrupt": {
    exit: 4,
    meaning: "A block of the data or of its hash tree is not what the root hash stands for.",
  },
  "verity/data-changed": { exit: 1, meaning: "The data changed between the two times that its hash tree was made." },
  "verity/size-unaligned": { exit: 1, meaning: "The data for a hash tree is not whole blocks." },
  "verity/superblock-invalid": { exit: 1, meaning: "A verity superblock is damaged, or of a kind that is not read." },
  "verity/unsupported": { exit: 2, meaning: "A hash tree of this form (block size, salt, empty data) cannot be made." },
};
