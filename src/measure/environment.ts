/**
 * The machine around a TD, as far as RTMR0 depends on it, and which machines are known.
 */

import { AssembleError } from "../errors/assemble-error.js";
import type { FirmwareBuild } from "./firmware-build.js";

/** A machine. What a guest of the same machine shows is where most of it comes from. */
export interface MachineEnvironment {
  /** All memory of the TD, as QEMU's `-m` states it. */
  readonly memoryBytes: number;
  /** edk2's release that the firmware was built of, where its file does not tell; not for Google Cloud, whose firmware is told by its MRTD. */
  readonly edk2?: string | undefined;
  /**
   * Files of QEMU's fw_cfg by their names there: `etc/table-loader`, `etc/acpi/rsdp`, `etc/acpi/tables`, and whatever else the first has
   * firmware load; for edk2 2026.08 also `bootorder`. Where only the SHA-384 digest of one is known, that (96 hex digits).
   */
  readonly firmwareConfiguration: ReadonlyMap<string, Uint8Array | string>;
  /** Values of `BootOrder`, `Boot0000`, …; needed unless the UKI is `-kernel`. */
  readonly bootVariables?: ReadonlyMap<string, Uint8Array> | undefined;
  /** The guest's /sys/firmware/dmi/tables/DMI; for edk2 2026.08. */
  readonly smbios?: Uint8Array | undefined;
  /** Disks of a machine of Google Cloud's beside its own: 0 or 1. */
  readonly furtherDisks?: number | undefined;
}

/** What a release of edk2 measures into RTMR0 beyond what all do. */
export interface Edk2Release {
  readonly name: string;
  /** `BootMenu` and `bootorder` of fw_cfg, and SMBIOS; its own boot options are two. */
  readonly measuresMore: boolean;
}

/** Releases whose events are known: Debian's firmware of both was booted (test/nightly/environment-boot.test.ts). */
const RELEASES: ReadonlyMap<string, Edk2Release> = new Map([
  ["2025.02", { name: "2025.02", measuresMore: false }],
  ["2026.08", { name: "2026.08", measuresMore: true }],
]);
/** The releases of edk2 that RTMR0 can be predicted for. */
export const edk2Releases: readonly string[] = [...RELEASES.keys()];

/**
 * The release of edk2 that a machine's firmware was built of: as stated, and as the file says where it does.
 *
 * @throws AssembleError `measure/profile-unknown`, `measure/environment-incomplete`
 */
export function edk2Release({ edk2: stated }: MachineEnvironment, build: FirmwareBuild): Edk2Release {
  const edk2 = stated ?? build.edk2;
  if (edk2 === undefined)
    throw incomplete("neither the firmware's version nor anything else says of which edk2 it is", {
      wanted: `one of ${edk2Releases.join(", ")}`,
      hint: "pass --edk2",
    });
  if (build.edk2 !== undefined && build.edk2 !== edk2)
    throw unknown(`the firmware is said to be edk2 ${edk2}, but its version begins with ${build.edk2}`, "the same");
  const release = RELEASES.get(edk2);
  if (release === undefined) throw unknown(`the firmware is edk2 ${edk2}`, `one of ${edk2Releases.join(", ")}`);
  if (release.measuresMore === build.measuresSmbios) return release;
  const measures = build.measuresSmbios ? "measures SMBIOS" : "does not measure SMBIOS";
  throw unknown(`the firmware is said to be edk2 ${edk2}, but ${measures}`, "one that does as its release");
}

/** A combination of which nothing is known. */
export function unknown(is: string, wanted: string): AssembleError {
  return new AssembleError("measure/profile-unknown", `Cannot predict RTMR0: ${is}, ${wanted} was wanted`, {
    hint: "take RTMR0 from the event log of a boot instead: --event-log",
  });
}

/** Something is missing. */
export function incomplete(
  is: string,
  { wanted, hint }: { readonly wanted: string; readonly hint: string },
): AssembleError {
  return new AssembleError("measure/environment-incomplete", `Cannot predict RTMR0: ${is}, ${wanted} was wanted`, {
    hint,
  });
}
