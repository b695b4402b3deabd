/**
 * Files that enrol Secure Boot keys: EFI signature lists (UEFI 2.10, 32.4.1) and authenticated variables (8.2.2,
 * EFI_VARIABLE_AUTHENTICATION_2). Checked by: cert-to-efi-sig-list, sign-efi-sig-list.
 */
import { at, layout, raw, u8, u16, u32 } from "../../bytes/layout.js";
import type { Signing } from "./signed-data.js";
import { variableSignature } from "./signed-data.js";

/** Variables that can be enrolled. */
export type SecureBootVariable = "PK" | "KEK" | "db";

// GUIDs as they are stored.
const guid = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
/** EFI_CERT_X509_GUID, a5c059a1-94e4-4aa7-87b5-ab155c2bf072. */
const CERT_X509 = guid("a159c0a5e494a74a87b5ab155c2bf072");
/** EFI_CERT_TYPE_PKCS7_GUID, 4aafd29d-68df-49ee-8aa9-347d375665a7. */
const CERT_PKCS7 = guid("9dd2af4adf68ee498aa9347d375665a7");
/** EFI_GLOBAL_VARIABLE, 8be4df61-93ca-11d2-aa0d-00e098032b8c. */
const GLOBAL_VARIABLE = guid("61dfe48bca93d211aa0d00e098032b8c");
/** EFI_IMAGE_SECURITY_DATABASE_GUID, d719b2cb-3d3a-4596-a3bc-dad00e67656f. */
const SECURITY_DATABASE = guid("cbb219d73a3d9645a3bcdad00e67656f");

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
  const vendor = name === "db" ? SECURITY_DATABASE : GLOBAL_VARIABLE;
  const signed = Buffer.concat([Buffer.from(name, "utf16le"), vendor, ATTRIBUTES, time, list]);
  const signature = await variableSignature(new Uint8Array(signed), signing);
  Authentication.encodeInto(header, 0, { ...common, length: Authentication.size - TIME_BYTES + signature.length });
  return new Uint8Array(Buffer.concat([header, signature, list]));
}
