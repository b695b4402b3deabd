/**
 * Finds the host's QEMU and UEFI firmware: the only programs and files of the host that `run` uses.
 */

import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { AssembleError } from "../../errors/assemble-error.js";

/** UEFI firmware in two flash images. */
export interface Firmware {
  /** Code, opened read-only. */
  readonly code: string;
  /** Template of the variable store; changes to it are dropped. */
  readonly variables: string;
  /** Format of both files. */
  readonly format: "raw" | "qcow2";
  /** Whether it needs system management mode, as firmware with Secure Boot does to keep its variables; default false. */
  readonly smm?: boolean;
}

const PROGRAM = "qemu-system-x86_64";
/** Beyond PATH: where a bare service environment or Homebrew has it. */
const PROGRAM_DIRECTORIES: readonly string[] = [
  "/usr/bin",
  "/usr/local/bin",
  "/opt/homebrew/bin",
  "/run/current-system/sw/bin",
];

/**
 * The host's QEMU for x86-64: out of `path` (a PATH variable), else of `further` directories.
 *
 * @throws AssembleError `run/qemu-missing`
 */
export async function findQemu(path: string | undefined, further = PROGRAM_DIRECTORIES): Promise<string> {
  const directories = [...(path ?? "").split(delimiter), ...further].filter((entry) => entry !== "");
  for (const directory of directories) {
    const program = join(directory, PROGRAM);
    if (await isAccessible(program, constants.X_OK)) return program;
  }
  throw new AssembleError(
    "run/qemu-missing",
    `Cannot run the image: there is no ${PROGRAM} on this host, QEMU 6 or later was wanted`,
    { hint: "apt install qemu-system-x86 ovmf (Fedora: dnf install qemu-system-x86-core edk2-ovmf)" },
  );
}

/** Known firmware without Secure Boot and SMM, in the order of preference; 4 MiB flash before 2 MiB. */
const FIRMWARE: readonly Firmware[] = [
  // Debian, Ubuntu
  raw("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
  raw("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
  // Fedora
  {
    code: "/usr/share/edk2/ovmf/OVMF_CODE_4M.qcow2",
    variables: "/usr/share/edk2/ovmf/OVMF_VARS_4M.qcow2",
    format: "qcow2",
  },
  raw("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
  // Arch
  raw("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
  raw("/usr/share/edk2-ovmf/x64/OVMF_CODE.fd", "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd"),
  // openSUSE
  raw("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
  // NixOS with libvirt
  raw("/run/libvirt/nix-ovmf/OVMF_CODE.fd", "/run/libvirt/nix-ovmf/OVMF_VARS.fd"),
];

/**
 * The host's UEFI firmware: that of its distribution (`known` places), else the one that comes with QEMU (Nix, Homebrew).
 *
 * @throws AssembleError `run/firmware-missing`
 */
export async function findFirmware(qemu: string, known = FIRMWARE): Promise<Firmware> {
  // The real path matters for Nix, where the program on PATH is a link into the store
  const share = join(dirname(await realpath(qemu).catch(() => qemu)), "../share/qemu");
  const bundled = raw(join(share, "edk2-x86_64-code.fd"), join(share, "edk2-i386-vars.fd"));
  for (const firmware of [...known, bundled])
    if ((await isAccessible(firmware.code)) && (await isAccessible(firmware.variables))) return firmware;
  throw new AssembleError(
    "run/firmware-missing",
    "Cannot run the image: there is no UEFI firmware for QEMU on this host, OVMF was wanted",
    { hint: "apt install ovmf (Fedora: dnf install edk2-ovmf; Arch: pacman -S edk2-ovmf)" },
  );
}

/** Whether a file is there and may be used. */
export async function isAccessible(path: string, mode: number = constants.R_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

function raw(code: string, variables: string): Firmware {
  return { code, variables, format: "raw" };
}
