/**
 * Reads event logs that nobody vouches for: TCG logs with SHA-1 alone (TCG_PCR_EVENT), crypto-agile ones (TCG_PCR_EVENT2
 * behind a Spec ID event), and those of confidential VMs (ACPI table CCEL), which look like the latter and count TDX registers.
 *
 * TCG PC Client Platform Firmware Profile 1.05 §10.2; UEFI 2.10 §38.2. Checked by: logs of booted images replay to their PCRs.
 */

import { ascii, at, layout, raw, u16, u32 } from "../bytes/layout.js";
import { AssembleError } from "../errors/assemble-error.js";
import { eventTypeName } from "./event-types.js";

/** Algorithms by their TPM numbers, with the size of a digest. */
const ALGORITHMS: ReadonlyMap<number, readonly [name: LogBank, bytes: number]> = new Map([
  [0x0004, ["sha1", 20]],
  [0x000b, ["sha256", 32]],
  [0x000c, ["sha384", 48]],
  [0x000d, ["sha512", 64]],
  [0x0012, ["sm3", 32]],
]);

/** Banks that logs have. */
export type LogBank = "sha1" | "sha256" | "sha384" | "sha512" | "sm3";

/** An event of a log. */
export interface LogEvent {
  /** `pcr4`, `rtmr1`. */
  readonly register: string;
  /** As the TCG's profile names it. */
  readonly type: string;
  /** Lower-case hex by bank. */
  readonly digests: Readonly<Partial<Record<LogBank, string>>>;
  readonly data: Uint8Array;
}

/** A log. */
export interface EventLog {
  readonly kind: "legacy" | "crypto-agile" | "cc";
  readonly banks: readonly LogBank[];
  readonly events: readonly LogEvent[];
}

/** TCG_PCR_EVENT without its data. */
const PcrEvent = layout("TCG_PCR_EVENT", 32, "little", {
  pcrIndex: at(0, u32),
  eventType: at(4, u32),
  digest: at(8, raw(20)),
  eventDataSize: at(28, u32),
});

/** TCG_EfiSpecIdEvent up to its algorithms. */
const SpecIdEvent = layout("TCG_EfiSpecIdEvent", 28, "little", {
  signature: at(0, ascii(16)),
  platformClass: at(16, u32),
  versionAndErrata: at(20, u32),
  numberOfAlgorithms: at(24, u32),
});

/** TCG_PCR_EVENT2 up to its digests. */
const PcrEvent2 = layout("TCG_PCR_EVENT2", 12, "little", {
  pcrIndex: at(0, u32),
  eventType: at(4, u32),
  digestCount: at(8, u32),
});
const Algorithm = layout("TCG_EfiSpecIdEventAlgorithmSize", 4, "little", { id: at(0, u16), digestSize: at(2, u16) });
const AlgorithmId = layout("TPMT_HA", 2, "little", { id: at(0, u16) });
const DataSize = layout("EventSize", 4, "little", { size: at(0, u32) });

const EV_NO_ACTION = 0x03;
const SPEC_ID = "Spec ID Event03";
const REGISTERS_MAX = 24;
/** What UEFI 2.10 §38.4.1 numbers: MRTD, then RTMR0 to RTMR3. */
const CC_REGISTERS: readonly string[] = ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"];
const ALGORITHMS_MAX = 16;

/**
 * Reads an event log. What follows a record that is all zeros or all ones is taken for the unused end of the log's area.
 *
 * @throws AssembleError `measure/event-log-invalid`
 */
export function readEventLog(bytes: Uint8Array): EventLog {
  try {
    const first = PcrEvent.decode(bytes);
    const start = PcrEvent.size + first.eventDataSize;
    if (start > bytes.length) throw invalid("its first event is cut off");
    const data = bytes.subarray(PcrEvent.size, start);
    const isAgile = first.eventType === EV_NO_ACTION && Buffer.from(data).toString("latin1").startsWith(SPEC_ID);
    return isAgile ? readAgile(bytes, { start, sizes: algorithmSizes(data) }) : readLegacy(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(error.message, error);
  }
}

function algorithmSizes(data: Uint8Array): ReadonlyMap<number, number> {
  const { numberOfAlgorithms: count } = SpecIdEvent.decode(data);
  if (count === 0 || count > ALGORITHMS_MAX) throw invalid(`it states ${count} algorithms`);
  const sizes = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const { id, digestSize } = Algorithm.decode(data, SpecIdEvent.size + i * Algorithm.size);
    const known = ALGORITHMS.get(id)?.[1];
    if (known !== undefined && known !== digestSize)
      throw invalid(`algorithm ${id} has digests of ${digestSize} bytes`);
    sizes.set(id, digestSize);
  }
  return sizes;
}

function readAgile(
  bytes: Uint8Array,
  { start, sizes }: { readonly start: number; readonly sizes: ReadonlyMap<number, number> },
): EventLog {
  const read: { index: number; type: number; digests: LogEvent["digests"]; data: Uint8Array }[] = [];
  let place = start;
  while (place < bytes.length && !isUnused(bytes, place)) {
    const { pcrIndex: index, eventType: type, digestCount } = PcrEvent2.decode(bytes, place);
    if (digestCount > ALGORITHMS_MAX) throw invalid(`event ${read.length + 1} has ${digestCount} digests`);
    place += PcrEvent2.size;
    const digests: Partial<Record<LogBank, string>> = {};
    for (let i = 0; i < digestCount; i++) {
      const { id } = AlgorithmId.decode(bytes, place);
      const size = sizes.get(id);
      if (size === undefined)
        throw invalid(`event ${read.length + 1} has a digest of algorithm ${id}, not stated before`);
      place += AlgorithmId.size;
      if (place + size > bytes.length) throw invalid(`event ${read.length + 1} is cut off`);
      const bank = ALGORITHMS.get(id)?.[0];
      if (bank !== undefined) digests[bank] = Buffer.from(bytes.subarray(place, place + size)).toString("hex");
      place += size;
    }
    const { size } = DataSize.decode(bytes, place);
    place += DataSize.size;
    if (place + size > bytes.length) throw invalid(`event ${read.length + 1} is cut off`);
    read.push({ index, type, digests, data: bytes.slice(place, place + size) });
    place += size;
  }
  const banks = [...sizes.keys()].flatMap((id) => ALGORITHMS.get(id)?.[0] ?? []);
  const isCc = banks.length === 1 && banks[0] === "sha384" && read.every(({ index }) => index < CC_REGISTERS.length);
  return {
    kind: isCc ? "cc" : "crypto-agile",
    banks,
    events: read.flatMap(({ index, type, digests, data }) =>
      // Not extended: the startup locality and the like
      type === EV_NO_ACTION ? [] : [{ register: registerName(index, isCc), type: eventTypeName(type), digests, data }],
    ),
  };
}

function readLegacy(bytes: Uint8Array): EventLog {
  const events: LogEvent[] = [];
  let place = 0;
  while (place < bytes.length && !isUnused(bytes, place)) {
    const { pcrIndex, eventType, digest, eventDataSize } = PcrEvent.decode(bytes, place);
    place += PcrEvent.size;
    if (place + eventDataSize > bytes.length) throw invalid(`event ${events.length + 1} is cut off`);
    const data = bytes.slice(place, place + eventDataSize);
    place += eventDataSize;
    if (eventType === EV_NO_ACTION) continue;
    const digests = { sha1: Buffer.from(digest).toString("hex") };
    events.push({ register: registerName(pcrIndex, false), type: eventTypeName(eventType), digests, data });
  }
  if (events.length === 0) throw invalid("it has no events");
  return { kind: "legacy", banks: ["sha1"], events };
}

/** The area of a log is longer than the log: firmware leaves zeros or ones behind it. */
function isUnused(bytes: Uint8Array, place: number): boolean {
  const head = bytes.subarray(place, place + PcrEvent2.size);
  return head.every((byte) => byte === 0) || head.every((byte) => byte === 0xff);
}

function registerName(index: number, isCc: boolean): string {
  if (isCc) return CC_REGISTERS[index]!;
  if (index >= REGISTERS_MAX) throw invalid(`it has an event of PCR ${index}`);
  return `pcr${index}`;
}

function invalid(is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "measure/event-log-invalid",
    `Cannot read the event log: ${is}, a TCG or CC event log was wanted`,
    { cause },
  );
}
