/**
 * QEMU's command line for booting an image: a q35 machine with OVMF, a UKI handed over as `-kernel` (OVMF starts it as an EFI
 * application) or a disk that OVMF boots from and that keeps its bytes unless told otherwise, the serial console on stdio, QMP on descriptor 3.
 */

import type { Accelerator } from "./choose-accelerator.js";
import type { Firmware } from "./find-qemu.js";

/** A disk of the machine: virtio-blk, seen as /dev/disk/by-id/virtio-<serial>. */
export interface AttachedDisk {
  readonly file: string;
  readonly format: "raw" | "qcow2" | "vpc";
  /** Up to 20 characters. */
  readonly serial: string;
  readonly readOnly?: boolean;
}

/** A port of the host (on its loopback address) that leads to a port of the guest. */
export interface Forward {
  readonly host: number;
  readonly guest: number;
}

/** Everything the command line depends on. */
export interface QemuMachine {
  readonly artifact: string;
  /** `uki`, or the format of the disk to boot from. */
  readonly kind: "uki" | AttachedDisk["format"];
  /** Whether what the guest writes to the disk to boot from stays in its file. */
  readonly keepsWrites: boolean;
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly disks: readonly AttachedDisk[];
  /** User-mode network: DHCP, DNS, the host as 10.0.2.2; `false` for no network card. */
  readonly network: boolean;
  readonly forwards: readonly Forward[];
  /** End QEMU where the guest reboots. */
  readonly exitOnReboot: boolean;
  /** Control socket of a software TPM (swtpm) that the machine's TPM 2.0 is. */
  readonly tpmSocket?: string | undefined;
  /** What QEMU hands to a UKI as its load options; nothing where absent. */
  readonly append?: string | undefined;
}

/** Descriptor of the QMP socket. */
export const QMP_DESCRIPTOR = 3;

/** QEMU's arguments for a machine. */
export function qemuArguments(machine: QemuMachine): string[] {
  const { firmware, accelerator, disks } = machine;
  const option = (file: string) => file.replaceAll(",", ",,");
  return [
    ...["-accel", accelerator.name, "-cpu", accelerator.cpu],
    ...(firmware.smm === true ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []),
    ...[
      "-machine",
      `q35,smm=${firmware.smm === true ? "on" : "off"}`,
      "-smp",
      `${machine.cpus}`,
      "-m",
      `${machine.memoryMiB}`,
    ],
    ...["-nodefaults", "-no-user-config", "-display", "none"],
    ...(machine.exitOnReboot ? ["-no-reboot"] : []),
    ...["-drive", `if=pflash,unit=0,format=${firmware.format},readonly=on,file=${option(firmware.code)}`],
    // A snapshot: what the firmware writes goes to an unlinked temporary file of QEMU's
    ...["-drive", `if=pflash,unit=1,format=${firmware.format},snapshot=on,file=${option(firmware.variables)}`],
    ...["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ...["-chardev", `socket,id=control,fd=${QMP_DESCRIPTOR}`, "-mon", "chardev=control,mode=control"],
    ...["-device", "virtio-rng-pci"],
    ...disks.flatMap(({ file, format, serial, readOnly }, i) => [
      "-drive",
      `if=none,id=disk${i},format=${format},file=${option(file)}${readOnly === true ? ",readonly=on" : ",discard=unmap"}`,
      "-device",
      `virtio-blk-pci,drive=disk${i},serial=${option(serial)}`,
    ]),
    ...(machine.network ? networkArguments(machine.forwards) : ["-nic", "none"]),
    ...(machine.tpmSocket === undefined ? [] : tpmArguments(option(machine.tpmSocket))),
    ...(machine.kind === "uki"
      ? ["-kernel", machine.artifact, ...(machine.append === undefined ? [] : ["-append", machine.append])]
      : bootDiskArguments(option(machine.artifact), { format: machine.kind, keepsWrites: machine.keepsWrites })),
  ];
}

/** A snapshot, unless the writes are kept: what the guest writes goes to an unlinked temporary file of QEMU's. */
function bootDiskArguments(
  file: string,
  { format, keepsWrites }: { readonly format: AttachedDisk["format"]; readonly keepsWrites: boolean },
): string[] {
  return [
    ...["-drive", `if=none,id=boot,format=${format},snapshot=${keepsWrites ? "off" : "on"},file=${file}`],
    ...["-device", "virtio-blk-pci,drive=boot,bootindex=0,serial=boot"],
  ];
}

function tpmArguments(socket: string): string[] {
  return [
    ...["-chardev", `socket,id=tpm,path=${socket}`, "-tpmdev", "emulator,id=tpm0,chardev=tpm"],
    ...["-device", "tpm-tis,tpmdev=tpm0"],
  ];
}

function networkArguments(forwards: readonly Forward[]): string[] {
  const rules = forwards.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  // Without option ROM: nothing is to boot from the network
  return ["-netdev", `user,id=net0${rules.join("")}`, "-device", "virtio-net-pci,netdev=net0,romfile="];
}
