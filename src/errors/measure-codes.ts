/**
 * Codes of errors about measurements: exit status and meaning. docs/errors.md is made of these tables.
 */
import type { ErrorCode } from "./error-code.js";

export const measureCodes: Readonly<Record<string, ErrorCode>> = {
  "measure/cmdline-unmeasured": {
    exit: 1,
    meaning: "No register of a TD would hold the command line: a host could replace it unseen.",
  },
  "measure/disk-needed": { exit: 2, meaning: "The disk's partition table is measured too, and only a UKI was given." },
  "measure/disk-unknown": { exit: 1, meaning: "A disk boots in a way whose measurements are not known." },
  "measure/environment-incomplete": {
    exit: 2,
    meaning: "Something that RTMR0 follows from is not stated: firmware, memory, an ACPI file, a boot option.",
  },
  "measure/environment-invalid": {
    exit: 1,
    meaning: "What is stated of the machine around a TD is damaged or cannot be: memory, ACPI files, SMBIOS.",
  },
  "measure/event-log-invalid": { exit: 1, meaning: "A file that should be a TCG or CC event log is damaged or none." },
  "measure/expected-invalid": { exit: 1, meaning: "A file of expected measurements cannot be read." },
  "measure/file-missing": { exit: 2, meaning: "A file that was named on the command line is not there." },
  "measure/firmware-invalid": { exit: 1, meaning: "A firmware file has no TDX metadata, or damaged ones." },
  "measure/not-a-uki": { exit: 1, meaning: "A PE file to be measured is no unified kernel image." },
  "measure/not-enrolled": { exit: 2, meaning: "No certificate in the stated db vouches for what is to be started." },
  "measure/not-signed": { exit: 2, meaning: "Secure Boot is stated to be on, but the UKI is not signed." },
  "measure/option-unknown": { exit: 2, meaning: "An option of `measure` has a value that is not known." },
  "measure/profile-unknown": {
    exit: 1,
    meaning: "What this stub, kernel and way of booting measure together is not known; nothing is guessed.",
  },
  "measure/shape-impossible": { exit: 1, meaning: "A shape of output needs what was not predicted." },
};
