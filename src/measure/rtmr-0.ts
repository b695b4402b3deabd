/**
 * RTMR0: the firmware's configuration: memory, ACPI tables, variables, boot options. It belongs to the machine and not to the image: it follows
 * from the firmware file and what a guest of the same environment shows, or is taken over from an event log, and is said to be bound to that.
 *
 * Intel TDX Virtual Firmware Design Guide §8.3 (what goes into RTMR0); the order is that of edk2. Checked by: event logs of TDs that others have
 * published, and of booted machines with a TPM, whose PCR 1 and 7 have the same events but the first two.
 */

import type { Content } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { acpiEvents } from "./acpi-events.js";
import { bootOptionEvents } from "./boot-options.js";
import { edk2Release, incomplete, type MachineEnvironment, unknown } from "./environment.js";
import { eventOf, type MeasuredEvent, type Register, rtmrOf } from "./event.js";
import { readEventLog } from "./event-log.js";
import { readFirmwareBuild } from "./firmware-build.js";
import { gcpEvents } from "./gcp-machine.js";
import { mrtdOf } from "./mrtd.js";
import { authorityEvents, type EnrolledKeys, variableEvents } from "./pcr-7.js";
import type { Profile } from "./profile.js";
import { measuredSmbios } from "./smbios.js";
import { type HobWriter, tdHob } from "./td-hob.js";
import { readTdvf, SECTION_CFV } from "./tdvf.js";
import { readVariableStore } from "./variable-store.js";

const GIB = 2 ** 30;

/** What RTMR0 follows from beside the machine. */
export interface Rtmr0Options {
  readonly firmware: Uint8Array | undefined;
  readonly profile: Profile;
  /** What firmware starts, in its order. */
  readonly programs: readonly Content[];
  /** Keys that are said to be enrolled: those in the firmware file, or none. */
  readonly enrolled?: EnrolledKeys | undefined;
}

/**
 * RTMR0 of a machine.
 *
 * @throws AssembleError `measure/profile-unknown`, `measure/environment-incomplete`, `measure/environment-invalid`, `measure/firmware-invalid`,
 * `measure/not-enrolled`
 */
export async function rtmr0Of(machine: MachineEnvironment, options: Rtmr0Options): Promise<Register> {
  const { firmware, profile } = options;
  if (firmware === undefined)
    throw incomplete("there is no firmware", {
      wanted: "the file that the TD starts",
      hint: "pass it with --firmware",
    });
  const { events, writer, madeOf } =
    profile.platform === "gcp"
      ? gcpMachine(machine, { firmware, secureBoot: profile.secureBoot })
      : await qemuMachine(machine, { ...options, firmware });
  return rtmrOf(
    0,
    [...memoryEvents(firmware, { memoryBytes: machine.memoryBytes, writer }), ...events],
    `a TD of ${machine.memoryBytes / GIB} GiB of memory with this firmware file (${madeOf}), these ACPI tables and these boot options`,
  );
}

/** A machine's events behind those of memory and firmware, who lays its memory out, and what its firmware is, in words. */
interface MachineEvents {
  readonly events: readonly MeasuredEvent[];
  readonly writer: HobWriter;
  readonly madeOf: string;
}

function gcpMachine(
  machine: MachineEnvironment,
  { firmware, secureBoot }: { readonly firmware: Uint8Array; readonly secureBoot: boolean },
): MachineEvents {
  const mrtd = mrtdOf(firmware, "single-pass").values.sha384!;
  return { events: gcpEvents(machine, { mrtd, secureBoot }), writer: "gcp", madeOf: "Google Cloud's" };
}

function memoryEvents(
  firmware: Uint8Array,
  options: { readonly memoryBytes: number; readonly writer: HobWriter },
): MeasuredEvent[] {
  const gibibytes = options.memoryBytes / GIB;
  return [
    eventOf(
      "EV_EFI_HANDOFF_TABLES2",
      `the TD HOB: the list of ${gibibytes} GiB of memory`,
      tdHob(readTdvf(firmware), options),
    ),
    eventOf(
      "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
      "the firmware's configuration volume (CFV)",
      configurationVolume(firmware),
    ),
  ];
}

/** Not in MRTD: firmware measures it. */
function configurationVolume(firmware: Uint8Array): Uint8Array {
  const section = readTdvf(firmware).find(({ type }) => type === SECTION_CFV);
  if (section !== undefined) return firmware.subarray(section.dataOffset, section.dataOffset + section.rawDataSize);
  throw new AssembleError(
    "measure/firmware-invalid",
    "Cannot predict RTMR0: the firmware's TDX metadata has no configuration volume (CFV), one was wanted",
  );
}

async function qemuMachine(
  machine: MachineEnvironment,
  { firmware, profile, programs, enrolled }: Rtmr0Options & { readonly firmware: Uint8Array },
): Promise<MachineEvents> {
  const build = readFirmwareBuild(firmware);
  if (build === undefined) throw unknown("the drivers in the firmware cannot be read", "OVMF, packed with LZMA");
  const release = edk2Release(machine, build);
  const { bootPath, secureBoot } = profile;
  const keys = ownKeys(firmware, { secureBoot, enrolled });
  if (secureBoot && !build.knowsSecureBoot) throw unknown("the firmware does no Secure Boot", "firmware that does");
  // Firmware without Secure Boot has no such variable.
  const state = build.knowsSecureBoot ? Uint8Array.of(secureBoot ? 1 : 0) : new Uint8Array();
  const authorities = secureBoot ? await authorityEvents(programs, keys.db) : [];
  const events = [
    ...(release.measuresMore ? configurationEvents(machine, bootPath === "kernel") : []),
    ...variableEvents({ ...keys, SecureBoot: state }),
    ...acpiEvents(machine.firmwareConfiguration),
    // A kernel is loaded, and verified, before firmware begins to boot.
    ...(bootPath === "kernel" ? authorities : []),
    ...(release.measuresMore ? [smbiosEvent(machine)] : []),
    ...bootOptionEvents(machine, { bootPath, release }),
    ...(bootPath === "kernel" ? [] : authorities),
  ];
  return { events, writer: "qemu", madeOf: `edk2 ${release.name}` };
}

/** The keys in the firmware file: a TD has no others. */
function ownKeys(
  firmware: Uint8Array,
  { secureBoot, enrolled }: { readonly secureBoot: boolean; readonly enrolled: EnrolledKeys | undefined },
): EnrolledKeys {
  const variables = readVariableStore(configurationVolume(firmware));
  const list = (name: string) => variables.get(name) ?? new Uint8Array();
  const keys = { PK: list("PK"), KEK: list("KEK"), db: list("db"), dbx: list("dbx") };
  const isOn = keys.PK.length > 0 && variables.get("SecureBootEnable")?.[0] !== 0;
  if (isOn !== secureBoot)
    throw unknown(
      `Secure Boot is said to be ${secureBoot ? "on" : "off"}, but the firmware brings ${isOn ? "keys" : "no keys"}`,
      isOn ? "--secure-boot" : "firmware with keys in it",
    );
  const isOther = Object.entries(enrolled ?? {}).some(
    ([name, value]) => value !== undefined && Buffer.compare(value, keys[name as keyof typeof keys]) !== 0,
  );
  if (isOther) throw unknown("the keys that are said to be enrolled are others than those in the firmware", "the same");
  return keys;
}

/** What QEMU puts first where it has a kernel to start. */
const KERNEL_BOOT_ORDER = "/rom@genroms/linuxboot_dma.bin\0";

/** Firmware reads these early, and measures what it reads. */
function configurationEvents({ firmwareConfiguration }: MachineEnvironment, isKernel: boolean): MeasuredEvent[] {
  const order =
    firmwareConfiguration.get("bootorder") ?? (isKernel ? new TextEncoder().encode(KERNEL_BOOT_ORDER) : undefined);
  if (order === undefined || typeof order === "string")
    throw incomplete("the file bootorder of fw_cfg is not there", {
      wanted: "its bytes (none where no device has a bootindex)",
      hint: "copy /sys/firmware/qemu_fw_cfg/by_name/bootorder/raw in a guest of the same environment",
    });
  const events = [eventOf("EV_PLATFORM_CONFIG_FLAGS", "fw_cfg's BootMenu: no menu", new Uint8Array(2))];
  if (order.length > 0) events.push(eventOf("EV_PLATFORM_CONFIG_FLAGS", "fw_cfg's bootorder", order));
  return events;
}

function smbiosEvent({ smbios }: MachineEnvironment): MeasuredEvent {
  if (smbios === undefined)
    throw incomplete("this edk2 measures the SMBIOS table, which is not there", {
      wanted: "that of the environment",
      hint: "copy /sys/firmware/dmi/tables/DMI in a guest of the same environment, and pass it with --smbios",
    });
  return eventOf(
    "EV_EFI_HANDOFF_TABLES",
    "the SMBIOS table, without serial numbers and the like",
    measuredSmbios(smbios),
  );
}

/**
 * RTMR0 out of an event log of a TD.
 *
 * @throws AssembleError `measure/event-log-invalid`
 */
export function rtmr0FromLog(bytes: Uint8Array): Register {
  const log = readEventLog(bytes);
  const own = log.events.filter(({ register }) => register === "rtmr0");
  if (log.kind !== "cc" || own.length === 0)
    throw new AssembleError(
      "measure/event-log-invalid",
      `Cannot take RTMR0 from the event log: it is ${log.kind === "cc" ? "without events of RTMR0" : "one of a TPM"}, that of a TD was wanted`,
    );
  const events = own.map(({ type, digests }) => {
    const sha384 = digests.sha384;
    return {
      type,
      what: "as the event log has it",
      ...(sha384 === undefined ? {} : { digests: { sha256: "", sha384 } }),
    };
  });
  return rtmrOf(0, events, "the environment of the event log: its firmware, memory size, devices and ACPI tables");
}
