/**
 * Numbers in sort keys: -n compares digits without limit, -h units too, -g reads as strtold(3), -M month names.
 */
import { readReal } from "../number.js";

interface Digits {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  /** Where the number ends in the text. */
  readonly end: number;
}

function readDigits(text: string): Digits {
  const match = /^[ \t\n]*(-?)([0-9]*)(?:\.([0-9]*))?/.exec(text)!;
  return {
    negative: match[1] === "-",
    whole: match[2]!.replace(/^0+/, ""),
    fraction: (match[3] ?? "").replace(/0+$/, ""),
    end: match[0].length,
  };
}

/** Compares two numbers of any length. */
export function compareNumbers(a: string, b: string): number {
  return compareDigits(readDigits(a), readDigits(b));
}

function compareDigits(a: Digits, b: Digits): number {
  const [zeroA, zeroB] = [a, b].map((digits) => digits.whole === "" && digits.fraction === "") as [boolean, boolean];
  const signA = zeroA ? 0 : a.negative ? -1 : 1;
  const signB = zeroB ? 0 : b.negative ? -1 : 1;
  if (signA !== signB || signA === 0) return signA - signB;
  const magnitude =
    a.whole.length - b.whole.length ||
    (a.whole < b.whole ? -1 : a.whole > b.whole ? 1 : 0) ||
    (a.fraction < b.fraction ? -1 : a.fraction > b.fraction ? 1 : 0);
  return magnitude * signA;
}

const UNITS = " KMGTPEZYRQ";

/** Compares numbers with a unit: the larger unit wins, whatever the number. */
export function compareHuman(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => {
    const digits = readDigits(text);
    const letter = text[digits.end] === "k" ? "K" : (text[digits.end] ?? " ");
    const zero = digits.whole === "" && digits.fraction === "";
    const order = zero ? 0 : Math.max(0, UNITS.indexOf(letter));
    return { digits, order: digits.negative ? -order : order };
  }) as [{ digits: Digits; order: number }, { digits: Digits; order: number }];
  return x.order - y.order || compareDigits(x.digits, y.digits);
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** Compares month names; anything else comes first. */
export function compareMonths(a: string, b: string): number {
  const month = (text: string): number =>
    MONTHS.indexOf(
      text
        .replace(/^[ \t\n]+/, "")
        .slice(0, 3)
        .toUpperCase(),
    );
  return month(a) - month(b);
}

/** Compares real numbers; no number comes first, then NaN. */
export function compareGeneral(a: string, b: string): number {
  const [x, y] = [a, b].map(toNumber) as [number | undefined, number | undefined];
  if (x === undefined || y === undefined) return (x === undefined ? 0 : 1) - (y === undefined ? 0 : 1);
  if (Number.isNaN(x) || Number.isNaN(y)) return (Number.isNaN(x) ? 0 : 1) - (Number.isNaN(y) ? 0 : 1);
  return x < y ? -1 : x > y ? 1 : 0;
}

function toNumber(text: string): number | undefined {
  const { value, length } = readReal(text);
  if (length === 0) return undefined;
  if (value.kind !== "finite") return value.kind === "nan" ? Number.NaN : value.negative ? -Infinity : Infinity;
  return Number(text.slice(0, length).trim().replace(/^\+/, "")) || 0;
}
