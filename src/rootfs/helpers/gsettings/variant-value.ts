/**
 * Values of GVariant's text format: of a type that is known, or of the type that the text itself tells (GLib's documentation, "GVariant
 * Text Format", "Type Inference").
 */
import type { Variant, VariantData } from "./serialize-variant.js";
import { type Literal, parseVariantText, VariantError } from "./variant-text.js";
import { parseVariantType, type VariantType } from "./variant-type.js";

/** Reads a text as a value of a type. @throws VariantError */
export function parseVariant(text: string, type: VariantType): Variant {
  return { type, data: dataOf(parseVariantText(text), type) };
}

/** Bounds of the integers. */
export const INTEGER_BOUNDS: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  y: [0n, 0xffn],
  n: [-0x8000n, 0x7fffn],
  q: [0n, 0xffffn],
  i: [-0x80000000n, 0x7fffffffn],
  h: [-0x80000000n, 0x7fffffffn],
  u: [0n, 0xffffffffn],
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};

function dataOf(literal: Literal, type: VariantType): VariantData {
  // A type that is known counts for more than the one that the text gives (observed).
  if (literal.kind === "typed") return dataOf(literal.item, type);
  if (type.code === "m") {
    if (literal.kind !== "maybe") return [dataOf(literal, type.of[0]!)];
    return literal.item === undefined ? [] : [dataOf(literal.item, type.of[0]!)];
  }
  switch (literal.kind) {
    case "number":
      return numberOf(literal.text, type);
    case "boolean":
      if (type.code === "b") return literal.value;
      break;
    case "string":
      return stringOf(literal.text, type);
    case "bytes":
      if (type.text === "ay")
        return [...`${literal.text.replace(/\0[\s\S]*/, "")}\0`].map((byte) => BigInt(byte.charCodeAt(0)));
      break;
    case "variant":
      if (type.code === "v") {
        const inner = parseVariantType(typeOf([literal.item]))!;
        return { type: inner, data: dataOf(literal.item, inner) };
      }
      break;
    case "array":
      if (type.code === "a") return literal.items.map((item) => dataOf(item, type.of[0]!));
      break;
    case "tuple":
      if (type.code === "(" && type.of.length === literal.items.length)
        return literal.items.map((item, i) => dataOf(item, type.of[i]!));
      break;
    case "dictionary": {
      const entry = literal.loose ? type : type.code === "a" ? type.of[0]! : undefined;
      if (entry?.code !== "{") break;
      const data = literal.items.map((item, i) => dataOf(item, entry.of[i % 2]!));
      return literal.loose ? data : data.flatMap((key, i) => (i % 2 === 0 ? [[key, data[i + 1]]] : []));
    }
  }
  throw mismatch(type);
}

function mismatch(type: VariantType): VariantError {
  return new VariantError(`can not parse as value of type “${type.text}”`);
}

function numberOf(text: string, type: VariantType): VariantData {
  if (type.code === "d") return doubleOf(text);
  const bounds = INTEGER_BOUNDS[type.code];
  if (bounds === undefined || isDouble(text)) throw mismatch(type);
  const [, sign, digits] = /^([-+]?)(.*)$/s.exec(text)!;
  const octal = /^0[0-7]+$/.test(digits!);
  if (!octal && !/^(?:0[xX][\da-fA-F]+|0|[1-9]\d*)$/.test(digits!))
    throw new VariantError("invalid character in number");
  const value = BigInt(octal ? `0o${digits!.slice(1)}` : digits!) * (sign === "-" ? -1n : 1n);
  if (value < bounds[0] || value > bounds[1]) throw new VariantError(`number out of range for type “${type.text}”`);
  return value;
}

function isDouble(text: string): boolean {
  return /[.]|inf|nan/.test(text) || (!/^[-+]?0[xX]/.test(text) && /[eE]/.test(text));
}

function doubleOf(text: string): number {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new VariantError("number too big for any type");
  }
  const hex = /^([-+]?)(0[xX][\da-fA-F]+)$/.exec(text);
  if (hex !== null) return Number(hex[2]) * (hex[1] === "-" ? -1 : 1);
  if (text === "nan") return Number.NaN;
  const infinite = /^([-+]?)inf$/.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  throw new VariantError("invalid character in number");
}

function stringOf(text: string, type: VariantType): VariantData {
  if (type.code === "s") return text;
  if (type.code === "o") {
    if (/^\/(?:\w+(?:\/\w+)*)?$/.test(text)) return text;
    throw new VariantError("not a valid object path");
  }
  if (type.code !== "g") throw mismatch(type);
  for (let rest = text; rest !== ""; ) {
    const first = [...rest].findIndex((_, i) => parseVariantType(rest.slice(0, i + 1)) !== undefined);
    if (first < 0) throw new VariantError("not a valid signature");
    rest = rest.slice(first + 1);
  }
  return text;
}

/** The type string that all of these can have. */
function typeOf(literals: readonly Literal[]): string {
  const typed = literals.find((literal) => literal.kind === "typed");
  if (typed !== undefined) return typed.type.text;
  const maybes = literals.filter((literal) => literal.kind === "maybe");
  if (maybes.length > 0) {
    const inner = literals.flatMap((one) => (one.kind !== "maybe" ? [one] : one.item === undefined ? [] : [one.item]));
    return `m${typeOf(inner)}`;
  }
  const [first] = literals;
  if (first === undefined) throw new VariantError("unable to infer type");
  const alike = literals.filter((literal) => literal.kind === first.kind);
  if (alike.length < literals.length) throw new VariantError("unable to find a common type");
  switch (first.kind) {
    case "number":
      return alike.some((literal) => isDouble((literal as { text: string }).text)) ? "d" : "i";
    case "boolean":
      return "b";
    case "string":
      return "s";
    case "bytes":
      return "ay";
    case "variant":
      return "v";
    case "array":
      return `a${typeOf(itemsOf(alike).flat())}`;
    case "tuple":
      return `(${columns(itemsOf(alike)).map(typeOf).join("")})`;
    case "dictionary": {
      const items = itemsOf(alike).flat();
      const entry = [0, 1].map((half) => typeOf(items.filter((_, i) => i % 2 === half))).join("");
      return `${first.loose ? "" : "a"}{${entry}}`;
    }
    default:
      throw new VariantError("unable to infer type");
  }
}

function itemsOf(literals: readonly Literal[]): (readonly Literal[])[] {
  return literals.map((literal) => ("items" in literal ? literal.items : []));
}

function columns(rows: readonly (readonly Literal[])[]): Literal[][] {
  const [first] = rows;
  if (rows.some((row) => row.length !== first!.length)) throw new VariantError("unable to find a common type");
  return first!.map((_, i) => rows.map((row) => row[i]!));
}
