/**
 * Writes a unified kernel image: the systemd stub with kernel, initrd, command line and so on as further PE sections
 * (UAPI.5 Unified Kernel Image; systemd-stub(7)).
 *
 * 1. the stub, normalised (read-stub.ts)   2. the sections in their order   3. headers and section table
 *
 * Sections, their order and their placement are those of systemd 257's ukify; no device trees, hardware ids or
 * profiles. Kernel and initrd are streamed, never held. Checked by: byte comparison with ukify, boots in OVMF.
 */

import { type Content, concatContents, contentOfBytes, contentOfText, readContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { readBzImage } from "./bzimage.js";
import { checkCommandLine } from "./command-line.js";
import { extendStub, type NewSection } from "./extend-stub.js";
import { DLL_NX_COMPAT } from "./pe/headers.js";
import { findSection, type PeImage, readPe, sectionContent } from "./pe/read-pe.js";
import { readStub, type Stub } from "./read-stub.js";
import { mergeSbat, SBAT_UKI } from "./sbat.js";

/** What goes into a UKI. What is absent or empty gets no section. */
export interface UkiParts {
  /** `linuxx64.efi.stub` of systemd 252 or later, unsigned. */
  readonly stub: Content;
  /** A bzImage with EFI stub. */
  readonly kernel: Content;
  /** One initrd, or several that are joined, each padded with NUL to 4 bytes. */
  readonly initrd?: Content | readonly Content[];
  /** The image's own os-release file. */
  readonly osRelease?: Content;
  /** The kernel command line, exactly as it is to be. */
  readonly commandLine?: string;
  /** What `uname -r` prints; read from the kernel where absent, no section where `false`. */
  readonly uname?: string | false;
  /** A BMP picture that the stub shows. */
  readonly splash?: Content;
  /** Public key of the PCR signatures, PEM. */
  readonly pcrPublicKey?: Content;
  /** Signed policies over PCR 11, JSON: last, since it is of everything before it. */
  readonly pcrSignature?: Content;
  /** Early microcode, as an uncompressed cpio. */
  readonly microcode?: Content;
  /** SBAT component lines beyond those of stub and kernel; default {@link SBAT_UKI}. */
  readonly sbat?: readonly string[];
  /** Further sections, placed behind `.initrd` in this order. */
  readonly sections?: readonly NewSection[];
}

/**
 * Plans a UKI: all offsets are known when this returns, the bytes follow when its chunks are read.
 *
 * @throws AssembleError `uki/stub-signed`, `uki/stub-invalid`, `uki/pe-invalid`, `uki/kernel-invalid`,
 * `uki/command-line-too-long`, `uki/command-line-invalid`, `uki/section-name`, `uki/section-table-full`,
 * `uki/sbat-too-large`, `uki/too-large`
 */
export async function writeUki(parts: UkiParts): Promise<Content> {
  const stub = await readStub(parts.stub);
  const kernel = await readKernelPe(parts.kernel);
  if (parts.commandLine !== undefined) checkCommandLine(parts.commandLine);
  const uname = parts.uname ?? (await readBzImage(parts.kernel)).release;

  // ukify 257's order. Firmware and stub find sections by name; the measured order is the stub's, not this one.
  const sections: (NewSection | undefined)[] = [
    section(".osrel", parts.osRelease),
    section(".cmdline", contentOfText(parts.commandLine ?? "")),
    section(".uname", contentOfText(uname || "")),
    section(".splash", parts.splash),
    section(".pcrpkey", parts.pcrPublicKey),
    section(".linux", parts.kernel),
    section(".initrd", joinInitrds(parts.initrd ?? [])),
    section(".ucode", parts.microcode),
    ...(parts.sections ?? []),
    section(".pcrsig", parts.pcrSignature),
  ];
  return extendStub(stub, {
    sections: sections.filter((item) => item !== undefined).filter((item) => item.content.size > 0),
    sbat: await sbat(parts, stub, kernel),
    // The kernel runs inside the stub's image: memory protection holds for both or not at all.
    nxCompat: (kernel.optional.dllCharacteristics & DLL_NX_COMPAT) !== 0,
  });
}

function section(name: string, content: Content | undefined): NewSection | undefined {
  return content === undefined ? undefined : { name, content };
}

async function readKernelPe(kernel: Content): Promise<PeImage> {
  try {
    return await readPe(kernel);
  } catch (cause) {
    if (!(cause instanceof AssembleError)) throw cause;
    throw new AssembleError(
      "uki/kernel-invalid",
      "Cannot use the kernel: it is no PE file, a bzImage with CONFIG_EFI_STUB was wanted",
      { cause },
    );
  }
}

const INITRD_ALIGNMENT = 4;

/** The kernel looks for the next archive on a multiple of four bytes. One initrd alone stays as it is. */
function joinInitrds(initrd: Content | readonly Content[]): Content {
  const initrds = "chunks" in initrd ? [initrd] : initrd;
  if (initrds.length === 1) return initrds[0]!;
  return concatContents(
    initrds.flatMap((one) => [one, contentOfBytes(new Uint8Array(-one.size & (INITRD_ALIGNMENT - 1)))]),
  );
}

const SBAT_BYTES_MAX = 1 << 20;

async function sbat(parts: UkiParts, stub: Stub, kernel: PeImage): Promise<Uint8Array> {
  const sections: Uint8Array[] = [];
  for (const [file, image] of [
    [parts.stub, stub.image],
    [parts.kernel, kernel],
  ] as const) {
    const header = findSection(image, ".sbat");
    if (header === undefined) continue;
    const content = sectionContent(file, header);
    if (content.size > SBAT_BYTES_MAX)
      throw new AssembleError(
        "uki/pe-invalid",
        `Cannot read the SBAT of the ${image === kernel ? "kernel" : "stub"}: it is ${content.size} bytes, at most ${SBAT_BYTES_MAX} were wanted`,
      );
    sections.push(await readContent(content));
  }
  return mergeSbat(sections, parts.sbat ?? [SBAT_UKI]);
}
