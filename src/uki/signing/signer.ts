/**
 * Who signs: a private key at hand, or anything that gets a digest and gives a signature (a token, a service).
 */
import {
  constants,
  createHash,
  createPrivateKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  type X509Certificate,
} from "node:crypto";
import { NULL, objectIdentifier, octetString, sequence } from "../../codec/der/encode-der.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** Makes an RSA PKCS#1 v1.5 signature of a sha256 digest (RFC 8017, 8.2.1): the same each time. */
export type Signer = (digest: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** sha256 of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** AlgorithmIdentifier of sha256. */
export const SHA256 = sequence(objectIdentifier("2.16.840.1.101.3.4.2.1"), NULL);

/** DigestInfo of a sha256 digest. */
export function digestInfo(digest: Uint8Array): Uint8Array {
  return sequence(SHA256, octetString(digest));
}

/** Signs with a private key. A key whose numbers are no key's is found out here: @throws AssembleError `sign/key-invalid` */
export function signerOf(key: KeyObject): Signer {
  return (digest) => {
    try {
      return new Uint8Array(privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(digest)));
    } catch (cause) {
      throw new AssembleError(
        "sign/key-invalid",
        `Cannot sign: the private key is damaged or too short (${(cause as Error).message}), a sound RSA key was wanted`,
        { cause },
      );
    }
  };
}

/** A private RSA key in PEM. @throws AssembleError `sign/key-invalid` */
export function readPrivateKey(pem: string, name: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw invalidKey(name, "it is no private key, or encrypted", cause);
  }
  if (key.asymmetricKeyType !== "rsa") throw invalidKey(name, `it is of type ${key.asymmetricKeyType}`);
  return key;
}

/** Signs, and checks that the certificate's key made the signature. @throws AssembleError `sign/key-mismatch` */
export async function signChecked(
  digest: Uint8Array,
  signer: Signer,
  certificate: X509Certificate,
): Promise<Uint8Array> {
  const signature = await signer(digest);
  if (!isSignatureOf(digest, signature, certificate))
    throw new AssembleError(
      "sign/key-mismatch",
      `Cannot sign: the signature is not of the key that the certificate of ${certificate.subject} has, a certificate and its own key were wanted`,
    );
  return signature;
}

function isSignatureOf(digest: Uint8Array, signature: Uint8Array, { publicKey }: X509Certificate): boolean {
  if (publicKey.asymmetricKeyType !== "rsa") return false;
  try {
    const found = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
    return Buffer.compare(found, digestInfo(digest)) === 0;
  } catch {
    return false;
  }
}

function invalidKey(name: string, is: string, cause?: unknown): AssembleError {
  return new AssembleError("sign/key-invalid", `Cannot read the key ${name}: ${is}, an RSA key in PEM was wanted`, {
    cause,
  });
}
