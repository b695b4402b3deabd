/**
 * Codes of errors about commands that work on a finished image: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const commandCodes: Readonly<Record<string, ErrorCode>> = {
  "run/artifact-invalid": { exit: 2, meaning: "The file to run is no UKI for amd64." },
  "run/disk-invalid": { exit: 2, meaning: "A disk of `run` cannot be attached or made." },
  "run/ended": { exit: 1, meaning: "The machine ended before a text appeared on its console." },
  "run/firmware-missing": { exit: 1, meaning: "There is no UEFI firmware for QEMU on this host." },
  "run/qemu-failed": {
    exit: 1,
    meaning: "QEMU ended with an error; its words are in the message (a port that is taken, a locked disk, …).",
  },
  "run/qemu-missing": { exit: 1, meaning: "There is no QEMU on this host." },
  "run/timeout": { exit: 1, meaning: "A text did not appear on the console in time." },
  "codec/der-invalid": { exit: 1, meaning: "A certificate or signature is no sound DER." },
  "diff/disk-too-large": { exit: 1, meaning: "A disk inside an archive holds more data than is compared in memory." },
  "diff/file-missing": { exit: 2, meaning: "There is no file or directory to compare at that path." },
  "diff/no-tree": { exit: 2, meaning: "A directory is compared with an artifact that is no tree of files." },
  "sbom/file-missing": { exit: 2, meaning: "An artifact to describe, or a file that its recipe names, is not there." },
  "sbom/no-manifest": { exit: 2, meaning: "An artifact to describe has no manifest of its own beside it." },
  "sbom/no-recipe": { exit: 2, meaning: "An artifact is to be described, and its recipe is not named." },
  "sbom/other-lock": { exit: 1, meaning: "An artifact to describe was not built from the recipe's lock." },
  "sign/already-signed": { exit: 1, meaning: "A file that is to be signed has a signature." },
  "sign/certificate-invalid": { exit: 2, meaning: "A certificate cannot be read." },
  "sign/file-missing": { exit: 2, meaning: "A file to sign, a key, a certificate or a signature is not there." },
  "sign/key-exists": { exit: 2, meaning: "`keys generate` would write over keys." },
  "sign/key-invalid": { exit: 2, meaning: "A private key cannot be read, or is not of RSA." },
  "sign/key-mismatch": { exit: 2, meaning: "A certificate is not that of the key." },
  "sign/options": { exit: 2, meaning: "`sign` is given no key and no signature." },
  "sign/certificate-expired": {
    exit: 1,
    meaning: "A warning that does not end the build: firmware does not ask for a certificate's dates, others may.",
  },
  "sign/certificate-missing": { exit: 2, meaning: "`secureBoot` or `pcrSigning` lacks the certificate or public key." },
  "sign/signer-failed": { exit: 1, meaning: "The command that is to sign did not." },
  "sign/signature-invalid": { exit: 1, meaning: "A signature is none that firmware takes, or is damaged." },
  "verify/file-missing": { exit: 2, meaning: "A file that is to be verified, or that was named for it, is not there." },
  "verify/format-unknown": { exit: 2, meaning: "An artifact to verify is no output of a build." },
  "verify/no-packages": { exit: 2, meaning: "`--packages` is given, but nothing says what the image is made of." },
  "verify/packages-invalid": { exit: 1, meaning: "What should be the list of a rebuilderd instance is none." },
  "verify/tool-version": {
    exit: 1,
    meaning: "A warning that does not end the work: the image was made by another version of this tool.",
  },
  "verify/manifest-invalid": { exit: 1, meaning: "A manifest cannot be read." },
  "inspect/deb-invalid": { exit: 1, meaning: "A package lacks its control or data archive." },
  "inspect/directory-not-empty": { exit: 2, meaning: "`--extract` names a directory with files in it." },
  "inspect/extract-failed": { exit: 1, meaning: "A file of an artifact could not be written." },
  "inspect/file-missing": { exit: 2, meaning: "There is no file to inspect at that path." },
  "inspect/format-unknown": {
    exit: 2,
    meaning: "The file, or a part of an initramfs, is of no format that `inspect` knows.",
  },
  "inspect/gzip-invalid": { exit: 1, meaning: "A gzip member of an initramfs is damaged." },
  "inspect/path-missing": { exit: 2, meaning: "`--cat` names a path that is not in the artifact." },
  "inspect/path-not-file": { exit: 2, meaning: "`--cat` names a directory or device." },
  "inspect/path-unsafe": {
    exit: 1,
    meaning: "An artifact has a path that would leave the directory, or clashes with another.",
  },
  "inspect/zstd-invalid": { exit: 1, meaning: "A zstd frame of an initramfs is damaged." },
};
