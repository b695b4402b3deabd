/**
 * RTMR0 to RTMR3: the TDX registers that are extended at run time. Firmware maps PCR 1 and 7 to RTMR0, 2 to 6 to RTMR1, 8 to
 * 15 to RTMR2 (UEFI 2.10 §38.4.1); RTMR3 is left to programs.
 *
 * The digests are those of the SHA-384 bank of a TPM, which booted images confirm; the order across PCRs is theirs too.
 */

import type { Digests, MeasuredEvent, Register } from "./event.js";
import { rtmrOf, separator } from "./event.js";
import { bootOptionEvent, startedPrograms } from "./pcr-4.js";
import { exitBootServicesEvents, gptEvent, loaderConfEvent } from "./pcr-5.js";
import { pcr9Events } from "./pcr-9.js";
import { pcr11Events } from "./pcr-11.js";
import { pcr12Events } from "./pcr-12.js";
import type { Profile } from "./profile.js";
import type { MeasuredUki } from "./read-uki.js";

/** What a disk adds to the measurements of its UKI. */
export interface MeasuredDisk {
  /** UEFI_GPT_DATA: header, number of entries, entries. */
  readonly gpt: Uint8Array;
  /** systemd-boot, where it starts the UKI. */
  readonly bootManager?:
    | { readonly version: number; readonly signed: boolean; readonly authenticode: Digests }
    | undefined;
  /** systemd-boot's loader/loader.conf. */
  readonly loaderConf?: Uint8Array | undefined;
}

/** RTMR1: partition table and programs. */
export function rtmr1(uki: MeasuredUki, profile: Profile, disk?: MeasuredDisk): Register {
  const events: MeasuredEvent[] = [];
  const programs = startedPrograms(uki, profile, disk?.bootManager?.authenticode);
  const start = [bootOptionEvent(), separator()];
  if (profile.bootPath === "kernel") events.push(programs.shift()!, ...start);
  else events.push(...start);
  if (disk !== undefined) events.push(gptEvent(disk.gpt));
  if (disk?.bootManager !== undefined) events.push(programs.shift()!);
  if (disk?.loaderConf !== undefined) events.push(loaderConfEvent(disk.loaderConf));
  return rtmrOf(1, [...events, ...programs, ...exitBootServicesEvents()]);
}

/** RTMR2: sections, command line and initrd, as far as stub and kernel measure into TDX registers. */
export async function rtmr2(
  uki: MeasuredUki,
  profile: Profile,
  { commandLine, replaced }: { readonly commandLine: string; readonly replaced: string | undefined },
): Promise<Register> {
  const events: MeasuredEvent[] = [];
  if (profile.stubMeasuresToTdx) events.push(...(await pcr11Events(uki)), ...pcr12Events(replaced));
  if (profile.kernelMeasuresToTdx) events.push(...(await pcr9Events(uki, { commandLine, bootPath: profile.bootPath })));
  return rtmrOf(2, events);
}

/** RTMR3: nothing until a program extends it. */
export function rtmr3(): Register {
  return rtmrOf(3, []);
}
