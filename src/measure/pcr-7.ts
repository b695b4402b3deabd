/**
 * PCR 7 with Secure Boot on: the variables that say what may start, and the entry of db by which it was started (TCG PFP §3.3.4.8;
 * UEFI_VARIABLE_DATA of §10.2.6). Checked by: PCR 7 of booted images, with keys that were enrolled in OVMF's variables.
 */

import type { X509Certificate } from "node:crypto";
import type { Content } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { readSignatureLists, variableVendor } from "../uki/signing/enrolment.js";
import { readSignature, signaturesOf, trustedBy } from "../uki/signing/read-signature.js";
import { eventOf, type MeasuredEvent, separator, utf16 } from "./event.js";

/** What is enrolled in a machine's firmware: the content of its variables, EFI signature lists. Without `dbx` it is empty. */
export interface EnrolledKeys {
  readonly PK: Uint8Array;
  readonly KEK: Uint8Array;
  readonly db: Uint8Array;
  readonly dbx?: Uint8Array | undefined;
}

/**
 * The events of PCR 7.
 *
 * @param programs what firmware starts, in its order
 * @throws AssembleError `measure/not-enrolled`, `sign/enrolment-invalid`, `sign/signature-invalid`
 */
export async function pcr7Events(programs: readonly Content[], enrolled: EnrolledKeys): Promise<MeasuredEvent[]> {
  return [
    ...variableEvents({ SecureBoot: Uint8Array.of(1), ...enrolled }),
    ...(await authorityEvents(programs, enrolled.db)),
  ];
}

/** The variables of Secure Boot, and the separator behind them. What does not exist has no data. */
export function variableEvents({
  SecureBoot,
  PK,
  KEK,
  db,
  dbx = new Uint8Array(),
}: EnrolledKeys & { readonly SecureBoot: Uint8Array }): MeasuredEvent[] {
  const events = Object.entries({ SecureBoot, PK, KEK, db, dbx }).map(([name, value]) =>
    eventOf("EV_EFI_VARIABLE_DRIVER_CONFIG", `the variable ${name}, ${value.length} bytes`, variableData(name, value)),
  );
  return [...events, separator()];
}

/**
 * The entries of db that vouch for what is started, each once.
 *
 * @throws AssembleError `measure/not-enrolled`, `sign/enrolment-invalid`, `sign/signature-invalid`
 */
export async function authorityEvents(programs: readonly Content[], db: Uint8Array): Promise<MeasuredEvent[]> {
  const entries = readSignatureLists(db);
  const events: MeasuredEvent[] = [];
  const used = new Set<Uint8Array>();
  for (const program of programs) {
    const { certificate, whole } = await entryFor(program, entries);
    if (used.has(whole)) continue;
    used.add(whole);
    const who = certificate.subject.replaceAll("\n", ", ");
    const what = `the entry of db that vouches for what is started: ${who}`;
    events.push(eventOf("EV_EFI_VARIABLE_AUTHORITY", what, variableData("db", whole)));
  }
  return events;
}

interface CertificateEntry {
  readonly certificate: X509Certificate;
  /** Owner and certificate, as they are in the list. */
  readonly whole: Uint8Array;
}

async function entryFor(program: Content, entries: readonly CertificateEntry[]): Promise<CertificateEntry> {
  for (const der of await signaturesOf(program)) {
    const read = readSignature(der);
    const found = entries.find(({ certificate }) => trustedBy(read, [certificate]) !== undefined);
    if (found !== undefined) return found;
  }
  throw new AssembleError(
    "measure/not-enrolled",
    "Cannot predict PCR 7: what the firmware is to start is signed by none of the certificates in db, one of those was wanted",
    { hint: "sign it with the key of an enrolled certificate, or pass the lists that are enrolled" },
  );
}

/** UEFI_VARIABLE_DATA of a variable of Secure Boot's: vendor, lengths of name and data as 64 bits each, name without NUL, data. */
export function variableData(name: string, value: Uint8Array): Uint8Array {
  const lengths = new Uint8Array(16);
  const view = new DataView(lengths.buffer);
  view.setBigUint64(0, BigInt(name.length), true);
  view.setBigUint64(8, BigInt(value.length), true);
  return new Uint8Array(Buffer.concat([variableVendor(name), lengths, utf16(name), value]));
}
