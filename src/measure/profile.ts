/**
 * Profiles: who measures what depends on versions and on the way of booting. A combination that has not been observed is
 * refused, never guessed.
 */

import { AssembleError } from "../errors/assemble-error.js";
import type { MeasuredUki } from "./read-uki.js";

/** How the UKI is started: from an ESP, as QEMU's `-kernel`, or by systemd-boot. */
export type BootPath = "esp" | "kernel" | "systemd-boot";
export const bootPaths: readonly BootPath[] = ["esp", "kernel", "systemd-boot"];

/** In what order MRTD is extended: each page added and then measured, or all pages of a section added first. */
export type MrtdOrder = "single-pass" | "two-pass";
export const mrtdOrders: readonly MrtdOrder[] = ["single-pass", "two-pass"];

/** Presets; `qemu-tpm` is a machine with a TPM and without TDX. */
export type Platform = "qemu-tdx" | "gcp" | "azure" | "self-hosted" | "qemu-tpm";
export const platforms: readonly Platform[] = ["qemu-tdx", "gcp", "azure", "self-hosted", "qemu-tpm"];

/** Everything a prediction depends on beyond the artifact. */
export interface Profile {
  readonly platform: Platform;
  readonly bootPath: BootPath;
  readonly secureBoot: boolean;
  readonly stubVersion: number;
  readonly kernelRelease: string;
  readonly mrtd: MrtdOrder;
  /** Whether the machine is a confidential VM: TDX registers are there, and the stub trusts less. */
  readonly tdx: boolean;
  /** Whether there is a TPM with PCRs. */
  readonly tpm: boolean;
  /** The stub measures the UKI's sections also into TDX registers (systemd 256). */
  readonly stubMeasuresToTdx: boolean;
  /** The kernel's EFI stub measures command line and initrd also into TDX registers (Linux 6.9). */
  readonly kernelMeasuresToTdx: boolean;
  /** Starting the kernel inside the UKI is measured by the firmware. */
  readonly innerKernelMeasured: boolean;
}

/** What is stated of a boot. */
export interface ProfileOptions {
  readonly platform: Platform;
  readonly bootPath: BootPath;
  readonly secureBoot: boolean;
  readonly mrtd?: MrtdOrder | undefined;
  /** Major version of systemd-boot, where it starts the UKI. */
  readonly bootManagerVersion?: number | undefined;
}

/**
 * Versions of systemd's stub whose measurements are known: those of Debian bookworm, trixie and sid, which were booted (252, 257, 262;
 * test/nightly/measure.test.ts), and 255, whose published values a cloud's TPM confirmed (test/measure/vectors.test.ts). Of the versions between
 * nothing is concluded, not even where their source looks the same.
 */
export const stubVersions: readonly number[] = [252, 255, 257, 262];
/** systemd-boot up to here hands the UKI's own command line over as load options, and measures it itself. */
export const BOOT_MANAGER_WITH_OPTIONS = 252;
/** From here on it hands nothing over, and measures its loader.conf. */
const BOOT_MANAGER_WITHOUT_OPTIONS = 257;
const KERNEL_MIN = [6, 1] as const;
const KERNEL_WITH_CC = [6, 9] as const;

/**
 * Chooses the profile of a UKI.
 *
 * @throws AssembleError `measure/profile-unknown`
 */
export function chooseProfile(uki: MeasuredUki, options: ProfileOptions): Profile {
  const { platform, bootPath, secureBoot } = options;
  const { stubVersion, kernelRelease } = uki;
  if (!stubVersions.includes(stubVersion))
    throw unknown(`its stub is that of systemd ${stubVersion}`, `one of ${stubVersions.join(", ")}`);
  checkBootManager(options, stubVersion);
  const kernel = /^(\d+)\.(\d+)/.exec(kernelRelease);
  if (kernel === null) throw unknown(`its kernel is ${kernelRelease}`, "a version like 6.12.1");
  const version = [Number(kernel[1]), Number(kernel[2])] as const;
  if (!atLeast(version, KERNEL_MIN)) throw unknown(`its kernel is ${kernelRelease}`, "Linux 6.1 or later");
  if ((platform === "gcp" || platform === "azure") && bootPath === "kernel")
    throw unknown(`${platform} boots it as -kernel`, "a disk");
  const tdx = platform !== "azure" && platform !== "qemu-tpm";
  return {
    ...{ platform, bootPath, secureBoot, stubVersion, kernelRelease, tdx },
    mrtd: options.mrtd ?? "single-pass",
    // A machine with TDX registers may have a virtual TPM beside; what it holds is the host's word there.
    tpm: platform !== "gcp",
    stubMeasuresToTdx: stubVersion >= 256,
    kernelMeasuresToTdx: atLeast(version, KERNEL_WITH_CC),
    innerKernelMeasured: !secureBoot && stubVersion < 258,
  };
}

function checkBootManager({ bootManagerVersion: version, secureBoot }: ProfileOptions, stub: number): void {
  if (version === undefined || (version >= BOOT_MANAGER_WITHOUT_OPTIONS && stub >= BOOT_MANAGER_WITHOUT_OPTIONS))
    return;
  if (version !== BOOT_MANAGER_WITH_OPTIONS || stub !== version)
    throw unknown(
      `systemd-boot ${version} starts a stub of systemd ${stub}`,
      `both of ${BOOT_MANAGER_WITH_OPTIONS}, or of ${BOOT_MANAGER_WITHOUT_OPTIONS} and later`,
    );
  if (secureBoot) throw unknown(`systemd-boot ${version} runs with Secure Boot on`, "Secure Boot off, or a later one");
}

function atLeast(version: readonly [number, number], least: readonly [number, number]): boolean {
  return version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1]);
}

function unknown(is: string, wanted: string): AssembleError {
  return new AssembleError("measure/profile-unknown", `Cannot predict the measurements: ${is}, ${wanted} was wanted`, {
    hint: "what such a combination measures has not been observed; replay the event log of a boot instead",
  });
}
