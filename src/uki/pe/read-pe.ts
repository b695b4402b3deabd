/**
 * Reads the headers of a PE32+ file. Everything in the file is untrusted: sizes and offsets are checked against the
 * file before they are used, and memory is bounded by {@link HEADER_BYTES_MAX}.
 *
 * Microsoft PE/COFF specification. Reads PE32+ images of any machine; no PE32 (32-bit), no COFF objects.
 */

import type { Content } from "../../bytes/content.js";
import { readRange, sliceContent } from "../../bytes/slice-content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import {
  CoffHeader,
  DataDirectory,
  DIRECTORY_CERTIFICATES,
  DIRECTORY_COUNT_MAX,
  DOS_MAGIC,
  DosHeader,
  OPTIONAL_MAGIC_PE32_PLUS,
  OptionalHeader,
  PE_SIGNATURE,
  SectionHeader,
} from "./headers.js";

/** What the headers of a PE file say. */
export interface PeImage {
  /** Size of the file in bytes. */
  readonly fileSize: number;
  /** File offset of the COFF header with its signature. */
  readonly coffOffset: number;
  /** File offset of the optional header. */
  readonly optionalOffset: number;
  /** File offset of the section table. */
  readonly sectionTableOffset: number;
  readonly coff: CoffHeader;
  readonly optional: OptionalHeader;
  readonly dataDirectories: readonly DataDirectory[];
  readonly sections: readonly SectionHeader[];
}

/** Headers of real images are a few KiB; all of them must lie in the first bytes of the file. */
const HEADER_BYTES_MAX = 1 << 16;
/** The specification's own limit. */
const FILE_ALIGNMENT_MAX = 1 << 16;
const SECTION_ALIGNMENT_MAX = 1 << 30;

/**
 * Reads the headers of a PE file.
 *
 * @throws AssembleError `uki/pe-invalid`
 */
export async function readPe(content: Content): Promise<PeImage> {
  return parsePe(await readRange(content, 0, HEADER_BYTES_MAX), content.size);
}

/**
 * Reads the headers of a PE file of `fileSize` bytes out of its first bytes.
 *
 * @throws AssembleError `uki/pe-invalid`
 */
export function parsePe(head: Uint8Array, fileSize: number = head.length): PeImage {
  try {
    return decode(head, fileSize);
  } catch (error) {
    // layout() reports a read past the end as RangeError
    if (error instanceof RangeError) throw invalid(error.message, "complete headers", error);
    throw error;
  }
}

/** The first section of a name, or undefined. */
export function findSection(image: PeImage, name: string): SectionHeader | undefined {
  return image.sections.find((section) => section.name === name);
}

/** What a section holds: its raw data up to the virtual size, without the padding. */
export function sectionContent(content: Content, section: SectionHeader): Content {
  const size = Math.min(section.virtualSize, section.sizeOfRawData);
  // Where nothing lies may be anywhere.
  return sliceContent(content, size === 0 ? 0 : section.pointerToRawData, size);
}

/** The certificate table as a range of the file, or undefined where the file is not signed. */
export function certificateTable(image: PeImage): { readonly offset: number; readonly size: number } | undefined {
  const directory = image.dataDirectories[DIRECTORY_CERTIFICATES];
  if (directory === undefined || directory.size === 0) return undefined;
  return { offset: directory.virtualAddress, size: directory.size };
}

function decode(head: Uint8Array, fileSize: number): PeImage {
  const dos = DosHeader.decode(head);
  if (dos.eMagic !== DOS_MAGIC) throw invalid("it does not start with MZ", "a PE file");
  const coffOffset = dos.eLfanew;
  if (coffOffset < DosHeader.size) throw invalid(`its PE header is at ${coffOffset}`, "one after the DOS header");
  const coff = CoffHeader.decode(head, coffOffset);
  if (coff.signature !== PE_SIGNATURE) throw invalid(`there is no PE signature at ${coffOffset}`, "PE\\0\\0");

  const optionalOffset = coffOffset + CoffHeader.size;
  const optional = OptionalHeader.decode(head, optionalOffset);
  if (optional.magic !== OPTIONAL_MAGIC_PE32_PLUS)
    throw invalid(`its optional header has magic 0x${optional.magic.toString(16)}`, "PE32+ (0x20b)");
  const directoryCount = optional.numberOfRvaAndSizes;
  if (directoryCount > DIRECTORY_COUNT_MAX)
    throw invalid(`it states ${directoryCount} data directories`, `at most ${DIRECTORY_COUNT_MAX}`);
  if (coff.sizeOfOptionalHeader < OptionalHeader.size + directoryCount * DataDirectory.size)
    throw invalid(`its optional header of ${coff.sizeOfOptionalHeader} bytes`, "room for the data directories");
  for (const [field, max] of [
    ["fileAlignment", FILE_ALIGNMENT_MAX],
    ["sectionAlignment", SECTION_ALIGNMENT_MAX],
  ] as const)
    if (!isPowerOfTwo(optional[field]) || optional[field] > max)
      throw invalid(`its ${field} is ${optional[field]}`, `a power of two up to ${max}`);
  const dataDirectories = Array.from({ length: directoryCount }, (_, i) =>
    DataDirectory.decode(head, optionalOffset + OptionalHeader.size + i * DataDirectory.size),
  );

  const sectionTableOffset = optionalOffset + coff.sizeOfOptionalHeader;
  const tableEnd = sectionTableOffset + coff.numberOfSections * SectionHeader.size;
  if (tableEnd > head.length) throw invalid(`its section table ends at ${tableEnd}`, "one inside the headers");
  if (optional.sizeOfHeaders < tableEnd || optional.sizeOfHeaders > fileSize)
    throw invalid(`its headers are ${optional.sizeOfHeaders} bytes`, `${tableEnd} to ${fileSize}`);
  const sections = Array.from({ length: coff.numberOfSections }, (_, i) =>
    SectionHeader.decode(head, sectionTableOffset + i * SectionHeader.size),
  );
  for (const { name, pointerToRawData, sizeOfRawData } of sections) {
    if (/[^ -~]/.test(name)) throw invalid(`it has a section ${JSON.stringify(name)}`, "a name in printable ASCII");
    if (sizeOfRawData > 0 && pointerToRawData + sizeOfRawData > fileSize)
      throw invalid(`section ${JSON.stringify(name)} ends at ${pointerToRawData + sizeOfRawData}`, `${fileSize} bytes`);
  }

  const image = { fileSize, coffOffset, optionalOffset, sectionTableOffset, coff, optional, dataDirectories, sections };
  const certificates = certificateTable(image);
  if (certificates !== undefined && certificates.offset + certificates.size > fileSize)
    throw invalid(`its certificates end at ${certificates.offset + certificates.size}`, `${fileSize} bytes`);
  return image;
}

function isPowerOfTwo(value: number): boolean {
  // u32 fields: the bit trick needs 31 bits
  return value > 0 && value < 0x80000000 && (value & (value - 1)) === 0;
}

function invalid(is: string, wanted: string, cause?: unknown): AssembleError {
  return new AssembleError("uki/pe-invalid", `Cannot read the PE file: ${is}, ${wanted} was wanted`, { cause });
}
