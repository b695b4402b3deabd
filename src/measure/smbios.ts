/**
 * SMBIOS as edk2 measures it: the whole table, with what belongs to the single machine (serial numbers, UUID) or changes by itself taken out.
 *
 * DMTF DSP0134 3.7 (structures and their fields); TCG PC Client Platform Firmware Profile 1.06 §3.3.4.2 (what must not be measured). Only the
 * structures that QEMU and OVMF make are known. Checked by: event logs of booted machines (test/nightly/environment-boot.test.ts).
 */

import { at, layout, u8, u16 } from "../bytes/layout.js";
import { AssembleError } from "../errors/assemble-error.js";

/** DSP0134 §6.1.2. */
const StructureHeader = layout("SmbiosStructure", 4, "little", {
  type: at(0, u8),
  length: at(1, u8),
  handle: at(2, u16),
});

interface Filter {
  /** Offsets of fields that name a string: the string becomes blanks. */
  readonly strings: readonly number[];
  /** Offset and size of other fields. */
  readonly fields: readonly (readonly [offset: number, bytes: number])[];
}

/** What is taken out of a structure, by its type (DSP0134 §7). */
const FILTERS: ReadonlyMap<number, Filter | "kept" | "emptied"> = new Map<number, Filter | "kept" | "emptied">([
  [0, "kept"],
  // System: serial number; UUID, wake-up type
  [
    1,
    {
      strings: [0x07],
      fields: [
        [0x08, 16],
        [0x18, 1],
      ],
    },
  ],
  // Baseboard: serial number, location in chassis
  [2, { strings: [0x07, 0x0a], fields: [] }],
  // Chassis: serial number, asset tag
  [3, { strings: [0x07, 0x08], fields: [] }],
  // Processor: serial number, asset tag, part number; voltage, current speed, numbers of cores and threads
  [
    4,
    {
      strings: [0x20, 0x21, 0x22],
      fields: [
        [0x11, 1],
        [0x16, 2],
        [0x23, 1],
        [0x24, 1],
        [0x25, 1],
        [0x2a, 2],
        [0x2c, 2],
        [0x2e, 2],
      ],
    },
  ],
  [8, "kept"],
  [9, "kept"],
  // Strings of whoever starts the machine
  [11, "emptied"],
  [16, "kept"],
  // Memory device: serial number, asset tag, part number
  [17, { strings: [0x18, 0x19, 0x1a], fields: [] }],
  [19, "kept"],
  [32, "kept"],
  [41, "kept"],
  [127, "kept"],
]);
const END_OF_TABLE = 127;
const TABLE_BYTES_MAX = 1 << 20;
const BLANK = 0x20;

/**
 * The bytes that are measured.
 *
 * @param table the guest's /sys/firmware/dmi/tables/DMI
 * @throws AssembleError `measure/environment-invalid`
 */
export function measuredSmbios(table: Uint8Array): Uint8Array {
  if (table.length > TABLE_BYTES_MAX) throw invalid(`it has ${table.length} bytes`);
  const measured = table.slice();
  for (let start = 0; start + StructureHeader.size <= table.length; ) {
    const { type, length } = StructureHeader.decode(table, start);
    const end = endOfStrings(table, start + length);
    if (length < StructureHeader.size || end === undefined) throw invalid(`a structure of type ${type} is cut off`);
    const filter = FILTERS.get(type);
    if (filter === undefined) throw invalid(`it has a structure of type ${type}, of which nothing is known`);
    takeOut(measured.subarray(start, end), length, filter);
    start = end;
    if (type === END_OF_TABLE) return measured.subarray(0, end);
  }
  throw invalid("it has no end");
}

/** Behind the strings, which end with an empty one. */
function endOfStrings(table: Uint8Array, start: number): number | undefined {
  for (let at = start; at + 1 < table.length; at++) if (table[at] === 0 && table[at + 1] === 0) return at + 2;
  return undefined;
}

function takeOut(structure: Uint8Array, length: number, filter: Filter | "kept" | "emptied"): void {
  if (filter === "kept") return;
  if (filter === "emptied") {
    structure.fill(0, StructureHeader.size);
    return;
  }
  for (const offset of filter.strings) {
    if (offset >= length) continue;
    blankString(structure.subarray(length), structure[offset]!);
    structure[offset] = 0;
  }
  for (const [offset, bytes] of filter.fields) if (offset + bytes <= length) structure.fill(0, offset, offset + bytes);
}

/** Strings are counted from 1; 0 is none. */
function blankString(strings: Uint8Array, number: number): void {
  let start = 0;
  for (let i = 1; i < number; i++) start = strings.indexOf(0, start) + 1;
  if (number > 0) strings.fill(BLANK, start, strings.indexOf(0, start));
}

function invalid(is: string): AssembleError {
  return new AssembleError(
    "measure/environment-invalid",
    `Cannot predict RTMR0 from the SMBIOS table: ${is}, that of a machine of QEMU's was wanted`,
    { hint: "copy /sys/firmware/dmi/tables/DMI in a guest of the same environment" },
  );
}
