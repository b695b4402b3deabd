/**
 * What of a UKI is measured: its Authenticode digests, those of the kernel inside, and its sections as the stub sees them.
 */

import { type Content, readContent } from "../bytes/content.js";
import { sliceContent } from "../bytes/slice-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { readBzImage } from "../uki/bzimage.js";
import { authenticodeDigests } from "../uki/pe/authenticode-digest.js";
import { certificateTable, findSection, type PeImage, readPe, sectionContent } from "../uki/pe/read-pe.js";
import { banks, type Digests, utf16 } from "./event.js";

/** A UKI as far as it is measured. */
export interface MeasuredUki {
  readonly authenticode: Digests;
  /** Of the kernel in `.linux`. */
  readonly kernelAuthenticode: Digests;
  /** Major version of systemd's stub, of `.sdmagic`. */
  readonly stubVersion: number;
  /** What `uname -r` would print. */
  readonly kernelRelease: string;
  /** By name; the first of a name. */
  readonly sections: ReadonlyMap<string, Content>;
  /** `.cmdline`, without what follows its text. */
  readonly commandLine: string | undefined;
  readonly signed: boolean;
  /** Whether the stub is one that puts a secret of its own into the initrd where it finds a volume to keep it on. */
  readonly bootSecret: boolean;
}

const TEXT_BYTES_MAX = 1 << 16;
/** A stub has some 100 KiB. */
const CODE_BYTES_MAX = 1 << 22;
/** What sections have in memory beyond what the file holds of them, all together: ukify makes none; hashing gigabytes of zeros is none's wish. */
const ZEROS_MAX = 1 << 24;

/**
 * Reads a UKI.
 *
 * @throws AssembleError `measure/not-a-uki`, `measure/profile-unknown`, `uki/pe-invalid`, `uki/kernel-invalid`
 */
export async function readUki(content: Content): Promise<MeasuredUki> {
  const image = await readPe(content);
  const linux = findSection(image, ".linux");
  if (linux === undefined)
    throw new AssembleError(
      "measure/not-a-uki",
      "Cannot measure the PE file: it has no section .linux, a unified kernel image was wanted",
    );
  const names = image.sections.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new AssembleError(
      "measure/profile-unknown",
      `Cannot measure the UKI: it has the section ${twice} more than once (a UKI of several profiles), one of each was wanted`,
    );
  checkZeros(image);
  const kernel = sectionContent(content, linux);
  return {
    authenticode: await authenticode(content),
    kernelAuthenticode: await authenticode(kernel),
    stubVersion: await readStubVersion(content, image),
    kernelRelease: (await readBzImage(kernel)).release,
    sections: new Map(image.sections.map((section) => [section.name, loadedSection(content, section)])),
    commandLine: await sectionText(content, image, ".cmdline"),
    signed: certificateTable(image) !== undefined,
    bootSecret: await mentions(content, image, "boot-secret"),
  };
}

/** Systemd's boot manager in a PE file: its major version, or undefined for another program. */
export async function bootManagerVersion(content: Content): Promise<number | undefined> {
  const text = await sectionText(content, await readPe(content), ".sdmagic");
  const version = /^#### LoaderInfo: systemd-boot (\d+)/.exec(text ?? "")?.[1];
  return version === undefined ? undefined : Number(version);
}

/** The Authenticode digests of a PE file. */
export async function authenticode(content: Content): Promise<Digests> {
  const [sha256, sha384] = await authenticodeDigests(content, banks);
  return { sha256: sha256!, sha384: sha384! };
}

async function readStubVersion(content: Content, image: PeImage): Promise<number> {
  const text = (await sectionText(content, image, ".sdmagic")) ?? "";
  const version = /^#### LoaderInfo: systemd-stub (\d+)/.exec(text)?.[1];
  if (version !== undefined) return Number(version);
  throw new AssembleError(
    "measure/profile-unknown",
    `Cannot measure the UKI: ${text === "" ? "it has no section .sdmagic" : `its .sdmagic is ${JSON.stringify(text.slice(0, 60))}`}, that of systemd's stub was wanted`,
  );
}

/** Whether the stub's constants have a text: what the version alone does not tell. */
async function mentions(content: Content, image: PeImage, text: string): Promise<boolean> {
  const wanted = Buffer.from(utf16(text));
  for (const name of [".rodata", ".data", ".text"]) {
    const section = findSection(image, name);
    if (section === undefined || section.sizeOfRawData > CODE_BYTES_MAX) continue;
    if (Buffer.from(await readContent(sectionContent(content, section))).includes(wanted)) return true;
  }
  return false;
}

async function sectionText(content: Content, image: PeImage, name: string): Promise<string | undefined> {
  const section = findSection(image, name);
  if (section === undefined) return undefined;
  const body = sectionContent(content, section);
  if (body.size > TEXT_BYTES_MAX)
    throw new AssembleError(
      "uki/pe-invalid",
      `Cannot measure the PE file: its section ${name} has ${body.size} bytes, a text of at most ${TEXT_BYTES_MAX} was wanted`,
    );
  const text = new TextDecoder().decode(await readContent(body));
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

function checkZeros({ sections }: PeImage): void {
  const zeros = sections.reduce((sum, one) => sum + Math.max(0, one.virtualSize - one.sizeOfRawData), 0);
  if (zeros > ZEROS_MAX)
    throw new AssembleError(
      "uki/pe-invalid",
      `Cannot measure the PE file: its sections have ${zeros} bytes in memory that the file does not hold, at most ${ZEROS_MAX} were wanted`,
    );
}

/** A section as it is in memory: what the file does not have of it is zeros. */
function loadedSection(content: Content, section: PeImage["sections"][number]): Content {
  const { pointerToRawData, sizeOfRawData, virtualSize } = section;
  const stored = Math.min(sizeOfRawData, virtualSize);
  const body = sliceContent(content, pointerToRawData, stored);
  if (stored === virtualSize) return body;
  return {
    size: virtualSize,
    async *chunks() {
      yield* body.chunks();
      const zeros = new Uint8Array(1 << 16);
      for (let left = virtualSize - stored; left > 0; left -= zeros.length)
        yield left < zeros.length ? zeros.subarray(0, left) : zeros;
    },
  };
}
