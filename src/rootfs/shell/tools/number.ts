/**
 * Numbers as C's strtoimax and strtold read them.
 */
import { type Real, realOfFraction } from "./format.js";

/** Mantissa of an x86-64 long double. */
const LONG_DOUBLE_BITS = 64;

/** Reads an integer in C notation (0x, 0); `length` is how much of the text it took, 0 for none. */
export function readInteger(text: string): { readonly value: bigint; readonly length: number } {
  const match = /^[ \t\n\v\f\r]*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text);
  if (match === null) return { value: 0n, length: 0 };
  const digits = match[2]!;
  const octal = digits.length > 1 && digits[0] === "0" && /^[0-7]+$/.test(digits);
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return { value: match[1] === "-" ? -magnitude : magnitude, length: match[0].length };
}

/** Reads a real number in C notation. */
export function readReal(text: string): { readonly value: Real; readonly length: number } {
  const none = { value: realOfFraction(0n, 1n, { negative: false, bits: LONG_DOUBLE_BITS }), length: 0 };
  const word = /^[ \t\n\v\f\r]*([-+]?)(inf(?:inity)?|nan)/i.exec(text);
  if (word !== null) {
    const kind = word[2]!.toLowerCase() === "nan" ? "nan" : "infinite";
    return { value: { kind, negative: word[1] === "-" }, length: word[0].length };
  }
  const hex = /^[ \t\n\v\f\r]*([-+]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([-+]?[0-9]+))?/.exec(text);
  if (hex !== null && `${hex[2]}${hex[3] ?? ""}` !== "") {
    const exponent = Number(hex[4] ?? 0) - 4 * (hex[3]?.length ?? 0);
    const mantissa = BigInt(`0x${hex[2]}${hex[3] ?? ""}`);
    return { value: fraction(mantissa, 2n, { exponent, negative: hex[1] === "-" }), length: hex[0].length };
  }
  const decimal = /^[ \t\n\v\f\r]*([-+]?)([0-9]*)(?:\.([0-9]*))?/.exec(text);
  const digits = `${decimal?.[2] ?? ""}${decimal?.[3] ?? ""}`;
  if (decimal === null || digits === "") return none;
  const power = /^[eE]([-+]?[0-9]+)/.exec(text.slice(decimal[0].length));
  const exponent = Math.max(-6000, Math.min(6000, Number(power?.[1] ?? 0))) - (decimal[3]?.length ?? 0);
  return {
    value: fraction(BigInt(digits), 10n, { exponent, negative: decimal[1] === "-" }),
    length: decimal[0].length + (power?.[0].length ?? 0),
  };
}

function fraction(
  mantissa: bigint,
  base: bigint,
  { exponent, negative }: { readonly exponent: number; readonly negative: boolean },
): Real {
  const scale = base ** BigInt(Math.abs(exponent));
  const options = { negative, bits: LONG_DOUBLE_BITS };
  return exponent >= 0 ? realOfFraction(mantissa * scale, 1n, options) : realOfFraction(mantissa, scale, options);
}
