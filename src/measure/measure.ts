/**
 * `measure`: what a TPM's PCRs and a TD's registers hold after an artifact has booted, each with the events that lead there.
 */

import { type Content, readContent } from "../bytes/content.js";
import { hashContent } from "../bytes/hash-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { MachineEnvironment } from "./environment.js";
import { type Digests, digestsOf, type MeasuredEvent, pcrOf, type Register } from "./event.js";
import { mrtdOf } from "./mrtd.js";
import { pcr4Events } from "./pcr-4.js";
import { pcr5Events } from "./pcr-5.js";
import { type EnrolledKeys, pcr7Events } from "./pcr-7.js";
import { pcr9Events } from "./pcr-9.js";
import { pcr11Events } from "./pcr-11.js";
import { pcr12Events, takesLoadOptions } from "./pcr-12.js";
import { pcr13Events } from "./pcr-13.js";
import {
  BOOT_MANAGER_WITH_OPTIONS,
  type BootPath,
  chooseProfile,
  type MrtdOrder,
  type Platform,
  type Profile,
} from "./profile.js";
import { isDisk, type ReadDisk, readDisk } from "./read-disk.js";
import { type MeasuredUki, readUki } from "./read-uki.js";
import { rtmr1, rtmr2, rtmr3 } from "./rtmr.js";
import { rtmr0FromLog, rtmr0Of } from "./rtmr-0.js";
import { mangleCommandLine } from "./stub-command-line.js";

/** What is measured, and how it boots. */
export interface MeasureOptions {
  /** Default `qemu-tdx`. */
  readonly platform?: Platform | undefined;
  /** Default: what the artifact says, `kernel` for a UKI. */
  readonly bootPath?: BootPath | undefined;
  readonly secureBoot?: boolean | undefined;
  /** The keys in the machine's firmware, with Secure Boot on: PCR 7 follows from them. */
  readonly enrolled?: EnrolledKeys | undefined;
  /** Default `single-pass`, as QEMU and Google Cloud do. */
  readonly mrtd?: MrtdOrder | undefined;
  /** A whole firmware file with TDX metadata: MRTD follows from it. */
  readonly firmware?: Content | undefined;
  /** An event log of the same environment, whose RTMR0 is taken over. */
  readonly eventLog?: Uint8Array | undefined;
  /** The machine around the TD: with the firmware, RTMR0 follows from it. */
  readonly environment?: MachineEnvironment | undefined;
  /** Load options that the host hands to the UKI, as QEMU's `-append` does. */
  readonly loadOptions?: string | undefined;
  /** What is let pass: `cmdline-unmeasured`. */
  readonly allow?: readonly string[] | undefined;
}

/** Everything that was predicted. */
export interface Measurements {
  readonly format: "tdx-assemble/measurements/1";
  readonly artifact: { readonly kind: "uki" | "disk"; readonly sha256: string; readonly bytes: number };
  readonly profile: Profile;
  /** The command line that the kernel starts with. */
  readonly commandLine: string;
  /** PCRs in the order of their numbers, then MRTD and RTMRs. */
  readonly registers: readonly Register[];
  /** What verifiers that compute registers themselves start from. */
  readonly inputs: {
    readonly ukiAuthenticode: Digests;
    readonly kernelAuthenticode: Digests;
    readonly commandLine?: Digests | undefined;
    readonly initrd?: Digests | undefined;
    readonly gpt?: Digests | undefined;
  };
}

const FIRMWARE_BYTES_MAX = 1 << 28;

/**
 * Predicts the measurements of a UKI or a disk image.
 *
 * @throws AssembleError `measure/…` for what cannot be predicted, and those of the formats
 * @example
 * ```ts
 * const { registers } = await measure(contentOfBytes(uki), { platform: "qemu-tdx" });
 * const rtmr1 = registers.find(({ name }) => name === "rtmr1")?.values.sha384;
 * ```
 */
export async function measure(artifact: Content, options: MeasureOptions = {}): Promise<Measurements> {
  const disk = isDisk(artifact) ? await readDisk(artifact) : undefined;
  const uki = await readUki(disk?.uki ?? artifact);
  const profile = profileOf(uki, disk, options);
  const { replaced, commandLine, measurers } = commandLines(uki, profile, {
    ...options,
    bootManager: disk?.bootManager?.version,
  });
  const handedOver = { commandLine, bootPath: profile.bootPath };
  const pcr9 = await pcr9Events(uki, handedOver);
  const registers: Register[] = [];
  if (profile.tpm) {
    registers.push(pcrOf(4, pcr4Events(uki, profile, disk?.bootManager?.authenticode)));
    // Azure's firmware is not open, and its image has one more table than ours: only what follows from the UKI is known.
    if (profile.platform !== "azure") registers.push(pcrOf(5, pcr5Events(disk?.gpt, disk?.loaderConf)));
    if (options.enrolled !== undefined)
      registers.push({
        ...pcrOf(7, await pcr7Events(disk?.programs ?? [artifact], options.enrolled)),
        boundTo: "firmware with these keys, and no others, enrolled",
      });
    registers.push(pcrOf(9, pcr9), pcrOf(11, await pcr11Events(uki)));
    registers.push(pcrOf(12, pcr12Events(replaced, measurers)), pcrOf(13, pcr13Events()));
  }
  if (profile.tdx) {
    const firmware = options.firmware === undefined ? undefined : await firmwareBytes(options.firmware);
    const programs = disk?.programs ?? [artifact];
    if (firmware !== undefined) registers.push(mrtdOf(firmware, profile.mrtd));
    if (options.eventLog !== undefined) registers.push(rtmr0FromLog(options.eventLog));
    if (options.environment !== undefined)
      registers.push(await rtmr0Of(options.environment, { firmware, profile, programs, enrolled: options.enrolled }));
    registers.push(rtmr1(uki, profile, disk), await rtmr2(uki, profile, { commandLine, replaced }), rtmr3());
  }
  const [line, initrd] = pcr9.map(({ digests }) => digests);
  return {
    format: "tdx-assemble/measurements/1",
    artifact: { kind: disk === undefined ? "uki" : "disk", sha256: await hashContent(artifact), bytes: artifact.size },
    profile,
    commandLine,
    registers,
    inputs: {
      ukiAuthenticode: uki.authenticode,
      kernelAuthenticode: uki.kernelAuthenticode,
      ...(line === undefined ? {} : { commandLine: line }),
      ...(initrd === undefined ? {} : { initrd }),
      ...(disk === undefined ? {} : { gpt: digestsOf(disk.gpt) }),
    },
  };
}

function profileOf(uki: MeasuredUki, disk: ReadDisk | undefined, options: MeasureOptions): Profile {
  const found: BootPath = disk === undefined ? "kernel" : disk.bootManager === undefined ? "esp" : "systemd-boot";
  const platform = options.platform ?? "qemu-tdx";
  // Azure's registers do not depend on the disk: there a UKI alone says enough.
  const fallback = disk === undefined && platform === "azure" ? "esp" : found;
  const bootPath = options.bootPath ?? fallback;
  const needsDisk = bootPath !== "kernel" && disk === undefined && platform !== "azure";
  if (needsDisk || (platform === "gcp" && disk === undefined))
    throw new AssembleError(
      "measure/disk-needed",
      "Cannot predict the measurements: the artifact is a UKI, but the disk's partition table is measured too; a disk was wanted",
      {
        hint: `build a disk (outputs: [${platform === "gcp" ? "gcp" : "raw"}]) and measure that${platform === "gcp" ? "" : ", or pass --boot kernel"}`,
      },
    );
  if (disk !== undefined && bootPath !== found)
    throw new AssembleError(
      "measure/profile-unknown",
      `Cannot predict the measurements: the artifact is a disk that boots by ${found}, ${bootPath} was wanted`,
    );
  const { secureBoot = false, mrtd, enrolled } = options;
  const unsigned = [
    ...(disk?.bootManager?.signed === false ? ["systemd-boot"] : []),
    ...(uki.signed ? [] : ["the UKI"]),
  ][0];
  if (secureBoot && unsigned !== undefined)
    throw new AssembleError(
      "measure/not-signed",
      `Cannot predict the measurements with Secure Boot on: ${unsigned} is not signed, a signed one was wanted`,
    );
  if (enrolled !== undefined && (!secureBoot || platform === "azure"))
    throw new AssembleError(
      "measure/profile-unknown",
      `Cannot predict PCR 7: ${secureBoot ? "Azure enrols keys of its own" : "Secure Boot is off"}, OVMF with Secure Boot on was wanted`,
    );
  if (
    options.environment !== undefined &&
    (platform === "azure" || platform === "qemu-tpm" || options.eventLog !== undefined)
  )
    throw new AssembleError(
      "measure/environment-invalid",
      `Cannot predict RTMR0 of the machine: ${options.eventLog === undefined ? `${platform} has none that is known` : "an event log was given too"}, a TD without one was wanted`,
    );
  const profile = chooseProfile(uki, {
    ...{ platform, bootPath, secureBoot, mrtd },
    bootManagerVersion: disk?.bootManager?.version,
  });
  refuseUnmeasuredCommandLine(uki, profile, options.allow ?? []);
  return profile;
}

/** Where neither stub nor kernel measures into TDX registers, the host may choose the command line unseen. */
function refuseUnmeasuredCommandLine(uki: MeasuredUki, profile: Profile, allow: readonly string[]): void {
  if (!profile.tdx || profile.stubMeasuresToTdx || profile.kernelMeasuresToTdx) return;
  if (!takesLoadOptions(profile, uki.commandLine) || allow.includes("cmdline-unmeasured")) return;
  throw new AssembleError(
    "measure/cmdline-unmeasured",
    `Cannot vouch for the image: its command line is in no TDX register (stub ${profile.stubVersion}, Linux ${profile.kernelRelease}), so that a host can replace it unseen; systemd 256 or Linux 6.9 was wanted`,
    { hint: "use a newer stub or kernel; measure: { allow: [cmdline-unmeasured] } lets it pass" },
  );
}

function commandLines(
  uki: MeasuredUki,
  profile: Profile,
  { loadOptions, bootManager }: MeasureOptions & { readonly bootManager: number | undefined },
): { readonly replaced: string | undefined; readonly commandLine: string; readonly measurers?: readonly string[] } {
  if (bootManager === BOOT_MANAGER_WITH_OPTIONS) {
    const own = uki.commandLine ?? "";
    return { replaced: own, commandLine: mangleCommandLine(own), measurers: ["systemd-boot", "systemd-stub"] };
  }
  const taken = loadOptions !== undefined && loadOptions !== "" && takesLoadOptions(profile, uki.commandLine);
  const replaced = taken ? loadOptions : undefined;
  return { replaced, commandLine: mangleCommandLine(replaced ?? uki.commandLine ?? "") };
}

async function firmwareBytes(content: Content): Promise<Uint8Array> {
  if (content.size <= FIRMWARE_BYTES_MAX) return readContent(content);
  throw new AssembleError(
    "measure/firmware-invalid",
    `Cannot read the firmware: it has ${content.size} bytes, at most ${FIRMWARE_BYTES_MAX} were wanted`,
  );
}

/** The events of a register. */
export function eventsOf(measurements: Measurements, name: string): readonly MeasuredEvent[] {
  return measurements.registers.find((register) => register.name === name)?.events ?? [];
}
