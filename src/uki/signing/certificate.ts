/**
 * X.509 certificates (RFC 5280): self-signed ones for Secure Boot are written, and of any the parts are read that a signature names.
 * Checked by: openssl x509, sbverify.
 */
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import {
  bitString,
  element,
  explicit,
  integer,
  NULL,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  TRUE,
  utcTime,
  utf8String,
} from "../../codec/der/encode-der.js";
import { readElement, readElements } from "../../codec/der/read-der.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { sha256, signerOf } from "./signer.js";

const SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
/** Firmware ignores the dates; fixed ones need no clock. */
const VALIDITY = ["200101000000Z", "491231235959Z"] as const;
const SERIAL_BYTES = 16;

/** What a certificate is made of. */
export interface CertificateSpec {
  readonly commonName: string;
  readonly key: KeyObject;
}

/** A self-signed certificate in DER: the same for the same key and name. */
export async function makeCertificate({ commonName, key }: CertificateSpec): Promise<Uint8Array> {
  const spki = new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));
  const serial = sha256(spki).subarray(0, SERIAL_BYTES);
  // A serial number is positive.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const algorithm = sequence(objectIdentifier(SHA256_WITH_RSA), NULL);
  const name = sequence(setOf(sequence(objectIdentifier("2.5.4.3"), utf8String(commonName))));
  const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
    sequence(objectIdentifier(id), ...(critical ? [TRUE] : []), octetString(value));
  const body = sequence(
    explicit(0, integer(2)),
    integer(serial),
    algorithm,
    name,
    sequence(...VALIDITY.map(utcTime)),
    name,
    spki,
    explicit(
      3,
      sequence(
        extension("2.5.29.19", true, sequence(TRUE)),
        // digitalSignature, keyCertSign
        extension("2.5.29.15", true, bitString(Uint8Array.of(0x84), 2)),
        extension("2.5.29.14", false, octetString(sha256(spki).subarray(0, 20))),
      ),
    ),
  );
  return sequence(body, algorithm, bitString(await signerOf(key)(sha256(body))));
}

/** A certificate, from PEM or DER. @throws AssembleError `sign/certificate-invalid` */
export function readCertificate(bytes: Uint8Array, name: string): X509Certificate {
  try {
    const certificate = new X509Certificate(bytes);
    // The key is read only when it is asked for.
    if (certificate.publicKey.asymmetricKeyType === undefined) throw new Error("its key is of no known kind");
    return certificate;
  } catch (cause) {
    throw new AssembleError(
      "sign/certificate-invalid",
      `Cannot read the certificate ${name}: ${(cause as Error).message}, an X.509 certificate in PEM or DER was wanted`,
      { cause },
    );
  }
}

/** IssuerAndSerialNumber of a certificate (RFC 5652, 10.2.4). */
export function issuerAndSerial(certificate: X509Certificate): Uint8Array {
  const parts = readElements(readElement(readElement(new Uint8Array(certificate.raw)).content).content);
  // [0] version, serial, algorithm, issuer
  const at = parts[0]?.tag === 0xa0 ? 1 : 0;
  return element(0x30, parts[at + 2]!.whole, parts[at]!.whole);
}
