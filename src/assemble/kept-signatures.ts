/**
 * Signatures that were made before: put into an image instead of being made anew, so that who lacks the keys can rebuild it.
 */

/** What was kept. What is absent is left out of the image too: with kept signatures no key is ever asked for. */
export interface KeptSignatures {
  /** The Authenticode signature of the UKI: PKCS#7 in DER. */
  readonly secureBoot?: Uint8Array | undefined;
  /** Signed PCR policies, and the public key that goes with them. */
  readonly pcr?: { readonly signature: Uint8Array; readonly publicKey: Uint8Array } | undefined;
}
