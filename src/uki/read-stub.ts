/**
 * Reads a systemd stub and brings it into the form that sections can be added to: without the COFF symbol table that
 * old stubs carry at their end, and with every section's raw data on the file's alignment.
 *
 * Checked by: byte comparison with systemd's ukify.
 */

import { type Content, readContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { MACHINE_AMD64, type SectionHeader, SYMBOL_BYTES } from "./pe/headers.js";
import { certificateTable, type PeImage, readPe } from "./pe/read-pe.js";

/** A stub, ready to be extended. */
export interface Stub {
  readonly image: PeImage;
  /** The section headers, adjusted to `bytes`. */
  readonly sections: readonly SectionHeader[];
  /** Headers as they were, then the raw data. */
  readonly bytes: Uint8Array;
}

/** Real stubs have about 100 KiB; what is handed in as one is held in memory. */
const STUB_BYTES_MAX = 16 << 20;

/**
 * Reads and normalises a stub.
 *
 * @throws AssembleError `uki/stub-signed`, `uki/stub-invalid`, `uki/pe-invalid`
 */
export async function readStub(content: Content): Promise<Stub> {
  if (content.size > STUB_BYTES_MAX)
    throw invalid(`it is ${content.size} bytes`, `a systemd stub of at most ${STUB_BYTES_MAX}`);
  const image = await readPe(content);
  if (certificateTable(image) !== undefined)
    throw new AssembleError(
      "uki/stub-signed",
      "Cannot build a UKI on the stub: it is signed, and adding sections would break its signature; an unsigned stub was wanted",
      { hint: "use the package systemd-boot-efi, not systemd-boot-efi-amd64-signed" },
    );
  if (image.coff.machine !== MACHINE_AMD64)
    throw invalid(`its machine is 0x${image.coff.machine.toString(16)}`, "amd64 (0x8664)");
  if (image.sections.length === 0) throw invalid("it has no sections", "a systemd stub");
  return { image, ...alignSections(withoutSymbols(await readContent(content), image), image) };
}

/** Cuts off the symbol table and the string table behind it, which must be the last thing in the file. */
function withoutSymbols(bytes: Uint8Array, image: PeImage): Uint8Array {
  const { pointerToSymbolTable: start, numberOfSymbols } = image.coff;
  if (start === 0) return bytes;
  const strings = start + numberOfSymbols * SYMBOL_BYTES;
  if (strings + 4 > bytes.length) throw invalid("its symbol table is outside the file", "one at its end");
  const stringBytes = new DataView(bytes.buffer, bytes.byteOffset + strings, 4).getUint32(0, true);
  if (strings + stringBytes !== bytes.length)
    throw invalid(`its symbols end at ${strings + stringBytes} of ${bytes.length} bytes`, "symbols at the end");
  if (image.sections.some((s) => s.sizeOfRawData > 0 && s.pointerToRawData + s.sizeOfRawData > start))
    throw invalid("a section overlaps its symbol table", "symbols behind the sections");
  return bytes.subarray(0, start);
}

function alignSections(bytes: Uint8Array, image: PeImage): Pick<Stub, "sections" | "bytes"> {
  const alignment = image.optional.fileAlignment;
  const isAligned = (s: SectionHeader) => s.pointerToRawData % alignment === 0 && s.sizeOfRawData % alignment === 0;
  if (image.sections.every(isAligned)) return { sections: image.sections, bytes };

  const pieces: Uint8Array[] = [];
  let copied = 0; // of the old file
  let size = 0; // of the new file
  const add = (piece: Uint8Array) => {
    pieces.push(piece);
    size += piece.length;
  };
  const pad = () => add(new Uint8Array(roundUp(size, alignment) - size));
  const sections = image.sections.map((section) => {
    if (section.sizeOfRawData === 0) return section;
    const { pointerToRawData: start, sizeOfRawData } = section;
    if (start < copied) throw invalid(`section ${section.name} overlaps what is before it`, "sections in file order");
    add(bytes.subarray(copied, start));
    pad();
    const pointerToRawData = size;
    add(bytes.subarray(start, start + sizeOfRawData));
    pad();
    copied = start + sizeOfRawData;
    return { ...section, pointerToRawData, sizeOfRawData: roundUp(sizeOfRawData, alignment) };
  });
  add(bytes.subarray(copied));
  const joined = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return { sections, bytes: joined };
}

/** The next multiple of `alignment`, a power of two, that is not below `value`. */
export function roundUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

function invalid(is: string, wanted: string): AssembleError {
  return new AssembleError("uki/stub-invalid", `Cannot build a UKI on the stub: ${is}, ${wanted} was wanted`, {
    hint: "use linuxx64.efi.stub of the package systemd-boot-efi",
  });
}
