/**
 * The TDX metadata of a firmware file: which parts of it are put where into the memory of a TD, and which are measured.
 *
 * Intel TDX Virtual Firmware Design Guide §11 (TDVF metadata), found through the table of GUIDs at the file's end that OVMF
 * has. Everything in the file is untrusted. Checked by: MRTDs that others have published for known firmware.
 */

import { guidText } from "../bytes/guid.js";
import { array, ascii, at, layout, raw, u16, u32, u64, type Values } from "../bytes/layout.js";
import { AssembleError } from "../errors/assemble-error.js";

/** §11.2, "TDX metadata descriptor". */
const TdvfDescriptor = layout("TdvfDescriptor", 16, "little", {
  signature: at(0, ascii(4)),
  length: at(4, u32),
  version: at(8, u32),
  numberOfSectionEntries: at(12, u32),
});

/** §11.2, "TDX metadata section". */
export const TdvfSection = layout("TdvfSection", 32, "little", {
  dataOffset: at(0, u32),
  rawDataSize: at(4, u32),
  memoryAddress: at(8, u64),
  memoryDataSize: at(16, u64),
  type: at(24, u32),
  attributes: at(28, u32),
});
export type TdvfSection = Values<typeof TdvfSection>;

/** An entry of the table of GUIDs, which ends with its length and GUID. */
const GuidEntry = layout("GuidEntry", 18, "little", { length: at(0, u16), guid: at(2, raw(16)) });
const MetadataOffset = layout("MetadataOffset", 4, "little", { fromEnd: at(0, array(1, u32)) });

/** Section types: boot firmware volume, configuration firmware volume, the list of resources. */
export const SECTION_BFV = 0;
export const SECTION_CFV = 1;
export const SECTION_TD_HOB = 2;
/** Memory that the firmware works in before it has all. */
export const SECTION_TEMP_MEM = 3;
/** Attribute: the section's content is measured. */
export const ATTRIBUTE_MR_EXTEND = 1;
/** Attribute: its pages are accepted by the guest, not added and measured beforehand. */
export const ATTRIBUTE_PAGE_AUG = 2;

const TABLE_FOOTER = "96b582de-1fb2-45f7-baea-a366c55a082d";
const METADATA_OFFSET = "e47a6535-984a-4798-865e-4685a7bf8ec2";
/** The reset vector behind the table. */
const RESET_BYTES = 32;
const TABLE_BYTES_MAX = 1 << 16;
const SECTIONS_MAX = 64;
export const PAGE = 4096;
/** All memory that a firmware describes; real ones have some MiB. */
const MEMORY_BYTES_MAX = 1 << 30;
/** Of that, what is measured byte by byte: the firmware itself. More would only cost time. */
const MEASURED_BYTES_MAX = 1 << 26;

/**
 * Reads the sections of a firmware file.
 *
 * @throws AssembleError `measure/firmware-invalid`
 */
export function readTdvf(firmware: Uint8Array): readonly TdvfSection[] {
  try {
    const start = firmware.length - metadataFromEnd(firmware);
    const { signature, version, numberOfSectionEntries: count } = TdvfDescriptor.decode(firmware, start);
    if (signature !== "TDVF" || version !== 1) throw invalid("there is no TDVF descriptor where its table says");
    if (count === 0 || count > SECTIONS_MAX) throw invalid(`its TDVF metadata has ${count} sections`);
    const sections = Array.from({ length: count }, (_, i) =>
      TdvfSection.decode(firmware, start + TdvfDescriptor.size + i * TdvfSection.size),
    );
    checkSections(sections, firmware.length);
    return sections;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(error.message, error);
  }
}

function metadataFromEnd(firmware: Uint8Array): number {
  const footerAt = firmware.length - RESET_BYTES - GuidEntry.size;
  const footer = GuidEntry.decode(firmware, footerAt);
  if (guidText(footer.guid) !== TABLE_FOOTER) throw invalid("it has no table of GUIDs at its end");
  const tableStart = footerAt + GuidEntry.size - Math.min(footer.length, TABLE_BYTES_MAX);
  // Entries are read from the back: each ends with its length and its GUID.
  let end = footerAt;
  while (end - GuidEntry.size >= tableStart) {
    const entry = GuidEntry.decode(firmware, end - GuidEntry.size);
    if (entry.length < GuidEntry.size) throw invalid("its table of GUIDs has an entry without length");
    if (guidText(entry.guid) === METADATA_OFFSET)
      return MetadataOffset.decode(firmware, end - entry.length).fromEnd[0]!;
    end -= entry.length;
  }
  throw invalid("its table of GUIDs has no TDX metadata");
}

function checkSections(sections: readonly TdvfSection[], fileSize: number): void {
  let memory = 0;
  let measured = 0;
  for (const [i, section] of sections.entries()) {
    const { dataOffset, rawDataSize, memoryAddress, memoryDataSize, attributes } = section;
    const wrong = (is: string): AssembleError => invalid(`section ${i} of its TDVF metadata ${is}`);
    if (memoryAddress % PAGE !== 0 || memoryDataSize % PAGE !== 0) throw wrong("is not made of pages");
    if (dataOffset + rawDataSize > fileSize)
      throw wrong("has its data outside of the file (is it the code part alone?)");
    if (rawDataSize > memoryDataSize) throw wrong("has more data than memory");
    if ((attributes & ATTRIBUTE_MR_EXTEND) !== 0 && (attributes & ATTRIBUTE_PAGE_AUG) !== 0)
      throw wrong("is measured and accepted by the guest at once");
    memory += memoryDataSize;
    if ((attributes & ATTRIBUTE_MR_EXTEND) !== 0) measured += memoryDataSize;
  }
  if (memory > MEMORY_BYTES_MAX) throw invalid(`its TDVF metadata describes ${memory} bytes`);
  if (measured > MEASURED_BYTES_MAX) throw invalid(`its TDVF metadata has ${measured} bytes measured`);
}

function invalid(is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "measure/firmware-invalid",
    `Cannot read the firmware: ${is}, a whole OVMF file with TDX metadata was wanted`,
    { hint: "use OVMF.fd, or the variables and the code file joined: cat OVMF_VARS.fd OVMF_CODE.fd", cause },
  );
}
