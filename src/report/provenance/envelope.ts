/**
 * A signed statement: the envelope that in-toto's verifiers read.
 *
 * Specification: DSSE 1.0 (Dead Simple Signing Envelope), its pre-authentication encoding and its JSON form. Signatures are RSA PKCS#1 v1.5
 * of the sha256 digest, the same each time; `keyid` is the sha256 of the key's SubjectPublicKeyInfo.
 */
import { createHash, type KeyObject, verify } from "node:crypto";
import { canonicalJson } from "../../config/canonical-json.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type Signer, sha256 } from "../../uki/signing/signer.js";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/**
 * Signs a statement, and checks that the signature is the key's. The text is canonical JSON, without a newline at the end.
 *
 * @throws AssembleError `sign/key-mismatch`
 */
export async function sealStatement(
  statement: string,
  { signer, publicKey }: { readonly signer: Signer; readonly publicKey: KeyObject },
): Promise<string> {
  const payload = Buffer.from(statement, "utf8");
  // The pre-authentication encoding: no signature of it can be taken for one of anything else.
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  const signed = Buffer.concat([Buffer.from(head, "utf8"), payload]);
  const signature = await signer(sha256(signed));
  if (!verify("sha256", signed, publicKey, signature))
    throw new AssembleError(
      "sign/key-mismatch",
      "Cannot sign the provenance: the signature is not of the key that the certificate has, a certificate and its own key were wanted",
    );
  const keyid = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  return canonicalJson({
    payload: payload.toString("base64"),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid, sig: Buffer.from(signature).toString("base64") }],
  });
}
