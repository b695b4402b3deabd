/**
 * Signatures that were made before: put into an image instead of being made anew, so that who lacks the keys can rebuild it.
 */

/** What was kept. */
export interface KeptSignatures {
  /** The Authenticode signature of the UKI: PKCS#7 in DER. */
  readonly secureBoot?: Uint8Array | undefined;
}
