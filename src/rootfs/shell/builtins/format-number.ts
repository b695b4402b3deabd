/**
 * Numbers as C's printf writes them.
 */

/** A conversion: what stands between `%` and its letter. */
export interface Specification {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly left: boolean;
  readonly conversion: string;
}

/** `%d`, `%i`, `%o`, `%u`, `%x`, `%X` of a 64-bit value; too large ones stop at the limits. */
export function formatInteger(value: bigint, specification: Specification): string {
  const { conversion, flags, precision } = specification;
  const signed = conversion === "d" || conversion === "i";
  const clamped = clamp(value, signed);
  const magnitude = signed ? (clamped < 0n ? -clamped : clamped) : BigInt.asUintN(64, clamped);
  const base = conversion === "o" ? 8 : conversion === "x" || conversion === "X" ? 16 : 10;
  let digits = magnitude === 0n && precision === 0 ? "" : magnitude.toString(base);
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  let prefix = signed ? signOf(clamped < 0n, flags) : "";
  if (flags.includes("#") && base === 8 && !digits.startsWith("0")) digits = `0${digits}`;
  if (flags.includes("#") && base === 16 && magnitude !== 0n) prefix = "0x";
  const text = finish(prefix, digits, { ...specification, zero: precision === undefined });
  return conversion === "X" ? text.toUpperCase() : text;
}

function clamp(value: bigint, signed: boolean): bigint {
  const [low, high] = signed ? [-(1n << 63n), (1n << 63n) - 1n] : [-(1n << 64n) + 1n, (1n << 64n) - 1n];
  return value < low ? low : value > high ? high : value;
}

/** `%e`, `%f`, `%g` and their capitals. */
export function formatFloat(value: number, specification: Specification): string {
  const { conversion, flags } = specification;
  const precision = Math.min(specification.precision ?? 6, 100);
  const magnitude = Math.abs(value);
  const kind = conversion.toLowerCase();
  let digits: string;
  if (kind === "f") digits = magnitude.toFixed(precision);
  else if (kind === "e") digits = exponential(magnitude, precision);
  else digits = general(magnitude, precision === 0 ? 1 : precision, flags.includes("#"));
  const text = finish(signOf(value < 0 || Object.is(value, -0), flags), digits, { ...specification, zero: true });
  return conversion === kind ? text : text.toUpperCase();
}

/** C writes at least two digits of exponent. */
function exponential(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([-+])(\d)$/, "e$10$2");
}

function general(value: number, precision: number, keep: boolean): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential(precision - 1).split("e")[1]);
  const fixed = exponent >= -4 && exponent < precision;
  const text = fixed ? value.toFixed(precision - 1 - exponent) : exponential(value, precision - 1);
  if (keep) return text;
  return fixed ? (text.includes(".") ? text.replace(/\.?0+$/, "") : text) : text.replace(/\.?0+e/, "e");
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return "-";
  return flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

function finish(
  prefix: string,
  digits: string,
  { flags, width, left, zero }: Specification & { zero: boolean },
): string {
  if (flags.includes("0") && zero && !left) return prefix + digits.padStart(width - prefix.length, "0");
  const text = prefix + digits;
  return left ? text.padEnd(width) : text.padStart(width);
}
