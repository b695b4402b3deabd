/**
 * Ids derived from the recipe's seed: HMAC-SHA256 keyed with the seed's 16 bytes over the purpose. UUIDs have the form
 * of version 8 of RFC 9562 §5.8 (custom), variant 0b10, since they are neither random nor any of the named schemes.
 */

import { createHmac } from "node:crypto";
import { uuidBytes, uuidText } from "../bytes/uuid.js";

/** `length` (at most 32) bytes for a purpose such as `verity-salt`. The seed is a UUID. */
export function deriveBytes(seed: string, purpose: string, length = 32): Uint8Array {
  const key = uuidBytes(seed);
  if (length < 1 || length > 32) throw new RangeError(`${length} bytes cannot be derived, 1 to 32 can`);
  return new Uint8Array(createHmac("sha256", key).update(purpose, "utf8").digest().subarray(0, length));
}

/** A UUID, lower case, for a purpose such as `partition:root`. */
export function deriveUuid(seed: string, purpose: string): string {
  const bytes = deriveBytes(seed, purpose, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** The seed of an image whose recipe states none: derived from its name. */
export function defaultSeed(image: string): string {
  return deriveUuid("00000000-0000-0000-0000-000000000000", `image:${image}`);
}
