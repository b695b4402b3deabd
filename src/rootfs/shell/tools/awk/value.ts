/**
 * awk's values: numbers, strings, strings from input that look like numbers, and what was never assigned.
 */
/** Text from input that counts as a number, too. */
export class NumericText {
  readonly text: string;
  readonly number: number;
  constructor(text: string, number: number) {
    this.text = text;
    this.number = number;
  }
}

/** A value; undefined was never assigned. */
export type Value = number | string | NumericText | undefined;

const NUMBER = /^[ \t\n\v\f\r]*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/;

/** The number at the start of a text; 0 without one. */
export function textToNumber(text: string): number {
  const match = NUMBER.exec(text);
  return match === null ? 0 : Number(match[0]);
}

/** A value read from input, a field, or the command line. */
export function fromInput(text: string): string | NumericText {
  const match = NUMBER.exec(text);
  if (match === null || !/^[ \t\n\v\f\r]*$/.test(text.slice(match[0].length))) return text;
  return new NumericText(text, Number(match[0]));
}

/** A value as a number. */
export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  return typeof value === "string" ? textToNumber(value) : value.number;
}

/** Whether a value is true. */
export function isTrue(value: Value): boolean {
  if (typeof value === "string") return value !== "";
  return toNumber(value) !== 0;
}

/** Compares two values: as numbers where both are or look like them, else as texts. */
export function compareValues(a: Value, b: Value, toText: (value: Value) => string): number {
  if (typeof a !== "string" && typeof b !== "string") {
    const [x, y] = [toNumber(a), toNumber(b)];
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN;
  }
  const [x, y] = [toText(a), toText(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
