/**
 * Signs PE files for Secure Boot: the attribute certificate table at the end of the file (Microsoft PE/COFF specification, "The
 * Attribute Certificate Table"), one Authenticode signature. Checked by: sbverify; the digest stays the same.
 */

import { type Content, concatContents, contentOfBytes } from "../../bytes/content.js";
import { at, layout, u16, u32 } from "../../bytes/layout.js";
import { readRange, sliceContent } from "../../bytes/slice-content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { authenticodeDigest } from "../pe/authenticode-digest.js";
import { DataDirectory, DIRECTORY_CERTIFICATES, OptionalHeader } from "../pe/headers.js";
import { certificateTable, readPe } from "../pe/read-pe.js";
import { authenticodeSignature, type Signing } from "./signed-data.js";

/** WIN_CERTIFICATE. */
export const CertificateHeader = layout("WinCertificate", 8, "little", {
  length: at(0, u32),
  revision: at(4, u16),
  type: at(6, u16),
});
const REVISION_2 = 0x0200;
/** WIN_CERT_TYPE_PKCS_SIGNED_DATA. */
export const TYPE_PKCS_SIGNED_DATA = 2;
const ALIGNMENT = 8;

/** A signed file, and its signature alone. */
export interface SignedPe {
  readonly content: Content;
  /** PKCS#7 in DER. */
  readonly signature: Uint8Array;
}

/**
 * Signs a PE file. The same file, key and certificate give the same bytes.
 *
 * @throws AssembleError `uki/pe-invalid`, `sign/already-signed`, `sign/key-mismatch`
 */
export async function signPe(content: Content, signing: Signing): Promise<SignedPe> {
  const padded = pad(content);
  const signature = await authenticodeSignature(Buffer.from(await authenticodeDigest(padded), "hex"), signing);
  return { content: await attachSignature(content, signature), signature };
}

/**
 * Puts a signature that was kept apart into a PE file.
 *
 * @throws AssembleError `uki/pe-invalid`, `sign/already-signed`
 */
export async function attachSignature(content: Content, signature: Uint8Array): Promise<Content> {
  const image = await readPe(content);
  if (certificateTable(image) !== undefined)
    throw new AssembleError(
      "sign/already-signed",
      "Cannot sign the file: it has a signature, an unsigned PE file was wanted",
    );
  if (image.dataDirectories.length <= DIRECTORY_CERTIFICATES)
    throw new AssembleError(
      "uki/pe-invalid",
      `Cannot sign the file: it has ${image.dataDirectories.length} data directories, room for a certificate table was wanted`,
    );
  const padded = pad(content);
  const size = Math.ceil((CertificateHeader.size + signature.length) / ALIGNMENT) * ALIGNMENT;
  const table = new Uint8Array(size);
  CertificateHeader.encodeInto(table, 0, { length: size, revision: REVISION_2, type: TYPE_PKCS_SIGNED_DATA });
  table.set(signature, CertificateHeader.size);
  const entry = image.optionalOffset + OptionalHeader.size + DIRECTORY_CERTIFICATES * DataDirectory.size;
  const head = Uint8Array.from(await readRange(padded, 0, entry + DataDirectory.size));
  DataDirectory.encodeInto(head, entry, { virtualAddress: padded.size, size });
  const rest = sliceContent(padded, head.length, padded.size - head.length);
  return concatContents([contentOfBytes(head), rest, contentOfBytes(table)]);
}

function pad(content: Content): Content {
  const missing = -content.size & (ALIGNMENT - 1);
  return missing === 0 ? content : concatContents([content, contentOfBytes(new Uint8Array(missing))]);
}
