/**
 * The number that OpenSSL looks certificates up by: the first four bytes, least significant first, of the SHA-1 of a name's canonical
 * encoding (openssl-x509(1), `-subject_hash`): strings as UTF-8 in lower case with single spaces, the outer SEQUENCE left off.
 */
import { createHash } from "node:crypto";

/** An encoded value: ITU-T X.690. */
interface Value {
  readonly tag: number;
  /** The content octets. */
  readonly content: Uint8Array;
  /** Header and content. */
  readonly whole: Uint8Array;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const UTF8_STRING = 0x0c;
const VERSION_TAG = 0xa0;
const INTEGER = 0x02;
/** Characters per byte of the string types that are made alike: UTF8, Numeric is none, Printable, T61, IA5, Visible, Universal, BMP. */
const STRING_WIDTHS: ReadonlyMap<number, number> = new Map([
  [0x0c, 0],
  [0x13, 1],
  [0x14, 1],
  [0x16, 1],
  [0x1a, 1],
  [0x1c, 4],
  [0x1e, 2],
]);

/** What a PEM block holds. */
export type PemKind = "certificate" | "crl";

/** The hash of a certificate's subject or a list's issuer; undefined for bytes that are neither. */
export function subjectHash(der: Uint8Array, kind: PemKind): string | undefined {
  const outer = readValues(der)?.[0];
  const body = outer?.tag === SEQUENCE ? readValues(outer.content)?.[0] : undefined;
  const fields = body?.tag === SEQUENCE ? readValues(body.content) : undefined;
  if (fields === undefined) return undefined;
  const hasVersion = kind === "certificate" ? fields[0]?.tag === VERSION_TAG : fields[0]?.tag === INTEGER;
  const name = fields[(hasVersion ? 1 : 0) + (kind === "certificate" ? 4 : 1)];
  if (name?.tag !== SEQUENCE) return undefined;
  const sets = readValues(name.content)?.map(canonicalSet);
  if (sets === undefined || sets.includes(undefined)) return undefined;
  const digest = createHash("sha1")
    .update(concat(sets as Uint8Array[]))
    .digest();
  return digest.readUInt32LE(0).toString(16).padStart(8, "0");
}

/** The SHA-1 that tells two certificates apart. */
export function fingerprint(der: Uint8Array): string {
  return createHash("sha1").update(der).digest("hex");
}

function readValues(bytes: Uint8Array): Value[] | undefined {
  const values: Value[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at]!;
    let length = bytes[at + 1];
    let start = at + 2;
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) return undefined;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[start++] ?? 0);
    }
    if (start + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return values;
}

/** A relative distinguished name with its attributes made canonical, in the order of DER. */
function canonicalSet(set: Value): Uint8Array | undefined {
  const attributes = readValues(set.content)?.map((attribute) => {
    const [type, value] = readValues(attribute.content) ?? [];
    if (type === undefined || value === undefined) return undefined;
    return encode(SEQUENCE, concat([type.whole, canonicalString(value)]));
  });
  if (attributes === undefined || attributes.includes(undefined)) return undefined;
  return encode(SET, concat((attributes as Uint8Array[]).sort(compareBytes)));
}

function canonicalString(value: Value): Uint8Array {
  const width = STRING_WIDTHS.get(value.tag);
  if (width === undefined) return value.whole;
  const text = Buffer.from(decode(value.content, width), "utf8").toString("latin1");
  const plain = text
    .replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "")
    .replace(/[ \t\n\v\f\r]+/g, " ")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return encode(UTF8_STRING, Buffer.from(plain, "latin1"));
}

function decode(bytes: Uint8Array, width: number): string {
  if (width === 0) return Buffer.from(bytes).toString("utf8");
  let text = "";
  for (let at = 0; at + width <= bytes.length; at += width) {
    let code = 0;
    for (let i = 0; i < width; i++) code = code * 256 + bytes[at + i]!;
    text += String.fromCodePoint(Math.min(code, 0x10ffff));
  }
  return text;
}

function encode(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return concat([Uint8Array.from(header), content]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}
