/**
 * Replays an event log: what its events make of the registers, where it leaves what was expected, and why that may be.
 */

import { type Bank, extend } from "./event.js";
import type { EventLog, LogBank, LogEvent } from "./event-log.js";
import type { ExpectedRegister } from "./expected.js";

/** A register after a replay. */
export interface ReplayedRegister {
  readonly name: string;
  readonly bank: LogBank;
  readonly value: string;
  readonly events: number;
  /** Absent where nothing is expected of it. */
  readonly expected?: readonly string[] | undefined;
  /** What the machine says it holds. */
  readonly live?: string | undefined;
  readonly matches?: boolean | undefined;
}

/** Where a log leaves what was expected. */
export interface Divergence {
  readonly register: string;
  /** Of the register's own events, from 1. */
  readonly event: number;
  readonly expected?: { readonly type: string; readonly what: string; readonly digest: string | undefined } | undefined;
  readonly found?: { readonly type: string; readonly what: string; readonly digest: string } | undefined;
  /** Why that may be. */
  readonly reason: string;
}

/** The outcome. */
export interface Replay {
  readonly kind: EventLog["kind"];
  readonly registers: readonly ReplayedRegister[];
  /** The first event in the order of the log that is not the expected one. */
  readonly divergence?: Divergence | undefined;
  /** Expected registers that a log of this kind knows nothing of: a TPM's log has no RTMRs, that of a TD no PCRs. They are not judged. */
  readonly notInLog: readonly string[];
  readonly matches: boolean;
}

const REPLAYED_BANKS: readonly (Bank | "sha1")[] = ["sha256", "sha384", "sha1"];

/** Replays a log; `expected` and `live` are by register. */
export function replay(
  log: EventLog,
  expected: ReadonlyMap<string, ExpectedRegister>,
  live: ReadonlyMap<string, readonly string[]> = new Map(),
): Replay {
  const isOfKind = (name: string) => name.startsWith("pcr") === (log.kind !== "cc");
  const logged = (name: string) => isOfKind(name) || live.has(name);
  const notInLog = [...expected.keys()].filter((name) => !logged(name)).sort(byRegister);
  const known = [...log.events.map(({ register }) => register), ...[...expected.keys()].filter(logged)];
  const registers = [...new Set(known)].sort(byRegister);
  const replayed: ReplayedRegister[] = [];
  for (const name of registers) {
    const events = log.events.filter(({ register }) => register === name);
    for (const bank of REPLAYED_BANKS) {
      if (!log.banks.includes(bank)) continue;
      const digests = events.map(({ digests }) => digests[bank]);
      if (digests.includes(undefined)) continue;
      const value = extend(bank, digests as string[]);
      const wanted = expected.get(name)?.values.filter((one) => one.length === value.length);
      const says = live.get(name)?.find((one) => one.length === value.length);
      // MRTD is measured before anything can log it
      if (name === "mrtd" && events.length === 0 && says === undefined) continue;
      const held = says ?? value;
      const consistent = says === undefined || says === value || name === "mrtd" || !isOfKind(name);
      replayed.push({
        ...{ name, bank, value, events: events.length },
        ...(says === undefined ? {} : { live: says }),
        ...(wanted === undefined || wanted.length === 0 ? {} : { expected: wanted }),
        ...(wanted === undefined || wanted.length === 0
          ? says === undefined
            ? {}
            : { matches: consistent }
          : { matches: consistent && wanted.includes(held) }),
      });
    }
  }
  const divergence = firstDivergence(log, expected);
  const judged = replayed.filter(({ matches }) => matches !== undefined);
  return {
    kind: log.kind,
    registers: replayed,
    ...(divergence === undefined ? {} : { divergence }),
    notInLog,
    matches: divergence === undefined && judged.length > 0 && judged.every(({ matches }) => matches === true),
  };
}

/** MRTD, RTMRs, PCRs by number. */
function byRegister(a: string, b: string): number {
  const rank = (name: string) => ["mrtd", "rtmr", "pcr"].findIndex((kind) => name.startsWith(kind));
  return rank(a) - rank(b) || Number(a.replace(/\D/g, "")) - Number(b.replace(/\D/g, ""));
}

interface Candidate extends Divergence {
  /** Place in the log. */
  readonly place: number;
}

function firstDivergence(log: EventLog, expected: ReadonlyMap<string, ExpectedRegister>): Divergence | undefined {
  const found = [...expected].flatMap(([name, { events }]) => {
    if (events === undefined || !log.events.some(({ register }) => register === name)) return [];
    return registerDivergence(log, name, events) ?? [];
  });
  const first = found.sort((a, b) => a.place - b.place)[0];
  if (first === undefined) return undefined;
  const { place: _, ...divergence } = first;
  return divergence;
}

function registerDivergence(
  log: EventLog,
  register: string,
  wanted: NonNullable<ExpectedRegister["events"]>,
): Candidate | undefined {
  const own = log.events.flatMap((event, place) => (event.register === register ? [{ event, place }] : []));
  for (let i = 0; i < Math.max(own.length, wanted.length); i++) {
    const found = own[i];
    const expected = wanted[i];
    const bank = (["sha384", "sha256"] as const).find((one) => log.banks.includes(one));
    // A log of SHA-1 has no digest that a prediction could be compared with.
    if (bank === undefined) return undefined;
    const got = found?.event.digests[bank];
    const want = expected?.digests?.[bank];
    if (got !== undefined && expected !== undefined && (want === undefined || got === want)) continue;
    return {
      place: found?.place ?? log.events.length,
      register,
      event: i + 1,
      ...(expected === undefined ? {} : { expected: { type: expected.type, what: expected.what, digest: want } }),
      ...(found === undefined
        ? {}
        : { found: { type: found.event.type, what: inWords(found.event), digest: got ?? "" } }),
      reason: reasonFor(expected, found?.event),
    };
  }
  return undefined;
}

const PRINTABLE = /^[ -~]+$/;

/** What the data of an event says: its text, or its size. */
function inWords({ data }: LogEvent): string {
  const narrow = Buffer.from(data).toString("latin1").replace(/\0+$/, "");
  if (PRINTABLE.test(narrow)) return JSON.stringify(narrow);
  const wide = Buffer.from(data).toString("utf16le").replace(/\0+$/, "");
  if (PRINTABLE.test(wide)) return JSON.stringify(wide);
  const tagged = Buffer.from(data.subarray(8)).toString("latin1").replace(/\0+$/, "");
  return PRINTABLE.test(tagged) ? JSON.stringify(tagged) : `${data.length} bytes of data`;
}

/** Causes by what was expected, the most likely first. */
const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/TD HOB/, "another size of memory, or another hypervisor"],
  [/\(CFV\)/, "another firmware file, or other variables in it"],
  [/^fw_cfg's/, "devices with another bootindex, or a boot menu"],
  [/^the variable /, "other Secure Boot keys, Secure Boot on or off, or firmware that has or lacks it"],
  [/^ACPI: /, "other devices, processors or memory, or another QEMU: ACPI's tables follow from them"],
  [/SMBIOS/, "another QEMU, another machine type or memory, or -smbios options"],
  [/^the value of Boot/, "other disks, or disks that are attached in another way"],
  [/entry of db/, "what is started is signed with another key"],
  [/load options/, "other load options were handed over (QEMU's -append, a boot entry), or none"],
  [/command line|\.cmdline/, "another command line: a different recipe, or load options of the host (-append)"],
  [
    /kernel inside the UKI/,
    "another kernel, another systemd stub (from 258 on it starts the kernel itself), or Secure Boot is on",
  ],
  [/systemd-boot/, "another version of systemd-boot, or the firmware started the UKI without it"],
  [/the UKI$/, "another UKI, or one that was changed; with systemd-boot, the boot manager is measured before it"],
  [/\.linux/, "another kernel"],
  [
    /initrd/,
    "another initrd, another stub (from 257 on it packs .osrel into the initrd), or companion files on the ESP",
  ],
  [/GPT/, "another partition table: the disk was resized or repartitioned, or another disk was booted"],
  [/loader\.conf/, "another loader.conf on the ESP"],
  [/Calling EFI Application/, "another way of booting: from a disk, or QEMU's -kernel, which is measured before this"],
  [/Exit Boot Services/, "something was started or measured between the UKI and the kernel"],
  [/name \.|content of \./, "another UKI, or another version of the stub, which measures other sections"],
  [/separator|zero bytes/, "another firmware"],
];

function reasonFor(expected: { readonly what: string } | undefined, found: LogEvent | undefined): string {
  if (found === undefined) return "the log ends before this event: something was not measured, or the log is cut off";
  const likely = REASONS.find(([pattern]) => pattern.test(expected?.what ?? ""))?.[1];
  if (expected === undefined)
    return "nothing more was expected: something else was started or measured, such as addons, credentials or extensions";
  return likely ?? "the environment is another than that of the prediction";
}
