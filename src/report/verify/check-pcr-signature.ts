/**
 * Checks the signed PCR policies of a UKI: that they are those of its own sections, and signed with the key that the image names.
 */

import type { KeyObject } from "node:crypto";
import type { Content } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { pcr11Events } from "../../measure/pcr-11.js";
import { pcrSignatureFlaw, readPublicKey } from "../../measure/pcr-signature.js";
import { readUki } from "../../measure/read-uki.js";
import type { Check } from "./check.js";

/** What is checked. */
export interface PcrSignatureInput {
  readonly uki: Content;
  /** `.pcrsig` and `.pcrpkey`; undefined where the UKI has none. */
  readonly found: { readonly signature: Uint8Array; readonly publicKey: Uint8Array } | undefined;
  readonly phases: readonly string[];
  /** The key that is trusted; undefined: the UKI's own, which then says only that the parts belong together. */
  readonly trusted: KeyObject | undefined;
}

/** Checks signed PCR policies. */
export async function checkPcrSignature({ uki, found, phases, trusted }: PcrSignatureInput): Promise<Check> {
  const name = "pcr-signature";
  if (found === undefined)
    return { name, outcome: "fails", message: "the UKI has no signed PCR policies, such were wanted" };
  try {
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
    const own = readPublicKey(text(found.publicKey), ".pcrpkey");
    if (trusted !== undefined && !trusted.equals(own))
      return { name, outcome: "fails", message: "the public key in the UKI is not that of the recipe" };
    const events = await pcr11Events(await readUki(uki));
    const flaw = pcrSignatureFlaw(text(found.signature), { events, phases, publicKey: own });
    if (flaw !== undefined) return { name, outcome: "fails", message: `of the signed PCR policies: ${flaw}` };
    return trusted === undefined
      ? { name, outcome: "unchecked", message: "the policies are signed with the key that the UKI itself names" }
      : { name, outcome: "holds", message: "the policies over PCR 11 are signed with the recipe's key" };
  } catch (error) {
    if (!(error instanceof AssembleError)) throw error;
    return { name, outcome: "fails", message: error.message };
  }
}
