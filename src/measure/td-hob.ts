/**
 * The list of memory that a hypervisor hands to a TD's firmware (TD HOB), which firmware measures first.
 *
 * Platform Initialization Specification 1.8 volume III §5.3 (PHIT HOB) and §5.5 (resource descriptor HOB); Intel TDX Virtual Firmware Design
 * Guide §4.2 (what the list of a TD holds). How memory is cut into ranges is the hypervisor's affair. Checked by: digests in event logs of
 * TDs that others have published (test/measure/rtmr-0.test.ts).
 */

import { at, layout, raw, u16, u32, u64 } from "../bytes/layout.js";
import { AssembleError } from "../errors/assemble-error.js";
import { SECTION_TD_HOB, SECTION_TEMP_MEM, type TdvfSection } from "./tdvf.js";

/** PI volume III §5.3, EFI_HOB_HANDOFF_INFO_TABLE. */
const HandoffTable = layout("EfiHobHandoffInfoTable", 56, "little", {
  hobType: at(0, u16),
  hobLength: at(2, u16),
  reserved: at(4, u32),
  version: at(8, u32),
  bootMode: at(12, u32),
  memoryTop: at(16, u64),
  memoryBottom: at(24, u64),
  freeMemoryTop: at(32, u64),
  freeMemoryBottom: at(40, u64),
  endOfHobList: at(48, u64),
});

/** PI volume III §5.5, EFI_HOB_RESOURCE_DESCRIPTOR. */
const ResourceDescriptor = layout("EfiHobResourceDescriptor", 48, "little", {
  hobType: at(0, u16),
  hobLength: at(2, u16),
  reserved: at(4, u32),
  owner: at(8, raw(16)),
  resourceType: at(24, u32),
  resourceAttribute: at(28, u32),
  physicalStart: at(32, u64),
  resourceLength: at(40, u64),
});

const HOB_TYPE_HANDOFF = 1;
const HOB_TYPE_RESOURCE = 3;
const HANDOFF_VERSION = 9;
const SYSTEM_MEMORY = 0;
const MEMORY_UNACCEPTED = 7;
/** Present, initialized, tested. */
const ATTRIBUTES = 7;
const GIB = 2 ** 30;
const HIGH_START = 4 * GIB;
const MEMORY_BYTES_MAX = 2 ** 46;
/** QEMU's machines have memory in units of this. */
const MEMORY_UNIT = 8192;

/** How a hypervisor lays out memory and writes the list. */
interface Manner {
  /** Memory of this size or more is split, with the rest from 4 GiB on. */
  readonly splitFrom: number;
  /** Where the low part ends then. */
  readonly lowTop: number;
  /** Whether what is accepted stands in the order of the metadata before all else, and is every section. */
  readonly acceptedFirst: boolean;
  readonly unacceptedAttributes: number;
  /** Bytes behind the descriptors that the list's end counts, though they are not measured. */
  readonly behind: number;
}

/** Hypervisors whose lists are known: QEMU's q35, Google Cloud's. */
export type HobWriter = "qemu" | "gcp";
const MANNERS: Readonly<Record<HobWriter, Manner>> = {
  qemu: { splitFrom: 0xb0000000, lowTop: 2 * GIB, acceptedFirst: false, unacceptedAttributes: ATTRIBUTES, behind: 8 },
  gcp: {
    ...{ splitFrom: 3 * GIB + 1, lowTop: 3 * GIB, acceptedFirst: true, behind: 0 },
    unacceptedAttributes: ATTRIBUTES | 0x10000000,
  },
};

interface Range {
  readonly start: number;
  readonly end: number;
  readonly accepted: boolean;
}

/**
 * The measured bytes of the list.
 *
 * @param sections of the firmware's metadata
 * @throws AssembleError `measure/environment-invalid`, `measure/firmware-invalid`
 */
export function tdHob(
  sections: readonly TdvfSection[],
  { memoryBytes, writer }: { readonly memoryBytes: number; readonly writer: HobWriter },
): Uint8Array {
  const manner = MANNERS[writer];
  const ranges = memoryRanges(sections, memoryBytes, manner);
  const bytes = new Uint8Array(HandoffTable.size + ranges.length * ResourceDescriptor.size);
  const base = sections.find(({ type }) => type === SECTION_TD_HOB)?.memoryAddress;
  if (base === undefined)
    throw new AssembleError(
      "measure/firmware-invalid",
      "Cannot predict RTMR0: the firmware's TDX metadata has no section for the TD HOB, one was wanted",
    );
  HandoffTable.encodeInto(bytes, 0, {
    ...{ hobType: HOB_TYPE_HANDOFF, hobLength: HandoffTable.size, reserved: 0, version: HANDOFF_VERSION, bootMode: 0 },
    ...{ memoryTop: 0, memoryBottom: 0, freeMemoryTop: 0, freeMemoryBottom: 0 },
    endOfHobList: base + bytes.length + manner.behind,
  });
  for (const [i, { start, end, accepted }] of ranges.entries())
    ResourceDescriptor.encodeInto(bytes, HandoffTable.size + i * ResourceDescriptor.size, {
      ...{ hobType: HOB_TYPE_RESOURCE, hobLength: ResourceDescriptor.size, reserved: 0, owner: new Uint8Array(16) },
      resourceType: accepted ? SYSTEM_MEMORY : MEMORY_UNACCEPTED,
      resourceAttribute: accepted ? ATTRIBUTES : manner.unacceptedAttributes,
      physicalStart: start,
      resourceLength: end - start,
    });
  return bytes;
}

function memoryRanges(sections: readonly TdvfSection[], memoryBytes: number, manner: Manner): Range[] {
  const { splitFrom, lowTop, acceptedFirst } = manner;
  const split = memoryBytes >= splitFrom;
  const top = split ? lowTop : memoryBytes;
  const listed = sections
    .filter(({ type }) => acceptedFirst || type === SECTION_TD_HOB || type === SECTION_TEMP_MEM)
    .map(({ memoryAddress: start, memoryDataSize }) => ({ start, end: start + memoryDataSize, accepted: true }));
  const sorted = listed.filter(({ start }) => start < HIGH_START - GIB).sort((a, b) => a.start - b.start);
  if (
    !Number.isInteger(memoryBytes / MEMORY_UNIT) ||
    memoryBytes > MEMORY_BYTES_MAX ||
    (sorted.at(-1)?.end ?? 0) >= top
  )
    throw memoryInvalid(`${memoryBytes} bytes`, "enough for the firmware, in units of 8 KiB");
  if (acceptedFirst && !split) throw memoryInvalid(`${memoryBytes} bytes`, "more than 3 GiB");
  const ranges: Range[] = acceptedFirst ? [...listed] : [];
  let free = 0;
  for (const range of sorted) {
    if (range.start > free) ranges.push({ start: free, end: range.start, accepted: false });
    if (!acceptedFirst) ranges.push(range);
    free = range.end;
  }
  ranges.push({ start: free, end: top, accepted: false });
  if (split) ranges.push({ start: HIGH_START, end: HIGH_START + memoryBytes - lowTop, accepted: false });
  return ranges;
}

function memoryInvalid(is: string, wanted: string): AssembleError {
  return new AssembleError(
    "measure/environment-invalid",
    `Cannot predict RTMR0: the memory is ${is}, ${wanted} was wanted`,
    {
      hint: "state all memory that the TD is given, as QEMU's -m does: 4GiB",
    },
  );
}
