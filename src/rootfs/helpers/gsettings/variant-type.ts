/**
 * Types of GVariant (GVariant specification 1.0, chapter 2): type strings, and how values of a type are aligned.
 */

/** A type. */
export interface VariantType {
  /** A letter of a basic type, `v`, or what a container starts with: `a`, `m`, `(`, `{`. */
  readonly code: string;
  readonly of: readonly VariantType[];
  /** The type string. */
  readonly text: string;
  readonly alignment: number;
  /** Size of every value, if all are of the same. */
  readonly size: number | undefined;
}

const SIZES: Readonly<Record<string, number>> = { b: 1, y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };
const STRINGS = "sog";
const DEEPEST = 32;

/** Reads a whole type string; undefined if it is none. */
export function parseVariantType(text: string): VariantType | undefined {
  const type = readVariantType(text, 0);
  return type?.text.length === text.length ? type : undefined;
}

/** Reads the type that starts at an offset. */
export function readVariantType(text: string, start: number, depth = 0): VariantType | undefined {
  const code = text[start];
  if (code === undefined || depth > DEEPEST) return undefined;
  const size = SIZES[code];
  if (size !== undefined) return { code, of: [], text: code, alignment: size, size };
  if (STRINGS.includes(code)) return { code, of: [], text: code, alignment: 1, size: undefined };
  if (code === "v") return { code, of: [], text: code, alignment: 8, size: undefined };
  if (code === "a" || code === "m") {
    const item = readVariantType(text, start + 1, depth + 1);
    return item && { code, of: [item], text: code + item.text, alignment: item.alignment, size: undefined };
  }
  const close = code === "(" ? ")" : code === "{" ? "}" : undefined;
  if (close === undefined) return undefined;
  const of: VariantType[] = [];
  let at = start + 1;
  while (text[at] !== close) {
    const item = readVariantType(text, at, depth + 1);
    if (item === undefined) return undefined;
    of.push(item);
    at += item.text.length;
  }
  if (code === "{" && (of.length !== 2 || of[0]!.of.length > 0 || of[0]!.code === "v")) return undefined;
  return structure(code, of, text.slice(start, at + 1));
}

function structure(code: string, of: readonly VariantType[], text: string): VariantType {
  const alignment = Math.max(1, ...of.map((item) => item.alignment));
  let size: number | undefined = 0;
  for (const item of of)
    size = size === undefined || item.size === undefined ? undefined : align(size, item.alignment) + item.size;
  // The unit has a size, so that an array of units has a length.
  if (size !== undefined) size = of.length === 0 ? 1 : align(size, alignment);
  return { code, of, text, alignment, size };
}

/** The next multiple. */
export function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
