/**
 * Explicit orders. Nothing in the project sorts by locale or by UTF-16 code units of text.
 */

/** Compares two byte strings byte by byte. */
export function compareByteStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares two texts by their UTF-8 bytes (equal to the order of code points). */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}
