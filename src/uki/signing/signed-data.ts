/**
 * PKCS#7 SignedData (RFC 2315) without a signing time: the same input gives the same bytes. Two kinds: Authenticode signatures of
 * PE files, and the detached signatures of authenticated UEFI variables. Checked by: sbverify, openssl pkcs7, edk2.
 */
import type { X509Certificate } from "node:crypto";
import {
  bitString,
  element,
  explicit,
  implicit,
  integer,
  NULL,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from "../../codec/der/encode-der.js";
import { readElement } from "../../codec/der/read-der.js";
import { issuerAndSerial } from "./certificate.js";
import { digestInfo, SHA256, type Signer, sha256, signChecked } from "./signer.js";

const OID = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  rsa: "1.2.840.113549.1.1.1",
  spcIndirectData: "1.3.6.1.4.1.311.2.1.4",
  spcPeImageData: "1.3.6.1.4.1.311.2.1.15",
} as const;

/** Who signs, and what says so. */
export interface Signing {
  readonly signer: Signer;
  readonly certificate: X509Certificate;
}

/** The Authenticode signature of a PE file with this sha256 digest (Authenticode, "SpcIndirectDataContent"): a ContentInfo. */
export async function authenticodeSignature(digest: Uint8Array, signing: Signing): Promise<Uint8Array> {
  const obsolete = Buffer.from("<<<Obsolete>>>", "utf16le").swap16();
  const imageData = sequence(bitString(new Uint8Array(0)), explicit(0, explicit(2, implicit(0, obsolete))));
  const content = sequence(sequence(objectIdentifier(OID.spcPeImageData), imageData), digestInfo(digest));
  // The message digest covers the content without its tag and length.
  const messageDigest = sha256(readElement(content).content);
  const attributes = setOf(
    sequence(objectIdentifier(OID.contentType), setOf(objectIdentifier(OID.spcIndirectData))),
    sequence(objectIdentifier(OID.messageDigest), setOf(octetString(messageDigest))),
  );
  const signature = await signChecked(sha256(attributes), signing.signer, signing.certificate);
  // Signed as a SET, stored as [0].
  const stored = element(0xa0, readElement(attributes).content);
  const info = sequence(objectIdentifier(OID.spcIndirectData), explicit(0, content));
  return sequence(
    objectIdentifier(OID.signedData),
    explicit(0, signedData(info, { attributes: stored, signature, certificate: signing.certificate })),
  );
}

/** The detached signature of bytes, as an authenticated variable carries it: SignedData alone (UEFI 2.10, 8.2.2). */
export async function variableSignature(bytes: Uint8Array, signing: Signing): Promise<Uint8Array> {
  const signature = await signChecked(sha256(bytes), signing.signer, signing.certificate);
  return signedData(sequence(objectIdentifier(OID.data)), { signature, certificate: signing.certificate });
}

interface Signed {
  readonly attributes?: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: X509Certificate;
}

function signedData(contentInfo: Uint8Array, { attributes, signature, certificate }: Signed): Uint8Array {
  const signerInfo = sequence(
    integer(1),
    issuerAndSerial(certificate),
    SHA256,
    ...(attributes === undefined ? [] : [attributes]),
    sequence(objectIdentifier(OID.rsa), NULL),
    octetString(signature),
  );
  const certificates = element(0xa0, new Uint8Array(certificate.raw));
  return sequence(integer(1), setOf(SHA256), contentInfo, certificates, setOf(signerInfo));
}
