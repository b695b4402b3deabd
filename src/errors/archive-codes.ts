/**
 * Codes of errors about archives, mirrors and files: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const archiveCodes: Readonly<Record<string, ErrorCode>> = {
  "apt/component-not-found": {
    exit: 2,
    meaning: "A suite has no index for a component of the recipe, or none for its architecture.",
  },
  "apt/configure-impossible": {
    exit: 1,
    meaning: "No order of configuring gives every package its dependencies first.",
  },
  "apt/conflict": {
    exit: 1,
    meaning: "Packages that the recipe needs cannot be installed together; the message has the chain.",
  },
  "apt/control-invalid": { exit: 1, meaning: "A record of an index lacks a field that every package has." },
  "apt/excluded-package-needed": {
    exit: 2,
    meaning: "The recipe excludes a package (`-name`) that something else in it needs.",
  },
  "apt/index-damaged": {
    exit: 4,
    meaning: "A Packages index has the sum its Release states but cannot be decoded, or has another size.",
  },
  "apt/kernel-not-found": {
    exit: 1,
    meaning: "A kernel meta package depends on a kernel that no archive of the recipe has.",
  },
  "apt/key-invalid": { exit: 4, meaning: "A key file is no OpenPGP key, or a shipped key is not the pinned one." },
  "apt/key-missing": { exit: 2, meaning: "An archive that is not Debian's has no key file, or it cannot be read." },
  "apt/key-unknown": { exit: 4, meaning: "A Release is signed, but by no key that may sign this suite." },
  "apt/mirror-invalid": {
    exit: 2,
    meaning: "A mirror given by `--mirror`, `TDX_ASSEMBLE_MIRROR` or the recipe is not a URL of an archive.",
  },
  "apt/order-impossible": { exit: 1, meaning: "No order of unpacking gives every package its pre-dependencies first." },
  "apt/package-word-invalid": { exit: 2, meaning: "A word of `packages` is no package, version or suite." },
  "apt/relation-invalid": { exit: 1, meaning: "A relation between packages cannot be read." },
  "apt/release-downgrade": { exit: 4, meaning: "A mirror offers a Release older than the one the lock trusts." },
  "apt/release-expired": { exit: 4, meaning: "The Valid-Until of a Release has passed." },
  "apt/release-malformed": { exit: 4, meaning: "A Release file cannot be parsed or names files outside its suite." },
  "apt/release-wrong-suite": { exit: 4, meaning: "A Release is of another suite than the one asked for." },
  "apt/signature-invalid": {
    exit: 4,
    meaning:
      "A signature does not fit the Release, was made after its key expired, or there is text outside the armour.",
  },
  "apt/signature-missing": { exit: 4, meaning: "A Release is not signed." },
  "apt/suite-not-found": { exit: 2, meaning: "No mirror has the suite." },
  "apt/triggers-invalid": { exit: 1, meaning: "The triggers file of a package cannot be read." },
  "apt/unknown-package": { exit: 2, meaning: "No archive of the recipe has a package of that name." },
  "apt/unsatisfiable": {
    exit: 1,
    meaning: "A dependency cannot be satisfied; the message has the chain that leads to it.",
  },
  "apt/version-not-found": {
    exit: 2,
    meaning: "A package is there, but not in the version or from the suite that was asked for.",
  },
  "apt/weak-digest": { exit: 4, meaning: "A signature or a list of files rests on MD5, SHA-1 or RIPE-MD/160 alone." },
  "io/cache-damaged": { exit: 1, meaning: "A file of the cache no longer has the bytes that were put there." },
  "io/disk-full": { exit: 1, meaning: "The disk of the cache or of the output is full." },
  "io/download-failed": { exit: 3, meaning: "No mirror gave the file, after retries." },
  "io/download-mismatch": { exit: 4, meaning: "A file had the wrong size or sha256 twice." },
  "io/file-exists": { exit: 2, meaning: "A file that is to be made is there already." },
  "io/failed": { exit: 1, meaning: "The operating system refused to read or write a file." },
  "io/file-changed": { exit: 1, meaning: "A file of the recipe changed while the build ran." },
  "io/not-permitted": { exit: 1, meaning: "A file or directory may not be read or written." },
  "io/offline-missing": { exit: 3, meaning: "`--offline` was given and the cache does not have what is needed." },
  "io/unsupported-file": { exit: 2, meaning: "A directory of the recipe has a device, a pipe or a socket in it." },
  "io/wrong-hash": { exit: 4, meaning: "Bytes do not have the sha256 under which they were to be kept." },
};
