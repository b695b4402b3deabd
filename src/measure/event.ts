/**
 * Events: what firmware, stub and kernel measure, one after the other, and how registers follow from them.
 *
 * TCG PC Client Platform Firmware Profile 1.05 §10 (event types); UEFI 2.10 §38.4.1 (how PCRs map to TDX registers).
 * Checked by: PCRs and event logs of booted images.
 */

import { createHash } from "node:crypto";
import type { Content } from "../bytes/content.js";

/** Hash algorithms of TPM banks; TDX registers are SHA-384. */
export type Bank = "sha256" | "sha384";
export const banks: readonly Bank[] = ["sha256", "sha384"];

/** Lower-case hex by bank. */
export type Digests = Readonly<Record<Bank, string>>;

/** One measurement. */
export interface MeasuredEvent {
  /** As the TCG's profile names it. */
  readonly type: string;
  /** What was hashed, in words. */
  readonly what: string;
  /** Absent where the bytes differ from boot to boot: the registers they go into have no predictable value. */
  readonly digests?: Digests | undefined;
}

/** A register with the events that make its value. */
export interface Register {
  /** `pcr4`, `mrtd`, `rtmr1`. */
  readonly name: string;
  /** The final value, lower-case hex; TDX registers have SHA-384 only. */
  readonly values: Readonly<Partial<Record<Bank, string>>>;
  readonly events: readonly MeasuredEvent[];
  /** What the value holds for, where that is not the artifact alone. */
  readonly boundTo?: string | undefined;
}

/** An event over bytes that are at hand. */
export function eventOf(type: string, what: string, bytes: Uint8Array): MeasuredEvent {
  return { type, what, digests: digestsOf(bytes) };
}

/** The digests of bytes. */
export function digestsOf(bytes: Uint8Array): Digests {
  const [sha256, sha384] = banks.map((bank) => createHash(bank).update(bytes).digest("hex"));
  return { sha256: sha256!, sha384: sha384! };
}

/** The digests of a content, which is read once. */
export async function digestsOfContent(content: Content): Promise<Digests> {
  const hashes = banks.map((bank) => createHash(bank));
  for await (const chunk of content.chunks()) for (const hash of hashes) hash.update(chunk);
  const [sha256, sha384] = hashes.map((hash) => hash.digest("hex"));
  return { sha256: sha256!, sha384: sha384! };
}

/** The value of a register that began at zero and was extended with the digests: H(old ‖ digest) each time. */
export function extend(algorithm: Bank | "sha1", digests: Iterable<string>): string {
  let value = Buffer.alloc(createHash(algorithm).digest().length);
  for (const digest of digests)
    value = createHash(algorithm).update(value).update(Buffer.from(digest, "hex")).digest() as typeof value;
  return value.toString("hex");
}

/** A register of the banks that its events make; without values where an event has no predictable digest. */
export function registerOf(
  name: string,
  events: readonly MeasuredEvent[],
  options: { readonly banks: readonly Bank[]; readonly boundTo?: string | undefined },
): Register {
  const { boundTo } = options;
  const known = events.flatMap(({ digests }) => (digests === undefined ? [] : [digests]));
  const values: Partial<Record<Bank, string>> = {};
  if (known.length === events.length)
    for (const bank of options.banks) {
      const digests = known.map((event) => event[bank]);
      values[bank] = extend(bank, digests);
    }
  return { name, values, events, ...(boundTo === undefined ? {} : { boundTo }) };
}

/** A PCR with both banks. */
export function pcrOf(number: number, events: readonly MeasuredEvent[]): Register {
  return registerOf(`pcr${number}`, events, { banks });
}

/** A TDX run-time register. */
export function rtmrOf(number: number, events: readonly MeasuredEvent[], boundTo?: string): Register {
  return registerOf(`rtmr${number}`, events, { banks: ["sha384"], boundTo });
}

/** UTF-16LE. */
export function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "utf16le"));
}

/** The separator that firmware puts between its own measurements and those of what it boots. */
export function separator(): MeasuredEvent {
  return eventOf("EV_SEPARATOR", "four zero bytes: the firmware hands over", new Uint8Array(4));
}

/** An action that firmware states in words. */
export function action(text: string): MeasuredEvent {
  return eventOf("EV_EFI_ACTION", `the text ${JSON.stringify(text)}`, new TextEncoder().encode(text));
}
