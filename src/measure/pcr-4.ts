/**
 * PCR 4: the programs that firmware starts, by their Authenticode digests (TCG PFP §3.3.4.5). In a TDX VM: RTMR1.
 */

import { action, type Digests, type MeasuredEvent, separator } from "./event.js";
import type { Profile } from "./profile.js";
import type { MeasuredUki } from "./read-uki.js";

/** The event of a program that is started. */
export function applicationEvent(what: string, digests: Digests): MeasuredEvent {
  return { type: "EV_EFI_BOOT_SERVICES_APPLICATION", what: `Authenticode digest of ${what}`, digests };
}

/** Says that a boot option is tried. */
export function bootOptionEvent(): MeasuredEvent {
  return action("Calling EFI Application from Boot Option");
}

/** The programs of a boot, in their order; `bootManager` where systemd-boot starts the UKI. */
export function startedPrograms(uki: MeasuredUki, profile: Profile, bootManager?: Digests): MeasuredEvent[] {
  const events: MeasuredEvent[] = [];
  if (bootManager !== undefined) events.push(applicationEvent("systemd-boot", bootManager));
  events.push(applicationEvent("the UKI", uki.authenticode));
  if (profile.innerKernelMeasured)
    events.push(applicationEvent("the kernel inside the UKI (.linux)", uki.kernelAuthenticode));
  return events;
}

/** The events of PCR 4. */
export function pcr4Events(uki: MeasuredUki, profile: Profile, bootManager?: Digests): MeasuredEvent[] {
  const programs = startedPrograms(uki, profile, bootManager);
  // QEMU's -kernel is loaded while the firmware still sets boot options up: before it says that it tries one.
  if (profile.bootPath === "kernel") return [programs[0]!, bootOptionEvent(), separator(), ...programs.slice(1)];
  return [bootOptionEvent(), separator(), ...programs];
}
