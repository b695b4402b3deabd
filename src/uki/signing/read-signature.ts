/**
 * Reads Authenticode signatures that nobody vouches for, and says whether they hold: PKCS#7 SignedData (RFC 2315, RFC 5652) over
 * SpcIndirectDataContent ("Windows Authenticode Portable Executable Signature Format"). RSA, SHA-256 and longer; what is older is refused.
 *
 * Checked by: signatures of Debian's kernels and of sbsign.
 */

import { createHash, type KeyObject, verify, X509Certificate } from "node:crypto";
import { type Content, concatContents, contentOfBytes } from "../../bytes/content.js";
import { readRange, sliceContent } from "../../bytes/slice-content.js";
import { element } from "../../codec/der/encode-der.js";
import { type DerElement, readElement, readElements } from "../../codec/der/read-der.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { DataDirectory, DIRECTORY_CERTIFICATES, OptionalHeader } from "../pe/headers.js";
import { certificateTable, readPe } from "../pe/read-pe.js";
import { issuerAndSerial } from "./certificate.js";
import { CertificateHeader, TYPE_PKCS_SIGNED_DATA } from "./sign-pe.js";

/** A signature as it is read; nothing of it is checked yet. */
export interface ReadSignature {
  /** What it says the Authenticode digest is. */
  readonly digest: Digest;
  /** Every certificate in it. */
  readonly certificates: readonly X509Certificate[];
  /** The one that is said to have signed. */
  readonly signer: X509Certificate;
  readonly signerAlgorithm: Algorithm;
  /** The signed attributes, as they were signed. */
  readonly attributes: Uint8Array;
  /** Of the content, as the attributes state it. */
  readonly messageDigest: Uint8Array;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}

/** Digest algorithms of signatures. */
export type Algorithm = "sha256" | "sha384" | "sha512";

/** A digest in lower-case hex. */
export interface Digest {
  readonly algorithm: Algorithm;
  readonly hex: string;
}

/** Stored object identifiers, in hex. */
const OID = {
  signedData: "2a864886f70d010702",
  spcIndirectData: "2b060104018237020104",
  contentType: "2a864886f70d010903",
  messageDigest: "2a864886f70d010904",
} as const;
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ["608648016503040201", "sha256"],
  ["608648016503040202", "sha384"],
  ["608648016503040203", "sha512"],
]);
/** Real signatures have some KiB. */
const TABLE_BYTES_MAX = 1 << 20;

/**
 * The signatures at the end of a PE file, each PKCS#7 in DER; none where the file is not signed.
 *
 * @throws AssembleError `uki/pe-invalid`, `sign/signature-invalid`
 */
export async function signaturesOf(content: Content): Promise<Uint8Array[]> {
  const table = certificateTable(await readPe(content));
  if (table === undefined) return [];
  if (table.size > TABLE_BYTES_MAX)
    throw invalid(`its certificate table has ${table.size} bytes`, `at most ${TABLE_BYTES_MAX}`);
  const bytes = await readRange(content, table.offset, table.size);
  const found: Uint8Array[] = [];
  for (let at = 0; at + CertificateHeader.size <= bytes.length; ) {
    const { length, type } = CertificateHeader.decode(bytes, at);
    if (length < CertificateHeader.size || at + length > bytes.length)
      throw invalid(`it has an entry of ${length} bytes`, "one inside its table");
    const body = bytes.subarray(at + CertificateHeader.size, at + length);
    // What is behind the element is padding.
    if (type === TYPE_PKCS_SIGNED_DATA) found.push(Uint8Array.from(readElement(body).whole));
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

/**
 * The file as it was before it was signed, but for the checksum, which no signature covers.
 *
 * @throws AssembleError `uki/pe-invalid`
 */
export async function withoutSignatures(content: Content): Promise<Content> {
  const image = await readPe(content);
  const table = certificateTable(image);
  if (table === undefined) return content;
  const entry = image.optionalOffset + OptionalHeader.size + DIRECTORY_CERTIFICATES * DataDirectory.size;
  const head = Uint8Array.from(await readRange(content, 0, entry + DataDirectory.size));
  DataDirectory.encodeInto(head, entry, { virtualAddress: 0, size: 0 });
  if (table.offset < head.length)
    throw invalid(`its certificates begin at ${table.offset}`, "a place behind the headers");
  return concatContents([contentOfBytes(head), sliceContent(content, head.length, table.offset - head.length)]);
}

/** Reads a signature: PKCS#7 in DER. @throws AssembleError `sign/signature-invalid`, `codec/der-invalid` */
export function readSignature(der: Uint8Array): ReadSignature {
  const [type, wrapped] = children(readElement(der));
  if (type === undefined || wrapped === undefined || hexOf(type) !== OID.signedData)
    throw invalid("it is no SignedData", "PKCS#7 SignedData");
  const fields = children(children(wrapped)[0]);
  const [contentType, explicit] = children(fields[2]);
  const content = children(explicit)[0];
  if (contentType === undefined || content === undefined || hexOf(contentType) !== OID.spcIndirectData)
    throw invalid("it signs something else", "an Authenticode digest");
  const signers = children(fields.at(-1));
  if (signers.length !== 1) throw invalid(`it has ${signers.length} signers`, "one");
  const certificates = certificatesOf(fields.slice(3).find(({ tag }) => tag === 0xa0));
  return {
    digest: digestOf(children(content)[1]),
    certificates,
    content: content.content,
    ...readSigner(children(signers[0]), certificates),
  };
}

function readSigner(
  fields: readonly DerElement[],
  certificates: readonly X509Certificate[],
): Pick<ReadSignature, "signer" | "signerAlgorithm" | "attributes" | "messageDigest" | "signature"> {
  const [, identity, algorithm, attributes, , signature] = fields;
  if (identity === undefined || attributes?.tag !== 0xa0 || signature?.tag !== 0x04)
    throw invalid("its signer has no signed attributes", "attributes and a signature");
  const signer = certificates.find((one) => Buffer.compare(issuerAndSerial(one), identity.whole) === 0);
  if (signer === undefined) throw invalid("it lacks its signer's certificate", "that certificate");
  const values = new Map(
    children(attributes).map((attribute) => {
      const [name, set] = children(attribute);
      return [name === undefined ? "" : hexOf(name), children(set)[0]] as const;
    }),
  );
  const said = values.get(OID.contentType);
  const messageDigest = values.get(OID.messageDigest);
  if (said === undefined || hexOf(said) !== OID.spcIndirectData || messageDigest === undefined)
    throw invalid("its attributes are not those of an Authenticode signature", "content type and message digest");
  return {
    signer,
    signerAlgorithm: algorithmOf(algorithm),
    // Signed as a SET, stored as [0].
    attributes: element(0x31, attributes.content),
    messageDigest: messageDigest.content,
    signature: signature.content,
  };
}

/** Whether the parts of a signature belong together: what is wrong, or undefined. What it signs and who signs is asked apart. */
export function flawOf(read: ReadSignature): string | undefined {
  const found = createHash(read.signerAlgorithm).update(read.content).digest();
  if (Buffer.compare(found, read.messageDigest) !== 0) return "its message digest is not that of its content";
  const publicKey = keyOf(read.signer);
  if (publicKey?.asymmetricKeyType !== "rsa") return `its key is of type ${publicKey?.asymmetricKeyType}, not RSA`;
  return verify(read.signerAlgorithm, read.attributes, publicKey, read.signature)
    ? undefined
    : "it was not made with the key of its certificate";
}

/** OpenSSL reads a certificate's key only when it is asked for it. */
function keyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

/** The certificate of `trusted` that the signer's leads to, by way of those in the signature; undefined where none does. */
export function trustedBy(read: ReadSignature, trusted: readonly X509Certificate[]): X509Certificate | undefined {
  let at = read.signer;
  for (let steps = 0; steps <= read.certificates.length; steps++) {
    const found =
      trusted.find((one) => one.fingerprint256 === at.fingerprint256) ?? trusted.find((one) => isIssuedBy(at, one));
    if (found !== undefined) return found;
    const next = read.certificates.find((one) => one.fingerprint256 !== at.fingerprint256 && isIssuedBy(at, one));
    if (next === undefined) return undefined;
    at = next;
  }
  return undefined;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const key = keyOf(issuer);
  return key !== undefined && issuer.ca && certificate.checkIssued(issuer) && certificate.verify(key);
}

function certificatesOf(field: DerElement | undefined): X509Certificate[] {
  return children(field).map(({ whole }) => {
    try {
      return new X509Certificate(whole);
    } catch (cause) {
      throw invalid("a certificate in it is damaged", "X.509 certificates", cause);
    }
  });
}

/** DigestInfo. */
function digestOf(info: DerElement | undefined): Digest {
  const [algorithm, digest] = children(info);
  if (digest === undefined) throw invalid("it has no digest", "one");
  return { algorithm: algorithmOf(algorithm), hex: hexOf(digest) };
}

function algorithmOf(field: DerElement | undefined): Algorithm {
  const name = children(field)[0];
  const algorithm = name === undefined ? undefined : ALGORITHMS.get(hexOf(name));
  if (algorithm === undefined) throw invalid("its digest algorithm is none that firmware takes", "SHA-256");
  return algorithm;
}

function children(parent: DerElement | undefined): DerElement[] {
  return parent === undefined || (parent.tag & 0x20) === 0 ? [] : readElements(parent.content);
}

function hexOf({ content }: DerElement): string {
  return Buffer.from(content).toString("hex");
}

function invalid(is: string, wanted: string, cause?: unknown): AssembleError {
  return new AssembleError("sign/signature-invalid", `Cannot read the signature: ${is}, ${wanted} was wanted`, {
    cause,
  });
}
