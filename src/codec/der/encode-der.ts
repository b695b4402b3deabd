/**
 * Writes DER (ITU-T X.690): the types that X.509 certificates and PKCS#7 signatures are made of. Checked by: openssl asn1parse.
 */

/** An element with its tag: one byte, as all that is needed here. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 0x80 ? [tag, length] : [tag, ...longLength(length)];
  return new Uint8Array(Buffer.concat([Uint8Array.from(head), ...parts]));
}

function longLength(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** SEQUENCE. */
export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts);

/** SET OF: DER sorts its members. */
export const setOf = (...parts: readonly Uint8Array[]): Uint8Array =>
  element(0x31, ...[...parts].sort((a, b) => Buffer.compare(a, b)));

/** `[number]` around whole elements. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  element(0xa0 | number, ...parts);

/** `[number] IMPLICIT` of a type that is no structure. */
export const implicit = (number: number, content: Uint8Array): Uint8Array => element(0x80 | number, content);

/** INTEGER, not negative, from big-endian bytes. */
export function integer(value: number | Uint8Array): Uint8Array {
  const bytes = typeof value === "number" ? Uint8Array.of(value) : value;
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const shown = bytes.subarray(start);
  return element(0x02, shown[0]! >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), shown);
}

/** BOOLEAN TRUE. */
export const TRUE = Uint8Array.of(0x01, 1, 0xff);

/** NULL. */
export const NULL = Uint8Array.of(0x05, 0);

/** OCTET STRING. */
export const octetString = (bytes: Uint8Array): Uint8Array => element(0x04, bytes);

/** BIT STRING of whole bytes, or with `unused` bits at its end. */
export const bitString = (bytes: Uint8Array, unused = 0): Uint8Array => element(0x03, Uint8Array.of(unused), bytes);

/** UTF8String. */
export const utf8String = (text: string): Uint8Array => element(0x0c, new TextEncoder().encode(text));

/** UTCTime, `YYMMDDhhmmssZ`. */
export const utcTime = (text: string): Uint8Array => element(0x17, new TextEncoder().encode(text));

/** OBJECT IDENTIFIER, in dotted form. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first! * 40 + second!, ...rest]) {
    const septets = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift(0x80 | (left % 128));
    bytes.push(...septets);
  }
  return element(0x06, Uint8Array.from(bytes));
}
