/**
 * Checks the Authenticode signatures of a UKI against certificates.
 */

import type { X509Certificate } from "node:crypto";
import type { Content } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { authenticodeDigests } from "../../uki/pe/authenticode-digest.js";
import {
  flawOf,
  type ReadSignature,
  readSignature,
  signaturesOf,
  trustedBy,
} from "../../uki/signing/read-signature.js";
import type { Check } from "./check.js";

/** What a signature is checked against. */
export interface SignatureOptions {
  /** Those that are trusted; empty: the signature alone is looked at. */
  readonly certificates: readonly X509Certificate[];
  /** Milliseconds since 1970, to say that a certificate has expired; firmware does not ask. */
  readonly now: number;
}

/** Checks the signatures of a PE file. @throws AssembleError `uki/pe-invalid` */
export async function checkSignature(uki: Content, options: SignatureOptions): Promise<Check> {
  const name = "signature";
  try {
    const signatures = (await signaturesOf(uki)).map(readSignature);
    if (signatures.length === 0)
      return options.certificates.length === 0
        ? { name, outcome: "unchecked", message: "the UKI is not signed" }
        : { name, outcome: "fails", message: "the UKI is not signed, a signature was wanted" };
    const [sha256, sha384] = await authenticodeDigests(uki, ["sha256", "sha384"]);
    const verdicts = signatures.map((read) => verdictOn(read, { ...options, digests: { sha256, sha384 } }));
    // Firmware takes a file of which one signature is good.
    return verdicts.find(({ outcome }) => outcome === "holds") ?? verdicts[0]!;
  } catch (error) {
    if (!(error instanceof AssembleError) || error.code === "uki/pe-invalid") throw error;
    return { name, outcome: "fails", message: error.message };
  }
}

function verdictOn(
  read: ReadSignature,
  options: SignatureOptions & { readonly digests: Readonly<Record<string, string | undefined>> },
): Check {
  const name = "signature";
  const { signer, digest } = read;
  const who = subjectOf(signer);
  const fails = (message: string): Check => ({
    name,
    outcome: "fails",
    message: `the signature of ${who}: ${message}`,
  });
  const flaw = flawOf(read);
  if (flaw !== undefined) return fails(flaw);
  if (options.digests[digest.algorithm] !== digest.hex) return fails(`it is of other bytes (${digest.hex})`);
  const details = datesOf(signer, options.now);
  if (options.certificates.length === 0)
    return {
      name,
      outcome: "unchecked",
      message: `it is signed by ${who}, and no certificate was given to hold that against (--certificate); sha256 of that in the signature: ${fingerprint(signer)}`,
      details,
    };
  const trusted = trustedBy(read, options.certificates);
  if (trusted === undefined) return fails("none of the certificates that were given vouches for it");
  return {
    name,
    outcome: "holds",
    message: `signed by ${who}, as the certificate of ${subjectOf(trusted)} says`,
    details,
  };
}

/** Says that a certificate is out of its dates; nothing depends on that, since firmware has no clock to trust. */
export function datesOf(certificate: X509Certificate, now: number): string[] {
  const { validFrom, validTo } = certificate;
  if (Date.parse(validTo) < now)
    return [`warning: the certificate of ${subjectOf(certificate)} has expired: ${validTo}`];
  if (Date.parse(validFrom) > now)
    return [`warning: the certificate of ${subjectOf(certificate)} is not valid before ${validFrom}`];
  return [];
}

function subjectOf({ subject }: X509Certificate): string {
  return (subject ?? "nobody").replaceAll("\n", ", ");
}

function fingerprint({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}
