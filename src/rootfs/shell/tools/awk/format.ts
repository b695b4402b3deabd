/**
 * printf and sprintf of awk.
 */
import { type Conversion, formatInteger, formatReal, formatString, pad, realOf } from "../format.js";
import { NumericText, toNumber, type Value } from "./value.js";

/** The text of a format, and what is wrong with it. */
export interface Formatted {
  readonly text: string;
  readonly problem?: string | undefined;
}

/** Numbers up to here are shown as integers where they are. */
const MAX_SHOWN_INTEGER = 2 ** 64;

/** A number as text: integers in full, others by a format (CONVFMT or OFMT). */
export function numberToText(number: number, format: string): string {
  if (Number.isInteger(number) && Math.abs(number) <= MAX_SHOWN_INTEGER) {
    if (Object.is(number, -0)) return "0";
    return Math.abs(number) < 1e15 ? String(number) : BigInt(number).toString();
  }
  if (Number.isNaN(number)) return "-nan";
  if (!Number.isFinite(number)) return number < 0 ? "-inf" : "+inf";
  return formatAwk(format, [number], (value) => String(value)).text;
}

/** Beyond this, %d shows a number as %g does. */
const MAX_INTEGER = 2 ** 63;

/** Formats values; `toText` is how others than numbers become text. */
export function formatAwk(format: string, values: readonly Value[], toText: (value: Value) => string): Formatted {
  let text = "";
  let at = 0;
  let count = 0;
  const specification = /%(?:(%)|([-+ 0#]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?[hlLqjzt]*([\s\S]?))/g;
  let last = 0;
  const missing = (): Formatted => ({ text, problem: "not enough arguments passed to" });
  for (let match = specification.exec(format); match !== null; match = specification.exec(format)) {
    text += format.slice(last, match.index);
    last = specification.lastIndex;
    if (match[1] !== undefined) {
      text += "%";
      continue;
    }
    count++;
    let flags = match[2]!;
    const stars: number[] = [];
    for (const part of [match[3], match[4]]) {
      if (part !== "*") continue;
      if (at >= values.length) return missing();
      stars.push(Math.trunc(toNumber(values[at++])));
    }
    let width = match[3] === "*" ? stars.shift() : match[3] === undefined ? undefined : Number(match[3]);
    if (width !== undefined && width < 0) {
      flags += "-";
      width = -width;
    }
    const given = match[4] === "*" ? stars.shift() : match[4] === undefined ? undefined : Number(match[4]);
    if (at >= values.length) return missing();
    if (!"diouxXeEfFgGcs".includes(match[5]!) || match[5] === "") {
      return { text, problem: `improper conversion(number ${count}) in` };
    }
    const precision = given !== undefined && given < 0 ? undefined : given;
    text += convert({ flags, width, precision, letter: match[5]! }, values[at++], toText);
  }
  return { text: text + format.slice(last) };
}

function convert(conversion: Conversion, value: Value, toText: (value: Value) => string): string {
  const { letter } = conversion;
  if (letter === "s") return formatString(conversion, toText(value));
  if (letter === "c") {
    const isNumber = typeof value === "number" || value instanceof NumericText;
    const character = isNumber
      ? String.fromCharCode(Math.trunc(toNumber(value)) & 255)
      : toText(value).slice(0, 1) || "\0";
    return formatString({ ...conversion, precision: undefined }, character);
  }
  const number = toNumber(value);
  if ("eEfFgG".includes(letter)) return formatReal(conversion, realOf(number));
  if (!Number.isFinite(number))
    return pad(conversion, "", Number.isNaN(number) ? "nan" : number < 0 ? "-inf" : "inf", false);
  if (Math.abs(number) >= MAX_INTEGER && (letter === "d" || letter === "i")) {
    return formatReal({ ...conversion, letter: "g" }, realOf(number));
  }
  return formatInteger(conversion, BigInt(Math.trunc(number)));
}
