/**
 * The setup header of a Linux x86 kernel: the Linux/x86 boot protocol (Documentation/arch/x86/boot.rst), "The real-mode
 * kernel header". Reads protocol 2.12 (Linux 3.8) and later, as bzImage with 64-bit entry point and EFI stub.
 *
 * Checked by: file(1), the `.uname` that systemd's ukify finds.
 */

import type { Content } from "../bytes/content.js";
import { array, at, layout, raw, u8, u16, u32, u64flags, type Values } from "../bytes/layout.js";
import { readRange } from "../bytes/slice-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { MACHINE_AMD64 } from "./pe/headers.js";
import { parsePe } from "./pe/read-pe.js";

/** The setup header at {@link SETUP_HEADER_OFFSET}; spellings of the boot protocol in camelCase. */
export const SetupHeader = layout("SetupHeader", 0x268 - 0x1f1, "little", {
  setupSects: at(0x00, u8),
  rootFlags: at(0x01, u16),
  syssize: at(0x03, u32),
  ramSize: at(0x07, u16),
  vidMode: at(0x09, u16),
  rootDev: at(0x0b, u16),
  bootFlag: at(0x0d, u16),
  jump: at(0x0f, u16),
  header: at(0x11, u32),
  version: at(0x15, u16),
  realmodeSwtch: at(0x17, u32),
  startSysSeg: at(0x1b, u16),
  kernelVersion: at(0x1d, u16),
  typeOfLoader: at(0x1f, u8),
  loadflags: at(0x20, u8),
  setupMoveSize: at(0x21, u16),
  code32Start: at(0x23, u32),
  ramdiskImage: at(0x27, u32),
  ramdiskSize: at(0x2b, u32),
  bootsectKludge: at(0x2f, u32),
  heapEndPtr: at(0x33, u16),
  extLoaderVer: at(0x35, u8),
  extLoaderType: at(0x36, u8),
  cmdLinePtr: at(0x37, u32),
  initrdAddrMax: at(0x3b, u32),
  kernelAlignment: at(0x3f, u32),
  relocatableKernel: at(0x43, u8),
  minAlignment: at(0x44, u8),
  xloadflags: at(0x45, u16),
  cmdlineSize: at(0x47, u32),
  hardwareSubarch: at(0x4b, u32),
  hardwareSubarchData: at(0x4f, raw(8)),
  payload: at(0x57, array(2, u32)),
  setupData: at(0x5f, raw(8)),
  prefAddress: at(0x67, u64flags),
  initSize: at(0x6f, u32),
  handoverOffset: at(0x73, u32),
});
export type SetupHeader = Values<typeof SetupHeader>;

/** Where the setup header starts in the file. */
export const SETUP_HEADER_OFFSET = 0x1f1;
/** "HdrS". */
export const SETUP_HEADER_MAGIC = 0x53726448;
const BOOT_FLAG = 0xaa55;
const PROTOCOL_MIN = 0x020c;
/** `kernel_version` counts from here. */
const VERSION_BASE = 0x200;
const LOADED_HIGH = 1;
const XLF_KERNEL_64 = 1;
/** The boot sector and at most 255 further sectors. */
const SETUP_BYTES_MAX = 256 * 512;

/** What the header of a kernel says. */
export interface BzImage {
  /** What `uname -r` will print: `6.12.60+deb13-cloud-amd64`. */
  readonly release: string;
  /** The whole version text, with builder and compiler: `6.12.60 (user@host) #1 SMP …`. */
  readonly version: string;
  /** Boot protocol, for instance 0x020f. */
  readonly protocol: number;
  /** The longest command line the kernel takes, in bytes. */
  readonly commandLineMax: number;
  /** Memory that the kernel needs to decompress itself, in bytes. */
  readonly initSize: number;
}

/**
 * Reads and checks the header of a kernel that a UKI can carry.
 *
 * @throws AssembleError `uki/kernel-invalid`
 */
export async function readBzImage(kernel: Content): Promise<BzImage> {
  const head = await readRange(kernel, 0, SETUP_BYTES_MAX);
  if (head.length < SETUP_HEADER_OFFSET + SetupHeader.size) throw invalid(`it is ${head.length} bytes`, "a bzImage");
  const setup = SetupHeader.decode(head, SETUP_HEADER_OFFSET);
  if (setup.bootFlag !== BOOT_FLAG || setup.header !== SETUP_HEADER_MAGIC)
    throw invalid("it has no setup header", "a bzImage (not vmlinux, and not compressed again)");
  if (setup.version < PROTOCOL_MIN)
    throw invalid(`its boot protocol is ${protocolText(setup.version)}`, `${protocolText(PROTOCOL_MIN)} or later`);
  if ((setup.loadflags & LOADED_HIGH) === 0) throw invalid("it is a zImage", "a bzImage");
  if ((setup.xloadflags & XLF_KERNEL_64) === 0) throw invalid("it has no 64-bit entry point", "a kernel for amd64");
  try {
    const { machine } = parsePe(head, kernel.size).coff;
    if (machine !== MACHINE_AMD64) throw invalid(`its machine is 0x${machine.toString(16)}`, "amd64 (0x8664)");
  } catch (cause) {
    if (cause instanceof AssembleError && cause.code === "uki/pe-invalid")
      throw invalid("it has no EFI stub", "a kernel with CONFIG_EFI_STUB", cause);
    throw cause;
  }
  const version = versionText(head, setup);
  return {
    version,
    release: version.split(" ", 1)[0]!,
    protocol: setup.version,
    commandLineMax: setup.cmdlineSize,
    initSize: setup.initSize,
  };
}

function versionText(head: Uint8Array, setup: SetupHeader): string {
  const start = setup.kernelVersion + VERSION_BASE;
  // setup_sects 0 means 4, for the oldest kernels
  const end = Math.min(head.length, ((setup.setupSects || 4) + 1) * 512);
  const nul = head.indexOf(0, start);
  if (setup.kernelVersion === 0 || start >= end || nul < 0 || nul >= end)
    throw invalid("it has no version text", "one inside the setup sectors");
  const version = Buffer.from(head.subarray(start, nul)).toString("latin1");
  if (!/^[!-~]/.test(version) || /[^ -~]/.test(version))
    throw invalid("its version is not printable", "a version text");
  return version;
}

function protocolText(version: number): string {
  return `${version >> 8}.${String(version & 0xff).padStart(2, "0")}`;
}

function invalid(is: string, wanted: string, cause?: unknown): AssembleError {
  return new AssembleError("uki/kernel-invalid", `Cannot use the kernel: ${is}, ${wanted} was wanted`, { cause });
}
