/**
 * GUIDs as UEFI stores them: the first three groups little-endian, the rest as written (UEFI 2.10, appendix A).
 */

import { uuidBytes, uuidText } from "./uuid.js";

const FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Place in the stored form of each byte of the written one. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** The 16 stored bytes of a GUID. @throws TypeError for what is none */
export function guidBytes(text: string): Uint8Array {
  if (!FORM.test(text)) throw new TypeError(`${text} is not a GUID`);
  const written = uuidBytes(text);
  return Uint8Array.from(ORDER, (place) => written[place]!);
}

/** A stored GUID in lower-case text. */
export function guidText(bytes: Uint8Array): string {
  return uuidText(Uint8Array.from(ORDER, (place) => bytes[place]!));
}
