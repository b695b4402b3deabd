/**
 * C's printf conversions (C17 §7.21.6.1), exact: numbers are rational, rounding is half to even as glibc does it. Shared by
 * printf, awk, seq, stat and others.
 */

/** One conversion specification. */
export interface Conversion {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  /** The letter, without length modifiers. */
  readonly letter: string;
}

/** A real number: mantissa × 2^exponent, or no number. */
export type Real =
  | { readonly kind: "finite"; readonly negative: boolean; readonly mantissa: bigint; readonly exponent: number }
  | { readonly kind: "infinite" | "nan"; readonly negative: boolean };

/** The exact value of a double. */
export function realOf(value: number): Real {
  const negative = value < 0 || Object.is(value, -0);
  if (Number.isNaN(value)) return { kind: "nan", negative: false };
  if (!Number.isFinite(value)) return { kind: "infinite", negative };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { kind: "finite", negative, mantissa: fraction, exponent: -1074 }
    : { kind: "finite", negative, mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

/** numerator / denominator, rounded half to even to `bits` bits of mantissa (x87's long double has 64). */
export function realOfFraction(
  numerator: bigint,
  denominator: bigint,
  { negative, bits }: { readonly negative: boolean; readonly bits: number },
): Real {
  if (numerator === 0n) return { kind: "finite", negative, mantissa: 0n, exponent: 0 };
  let exponent = numerator.toString(2).length - denominator.toString(2).length - bits;
  const divide = (): { quotient: bigint; remainder: bigint; divisor: bigint } => {
    const dividend = exponent < 0 ? numerator << BigInt(-exponent) : numerator;
    const divisor = exponent > 0 ? denominator << BigInt(exponent) : denominator;
    return { quotient: dividend / divisor, remainder: dividend % divisor, divisor };
  };
  let { quotient, remainder, divisor } = divide();
  while (quotient >> BigInt(bits) !== 0n) {
    exponent++;
    ({ quotient, remainder, divisor } = divide());
  }
  const twice = remainder * 2n;
  if (twice > divisor || (twice === divisor && quotient & 1n)) quotient++;
  return { kind: "finite", negative, mantissa: quotient, exponent };
}

/** Pads to the width of a conversion: spaces, or zeros between sign and digits. */
export function pad(conversion: Conversion, sign: string, body: string, zeroAllowed = true): string {
  const missing = (conversion.width ?? 0) - sign.length - body.length;
  if (missing <= 0) return sign + body;
  if (conversion.flags.includes("-")) return sign + body + " ".repeat(missing);
  if (conversion.flags.includes("0") && zeroAllowed) return sign + "0".repeat(missing) + body;
  return " ".repeat(missing) + sign + body;
}

/** %d %i %u %o %x %X. Unsigned conversions of negative numbers wrap at 64 bits. */
export function formatInteger(conversion: Conversion, value: bigint): string {
  const { letter, flags, precision } = conversion;
  const signed = letter === "d" || letter === "i";
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const base = letter === "o" ? 8 : letter === "x" || letter === "X" ? 16 : 10;
  let digits = precision === 0 && magnitude === 0n ? "" : magnitude.toString(base);
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  let sign = signed ? signText(flags, value < 0n) : "";
  if (flags.includes("#") && letter === "o" && !digits.startsWith("0")) digits = `0${digits}`;
  if (flags.includes("#") && base === 16 && magnitude !== 0n) sign = "0x";
  const text = pad(conversion, sign, digits, precision === undefined);
  return letter === "X" ? text.toUpperCase() : text;
}

/** %s. */
export function formatString(conversion: Conversion, text: string): string {
  const cut = conversion.precision === undefined ? text : text.slice(0, conversion.precision);
  return pad(conversion, "", cut, false);
}

/** %f %e %g %F %E %G. */
export function formatReal(conversion: Conversion, value: Real): string {
  const lower = conversion.letter.toLowerCase();
  const sign = signText(conversion.flags, value.negative);
  let text: string;
  if (value.kind !== "finite") text = pad(conversion, sign, value.kind === "nan" ? "nan" : "inf", false);
  else {
    const alternate = conversion.flags.includes("#");
    const precision = conversion.precision ?? 6;
    const body =
      lower === "f"
        ? fixed(value, precision, alternate)
        : lower === "e"
          ? scientific(value, precision, alternate)
          : general(value, precision, alternate);
    text = pad(conversion, sign, body);
  }
  return lower === conversion.letter ? text : text.toUpperCase();
}

type Finite = Extract<Real, { kind: "finite" }>;

function signText(flags: string, negative: boolean): string {
  return negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

/** |value| × 10^scale, rounded half to even. */
function scaled(value: Finite, scale: number): bigint {
  let numerator = value.mantissa;
  let denominator = 1n;
  if (scale >= 0) numerator *= 10n ** BigInt(scale);
  else denominator *= 10n ** BigInt(-scale);
  if (value.exponent >= 0) numerator <<= BigInt(value.exponent);
  else denominator <<= BigInt(-value.exponent);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && quotient & 1n) ? quotient + 1n : quotient;
}

function fixed(value: Finite, precision: number, alternate: boolean): string {
  const digits = scaled(value, precision)
    .toString()
    .padStart(precision + 1, "0");
  if (precision === 0) return digits + (alternate ? "." : "");
  return `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** Significant digits and the decimal exponent of the first one. */
function significant(value: Finite, count: number): { readonly digits: string; readonly exponent: number } {
  if (value.mantissa === 0n) return { digits: "0".repeat(count), exponent: 0 };
  let exponent = Math.floor((value.mantissa.toString(2).length - 1 + value.exponent) * Math.LOG10E * Math.LN2);
  for (;;) {
    const digits = scaled(value, count - 1 - exponent).toString();
    if (digits.length === count) return { digits, exponent };
    exponent += digits.length - count;
  }
}

function scientific(value: Finite, precision: number, alternate: boolean): string {
  const { digits, exponent } = significant(value, precision + 1);
  const point = precision > 0 || alternate ? "." : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${point}${digits.slice(1)}e${exponent < 0 ? "-" : "+"}${power}`;
}

function general(value: Finite, precision: number, alternate: boolean): string {
  const count = Math.max(1, precision);
  const { exponent } = significant(value, count);
  const useFixed = exponent >= -4 && exponent < count;
  const text = useFixed ? fixed(value, count - 1 - exponent, alternate) : scientific(value, count - 1, alternate);
  if (alternate) return text;
  const [mantissa, power] = text.split("e");
  const stripped = mantissa!.includes(".") ? mantissa!.replace(/\.?0+$/, "") : mantissa!;
  return power === undefined ? stripped : `${stripped}e${power}`;
}
