/**
 * Adds sections to a stub and adjusts its headers: offsets first, then everything in one pass forward.
 *
 * The placement is that of systemd 257's ukify: raw data on the file's alignment at the end of the file, addresses on
 * the section alignment behind the last section. Checked by: byte comparison with ukify.
 */

import { type Content, contentOfBytes } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { emitExactly } from "./emit-exactly.js";
import {
  CoffHeader,
  DLL_NX_COMPAT,
  OptionalHeader,
  SECTION_CODE,
  SECTION_INITIALIZED_DATA,
  SECTION_READ,
  SectionHeader,
} from "./pe/headers.js";
import { roundUp, type Stub } from "./read-stub.js";

/** A section to add: a name of 1 to 8 ASCII characters, and what it holds. */
export interface NewSection {
  readonly name: string;
  readonly content: Content;
}

/** How a stub is extended. */
export interface ExtendOptions {
  /** Sections to add, in this order. */
  readonly sections: readonly NewSection[];
  /** The merged SBAT. It takes the place of the stub's own, or comes last where the stub has none. */
  readonly sbat: Uint8Array;
  /** Whether NX_COMPAT may stay set; it is never added. */
  readonly nxCompat: boolean;
}

const FILE_BYTES_MAX = 0xffffffff;

/**
 * The stub with further sections.
 *
 * @throws AssembleError `uki/section-name`, `uki/section-table-full`, `uki/sbat-too-large`, `uki/too-large`
 */
export function extendStub(stub: Stub, options: ExtendOptions): Content {
  const { fileAlignment } = stub.image.optional;
  const bytes = new Uint8Array(roundUp(stub.bytes.length, fileAlignment));
  bytes.set(stub.bytes);
  const headers = [...stub.sections];
  const sections = [...options.sections];
  if (!replaceSbat(bytes, headers, options.sbat))
    sections.push({ name: ".sbat", content: contentOfBytes(options.sbat) });

  const pieces: Content[] = [contentOfBytes(bytes)];
  let fileSize = bytes.length;
  let addedBytes = 0;
  for (const section of sections) {
    const header = place(stub, headers, section, fileSize);
    headers.push(header);
    pieces.push(section.content, contentOfBytes(new Uint8Array(header.sizeOfRawData - section.content.size)));
    fileSize += header.sizeOfRawData;
    addedBytes += section.content.size;
  }
  encodeHeaders(bytes, stub, { headers, addedBytes, nxCompat: options.nxCompat });
  return emitExactly(pieces);
}

/** Puts the SBAT where the stub has its own; false where it has none. */
function replaceSbat(bytes: Uint8Array, headers: SectionHeader[], sbat: Uint8Array): boolean {
  const index = headers.findIndex((header) => header.name === ".sbat");
  if (index < 0) return false;
  const header = headers[index]!;
  const { pointerToRawData: start, sizeOfRawData: room } = header;
  if (sbat.length > room)
    throw new AssembleError(
      "uki/sbat-too-large",
      `Cannot write the SBAT section: it is ${sbat.length} bytes, at most the ${room} of the stub's own were wanted`,
    );
  bytes.fill(0, start, start + room);
  bytes.set(sbat, start);
  headers[index] = { ...header, virtualSize: sbat.length };
  return true;
}

function place(stub: Stub, headers: readonly SectionHeader[], section: NewSection, fileSize: number): SectionHeader {
  const { image } = stub;
  const { name, content } = section;
  if (!/^[!-~]{1,8}$/.test(name) || headers.some((header) => header.name === name))
    throw new AssembleError(
      "uki/section-name",
      `Cannot add the section ${JSON.stringify(name)}: ${headers.some((header) => header.name === name) ? "there is one of that name" : "it is no PE section name"}, a new name of 1 to 8 ASCII characters was wanted`,
    );
  const { fileAlignment, sectionAlignment } = image.optional;
  const sizeOfHeaders = roundUp(image.optional.sizeOfHeaders, fileAlignment);
  if (image.sectionTableOffset + (headers.length + 1) * SectionHeader.size > sizeOfHeaders)
    throw new AssembleError(
      "uki/section-table-full",
      `Cannot add the section ${name}: the stub's headers of ${sizeOfHeaders} bytes are full with ${headers.length} sections, room for one more was wanted`,
      { hint: "use a later stub, or fewer sections" },
    );
  const last = headers.at(-1)!;
  const virtualAddress = roundUp(last.virtualAddress + last.virtualSize, sectionAlignment);
  const end = Math.max(
    roundUp(virtualAddress + content.size, sectionAlignment),
    fileSize + roundUp(content.size, fileAlignment),
  );
  if (end > FILE_BYTES_MAX) throw tooLarge(`the section ${name}`, `it would end at ${end}`);
  return {
    name,
    virtualSize: content.size,
    virtualAddress,
    sizeOfRawData: roundUp(content.size, fileAlignment),
    pointerToRawData: fileSize,
    pointerToRelocations: 0,
    pointerToLinenumbers: 0,
    numberOfRelocations: 0,
    numberOfLinenumbers: 0,
    characteristics: SECTION_READ | (name === ".linux" ? SECTION_CODE : SECTION_INITIALIZED_DATA),
  };
}

function tooLarge(what: string, is: string): AssembleError {
  return new AssembleError(
    "uki/too-large",
    `Cannot write ${what} into the UKI: ${is}, at most ${FILE_BYTES_MAX} was wanted in a PE file`,
  );
}

interface Planned {
  readonly headers: readonly SectionHeader[];
  readonly addedBytes: number;
  readonly nxCompat: boolean;
}

function encodeHeaders(bytes: Uint8Array, stub: Stub, planned: Planned): void {
  const { coff, optional, coffOffset, optionalOffset, sectionTableOffset } = stub.image;
  const { headers } = planned;
  const last = headers.at(-1)!;
  const sizeOfInitializedData = optional.sizeOfInitializedData + planned.addedBytes;
  if (sizeOfInitializedData > FILE_BYTES_MAX)
    throw tooLarge("the sections", `they hold ${sizeOfInitializedData} bytes`);
  CoffHeader.encodeInto(bytes, coffOffset, {
    ...coff,
    numberOfSections: headers.length,
    pointerToSymbolTable: 0,
    numberOfSymbols: 0,
  });
  OptionalHeader.encodeInto(bytes, optionalOffset, {
    ...optional,
    sizeOfInitializedData,
    sizeOfImage: roundUp(last.virtualAddress + last.virtualSize, optional.sectionAlignment),
    sizeOfHeaders: roundUp(optional.sizeOfHeaders, optional.fileAlignment),
    checkSum: 0, // UEFI ignores it, and signing sets it
    dllCharacteristics: planned.nxCompat ? optional.dllCharacteristics : optional.dllCharacteristics & ~DLL_NX_COMPAT,
  });
  headers.forEach((header, i) => {
    SectionHeader.encodeInto(bytes, sectionTableOffset + i * SectionHeader.size, header);
  });
}
