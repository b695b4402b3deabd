/**
 * BootOrder and Boot####: firmware measures their values when it begins to boot, in the order of the first. A machine that starts `-kernel`
 * has only firmware's own programs in them; what a disk adds depends on how it is attached, and comes from a guest.
 *
 * UEFI 2.10 §3.1.3 (load options), §10.3 (device paths); PI volume III §3.2.8 (volumes in device paths). Checked by: event logs of booted machines.
 */

import { guidBytes } from "../bytes/guid.js";
import { type Edk2Release, incomplete, type MachineEnvironment } from "./environment.js";
import { eventOf, type MeasuredEvent, utf16 } from "./event.js";
import type { BootPath } from "./profile.js";

/** OVMF's volume of drivers, and programs in it. */
const OVMF_VOLUME = guidBytes("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1");
const SETUP_PROGRAM = guidBytes("462caa21-7614-4503-836e-8ab6f4662331");
const BOOT_MENU_PROGRAM = guidBytes("eec25bdc-67f2-4d95-b1d5-f81b2039d11d");

const ACTIVE_APPLICATION = 0x101;
const HIDDEN = 0x8;
const VOLUME_NODE = [4, 7, 20, 0] as const;
const FILE_NODE = [4, 6, 20, 0] as const;
const END_NODE = [0x7f, 0xff, 4, 0] as const;

/** EFI_LOAD_OPTION of a program in firmware. */
function ownOption(attributes: number, description: string, file: Uint8Array): Uint8Array {
  const path = [...VOLUME_NODE, ...OVMF_VOLUME, ...FILE_NODE, ...file, ...END_NODE];
  return Uint8Array.of(
    ...[attributes & 0xff, attributes >> 8, 0, 0, path.length, 0],
    ...utf16(`${description}\0`),
    ...path,
  );
}

/** What OVMF has where nothing else is to be booted. */
function ownVariables({ measuresMore }: Edk2Release): ReadonlyMap<string, Uint8Array> {
  const hidden = ACTIVE_APPLICATION | HIDDEN;
  if (!measuresMore)
    return new Map([
      ["BootOrder", Uint8Array.of(0, 0)],
      ["Boot0000", ownOption(hidden, "UiApp", SETUP_PROGRAM)],
    ]);
  return new Map([
    ["BootOrder", Uint8Array.of(0, 0, 1, 0)],
    ["Boot0000", ownOption(hidden, "BootManagerMenuApp", BOOT_MENU_PROGRAM)],
    ["Boot0001", ownOption(ACTIVE_APPLICATION, "EFI Firmware Setup", SETUP_PROGRAM)],
  ]);
}

/**
 * The events of the boot options of a machine of QEMU's.
 *
 * @throws AssembleError `measure/environment-incomplete`
 */
export function bootOptionEvents(
  { bootVariables }: Pick<MachineEnvironment, "bootVariables">,
  { bootPath, release }: { readonly bootPath: BootPath; readonly release: Edk2Release },
): MeasuredEvent[] {
  const variables = bootVariables ?? (bootPath === "kernel" ? ownVariables(release) : undefined);
  const order = variables?.get("BootOrder");
  if (variables === undefined || order === undefined || order.length === 0 || order.length % 2 !== 0)
    throw missing("BootOrder");
  const events = [bootEvent("BootOrder", order)];
  for (let at = 0; at < order.length; at += 2) {
    const name = `Boot${Buffer.from([order[at + 1]!, order[at]!])
      .toString("hex")
      .toUpperCase()}`;
    const value = variables.get(name);
    if (value === undefined) throw missing(name);
    events.push(bootEvent(name, value));
  }
  return events;
}

/** Unlike variables of Secure Boot's, only the value is hashed. */
function bootEvent(name: string, value: Uint8Array): MeasuredEvent {
  return eventOf("EV_EFI_VARIABLE_BOOT", `the value of ${name}, ${value.length} bytes`, value);
}

function missing(name: string): Error {
  return incomplete(`a boot from a disk has the variable ${name} measured, which is not there`, {
    wanted: "BootOrder and each Boot#### that it names",
    hint: "copy /sys/firmware/efi/efivars/Boot* in a guest of the same environment, and pass the directory with --boot-variables",
  });
}
