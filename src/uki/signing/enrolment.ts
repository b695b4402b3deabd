/**
 * Files that enrol Secure Boot keys: EFI signature lists (UEFI 2.10, 32.4.1) and authenticated variables (8.2.2,
 * EFI_VARIABLE_AUTHENTICATION_2). Checked by: cert-to-efi-sig-list, sign-efi-sig-list.
 */

import { X509Certificate } from "node:crypto";
import { guidBytes } from "../../bytes/guid.js";
import { at, layout, raw, u8, u16, u32 } from "../../bytes/layout.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Signing } from "./signed-data.js";
import { variableSignature } from "./signed-data.js";

/** Variables that can be enrolled. */
export type SecureBootVariable = "PK" | "KEK" | "db";

/** EFI_CERT_X509_GUID. */
const CERT_X509 = guidBytes("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");
/** EFI_CERT_TYPE_PKCS7_GUID. */
const CERT_PKCS7 = guidBytes("4aafd29d-68df-49ee-8aa9-347d375665a7");
/** EFI_GLOBAL_VARIABLE. */
const GLOBAL_VARIABLE = guidBytes("8be4df61-93ca-11d2-aa0d-00e098032b8c");
/** EFI_IMAGE_SECURITY_DATABASE_GUID. */
const SECURITY_DATABASE = guidBytes("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

/** EFI_SIGNATURE_LIST with the owner of its one signature. */
const SignatureList = layout("EfiSignatureList", 44, "little", {
  type: at(0, raw(16)),
  listSize: at(16, u32),
  headerSize: at(20, u32),
  signatureSize: at(24, u32),
  owner: at(28, raw(16)),
});

/** EFI_TIME and WIN_CERTIFICATE_UEFI_GUID. */
const Authentication = layout("EfiVariableAuthentication2", 40, "little", {
  year: at(0, u16),
  month: at(2, u8),
  day: at(3, u8),
  rest: at(4, raw(12)),
  length: at(16, u32),
  revision: at(20, u16),
  certificateType: at(22, u16),
  type: at(24, raw(16)),
});

/** Non-volatile, boot-service and run-time access, time-based authentication. */
const ATTRIBUTES = Uint8Array.of(0x27, 0, 0, 0);
const TIME_BYTES = 16;
/** Any time does for a first enrolment; a later one must be later. */
const TIME = { year: 2020, month: 1, day: 1, rest: new Uint8Array(12) } as const;

/** The GUID, as it is stored, that a variable of Secure Boot's is kept under. */
export function variableVendor(name: string): Uint8Array {
  return name.startsWith("db") ? SECURITY_DATABASE : GLOBAL_VARIABLE;
}

/** A signature list of one certificate (DER). `owner`: 16 stored bytes. */
export function signatureList(certificate: Uint8Array, owner: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SignatureList.size + certificate.length);
  SignatureList.encodeInto(bytes, 0, {
    type: CERT_X509,
    listSize: bytes.length,
    headerSize: 0,
    signatureSize: 16 + certificate.length,
    owner,
  });
  bytes.set(certificate, SignatureList.size);
  return bytes;
}

/** A variable's new value with the signature that firmware wants: db is signed with KEK, KEK and PK with PK. */
export async function authenticatedVariable(
  name: SecureBootVariable,
  list: Uint8Array,
  signing: Signing,
): Promise<Uint8Array> {
  const header = new Uint8Array(Authentication.size);
  const common = { ...TIME, revision: 0x0200, certificateType: 0x0ef1, type: CERT_PKCS7 };
  Authentication.encodeInto(header, 0, { ...common, length: 0 });
  const time = header.slice(0, TIME_BYTES);
  const signed = Buffer.concat([Buffer.from(name, "utf16le"), variableVendor(name), ATTRIBUTES, time, list]);
  const signature = await variableSignature(new Uint8Array(signed), signing);
  Authentication.encodeInto(header, 0, { ...common, length: Authentication.size - TIME_BYTES + signature.length });
  return new Uint8Array(Buffer.concat([header, signature, list]));
}

const OWNER_BYTES = 16;
/** Real ones have some KiB. */
const LISTS_BYTES_MAX = 1 << 20;

/**
 * The certificates of signature lists, each with its stored form: owner and DER. Lists of hashes and other types are passed over.
 *
 * @throws AssembleError `sign/enrolment-invalid`
 */
export function readSignatureLists(
  bytes: Uint8Array,
): { readonly certificate: X509Certificate; readonly whole: Uint8Array }[] {
  if (bytes.length > LISTS_BYTES_MAX) throw invalid(`they have ${bytes.length} bytes`, `at most ${LISTS_BYTES_MAX}`);
  const found: { certificate: X509Certificate; whole: Uint8Array }[] = [];
  for (let start = 0; start < bytes.length; ) {
    if (bytes.length - start < SignatureList.size) throw invalid("they are cut off", "whole lists");
    const { type, listSize, headerSize, signatureSize } = SignatureList.decode(bytes, start);
    const first = start + SignatureList.size - OWNER_BYTES + headerSize;
    const end = start + listSize;
    if (listSize < SignatureList.size || end > bytes.length || first > end || signatureSize <= OWNER_BYTES)
      throw invalid(`a list has ${listSize} bytes`, "one that fits its file and its entries");
    if ((end - first) % signatureSize !== 0) throw invalid("a list ends inside of an entry", "whole entries");
    if (Buffer.compare(type, CERT_X509) === 0)
      for (let at = first; at < end; at += signatureSize) {
        const whole = bytes.slice(at, at + signatureSize);
        found.push({ certificate: certificateOf(whole.subarray(OWNER_BYTES)), whole });
      }
    start = end;
  }
  return found;
}

function certificateOf(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw invalid("a certificate in them is damaged", "X.509 certificates", cause);
  }
}

function invalid(is: string, wanted: string, cause?: unknown): AssembleError {
  return new AssembleError("sign/enrolment-invalid", `Cannot read signature lists: ${is}, ${wanted} were wanted`, {
    cause,
    hint: "keys generate writes them as PK.esl, KEK.esl and db.esl",
  });
}
