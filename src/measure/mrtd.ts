/**
 * MRTD: what the TDX module measures while a TD is built, out of the firmware file alone.
 *
 * Intel TDX Module Base Specification §12.2.1 and the ABI of TDH.MEM.PAGE.ADD and TDH.MR.EXTEND: SHA-384 over a 128-byte
 * record per page added, and over a record with 256 bytes of content per chunk measured. The order of the two differs
 * between hypervisors. Checked by: MRTDs that others have published for known firmware.
 */

import { createHash, type Hash } from "node:crypto";
import type { MeasuredEvent, Register } from "./event.js";
import type { MrtdOrder } from "./profile.js";
import { ATTRIBUTE_MR_EXTEND, ATTRIBUTE_PAGE_AUG, PAGE, readTdvf, type TdvfSection } from "./tdvf.js";

const RECORD_BYTES = 128;
const CHUNK_BYTES = 256;
const ADDRESS_OFFSET = 16;

const SECTION_NAMES: readonly string[] = ["BFV", "CFV", "TD HOB", "temporary memory", "permanent memory", "payload"];

/**
 * Computes MRTD of a firmware file.
 *
 * @throws AssembleError `measure/firmware-invalid`
 */
export function mrtdOf(firmware: Uint8Array, order: MrtdOrder): Register {
  const total = createHash("sha384");
  const events: MeasuredEvent[] = [];
  for (const section of readTdvf(firmware)) {
    if ((section.attributes & ATTRIBUTE_PAGE_AUG) !== 0) continue;
    const own = { sha256: createHash("sha256"), sha384: createHash("sha384") };
    addSection(firmware, section, { order, hashes: [total, own.sha256, own.sha384] });
    events.push({
      type: "TDH.MEM.PAGE.ADD",
      what: inWords(section),
      digests: { sha256: own.sha256.digest("hex"), sha384: own.sha384.digest("hex") },
    });
  }
  return {
    name: "mrtd",
    values: { sha384: total.digest("hex") },
    events,
    boundTo: `this firmware file, built into memory in ${order === "single-pass" ? "a single pass" : "two passes"}`,
  };
}

function addSection(
  firmware: Uint8Array,
  section: TdvfSection,
  { order, hashes }: { readonly order: MrtdOrder; readonly hashes: readonly Hash[] },
): void {
  const { memoryAddress, memoryDataSize, attributes, dataOffset, rawDataSize } = section;
  const measured = (attributes & ATTRIBUTE_MR_EXTEND) !== 0;
  const data = measured ? firmware.subarray(dataOffset, dataOffset + rawDataSize) : undefined;
  const added = recordOf("MEM.PAGE.ADD");
  const extended = recordOf("MR.EXTEND");
  const add = (offset: number) => {
    added.setBigUint64(ADDRESS_OFFSET, BigInt(memoryAddress + offset), true);
    for (const hash of hashes) hash.update(added);
  };
  const measure = (offset: number) => {
    for (let at = offset; at < offset + PAGE; at += CHUNK_BYTES) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      chunk.set(data!.subarray(at, at + CHUNK_BYTES));
      extended.setBigUint64(ADDRESS_OFFSET, BigInt(memoryAddress + at), true);
      for (const hash of hashes) hash.update(extended).update(chunk);
    }
  };
  for (let offset = 0; offset < memoryDataSize; offset += PAGE) {
    add(offset);
    if (measured && order === "single-pass") measure(offset);
  }
  if (measured && order === "two-pass") for (let offset = 0; offset < memoryDataSize; offset += PAGE) measure(offset);
}

/** A record without its address, which is written into it again and again. */
function recordOf(name: string): DataView {
  const bytes = new Uint8Array(RECORD_BYTES);
  bytes.set(new TextEncoder().encode(name));
  return new DataView(bytes.buffer);
}

function inWords({ type, memoryAddress, memoryDataSize, attributes }: TdvfSection): string {
  const name = SECTION_NAMES[type] ?? `section of type ${type}`;
  const how = (attributes & ATTRIBUTE_MR_EXTEND) !== 0 ? "pages added and measured" : "pages added, not measured";
  return `${name}: ${memoryDataSize / PAGE} ${how}, from address 0x${memoryAddress.toString(16)}`;
}
