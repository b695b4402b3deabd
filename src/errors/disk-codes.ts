/**
 * Codes of errors about disks, partition tables and FAT file systems: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const diskCodes: Readonly<Record<string, ErrorCode>> = {
  "disk/size-invalid": {
    exit: 2,
    meaning: "A disk is to be made with a size of nothing, or with one that its format cannot have.",
  },
  "disk/content-missing": {
    exit: 2,
    meaning:
      "`disk.partitions` has a partition that the image has nothing for: a second ESP, a root beside an initramfs.",
  },
  "disk/content-without-partition": {
    exit: 2,
    meaning: "`disk.partitions` lacks a partition that the image needs, such as the ESP.",
  },
  "disk/gcp-damaged": { exit: 1, meaning: "An archive for Google Cloud is damaged, or is none." },
  "disk/layout-fixed": { exit: 2, meaning: "`disk.partitions` adds to a layout that has an ESP and nothing else." },
  "disk/partition-size": { exit: 2, meaning: "A partition has no size, or one that its content does not fit into." },
  "disk/partitions-overlap": {
    exit: 2,
    meaning: "A plan given to the library has partitions that overlap, or that leave the disk.",
  },
  "disk/qcow2-damaged": { exit: 1, meaning: "A qcow2 disk is damaged." },
  "disk/qcow2-unsupported": {
    exit: 1,
    meaning: "A qcow2 disk has a backing file, encryption, compression or another thing that is not read.",
  },
  "disk/too-many-partitions": { exit: 2, meaning: "`disk.partitions` has more than 128 partitions." },
  "disk/too-small": { exit: 2, meaning: "`disk.size` is too small for the partitions." },
  "disk/vhd-damaged": { exit: 1, meaning: "A VHD is damaged." },
  "disk/vhd-unsupported": { exit: 1, meaning: "A VHD is of a type that is not read, such as a differencing one." },
  "fat/damaged": { exit: 1, meaning: "A FAT file system is damaged, or of a kind that is not read." },
  "fat/directory-full": { exit: 1, meaning: "A directory would have more entries than FAT allows." },
  "fat/file-too-large": { exit: 1, meaning: "A file for a FAT file system has 4 GiB or more." },
  "fat/label-invalid": { exit: 2, meaning: "A FAT label is not of 1 to 11 upper-case letters, digits or blanks." },
  "fat/name-clash": { exit: 1, meaning: "Two names in a FAT directory are the same, or differ in case only." },
  "fat/name-invalid": { exit: 1, meaning: "A name has a character that FAT does not allow, or is too long." },
  "fat/not-fat": { exit: 1, meaning: "What should be a FAT file system is none." },
  "fat/size-invalid": { exit: 2, meaning: "A FAT file system is to have a size that its type cannot have." },
  "fat/too-small": { exit: 2, meaning: "The files do not fit into a FAT file system of that size." },
  "gpt/damaged": { exit: 1, meaning: "Neither of a disk's two partition tables is whole." },
};
