/** seq(1) of coreutils 9.7, with exact decimal arithmetic. */
import type { Command } from "../process.js";
import { type Conversion, formatReal, realOfFraction } from "./format.js";
import { exceeded } from "./open.js";
import { quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const seq: Command = (process, args) => {
  // Negative numbers are operands, not options: the operands begin with the first number.
  const at = args.findIndex(
    (arg, i) => i > 0 && /^[-+]?[.0-9]/.test(arg) && !/^(-[a-z]*[sf]|--separator|--format)$/.test(args[i - 1]!),
  );
  if (at < 0 || args.slice(0, at).includes("--")) return run(process, args);
  return run(process, [...args.slice(0, at), "--", ...args.slice(at)]);
};

/** A decimal number: value / 10^places. */
interface Decimal {
  readonly value: bigint;
  readonly places: number;
  /** Characters of the number as it was written, for -w. */
  readonly width: number;
  /** Digits behind the point as written, after an exponent is applied. */
  readonly precision: number;
}

const run = defineTool(
  {
    short: "s:f:w",
    long: { "separator=": "s", "format=": "f", "equal-width": "w" },
    refused: "",
    operandsEndOptions: true,
  },
  (tool) => {
    const { operands } = tool;
    if (operands.length === 0) tool.usage("missing operand");
    if (operands.length > 3) tool.usage(`extra operand ${quoteText(operands[3]!)}`);
    const numbers = operands.map((text) => readDecimal(tool, text));
    const one: Decimal = { value: 1n, places: 0, width: 1, precision: 0 };
    const first = numbers.length > 1 ? numbers[0]! : one;
    const step = numbers.length > 2 ? numbers[1]! : one;
    const last = numbers.at(-1)!;
    if (step.value === 0n) tool.usage(`invalid Zero increment value: ${quoteText(operands[1]!)}`);
    const places = Math.max(first.places, step.places, last.places);
    const scale = (number: Decimal): bigint => number.value * 10n ** BigInt(places - number.places);
    const precision = Math.max(first.precision, step.precision);
    const format = makeFormat(tool, { first, last, precision });
    const separator = tool.value("s") ?? "\n";
    const end = scale(last);
    const stride = scale(step);
    let count = 0;
    for (let value = scale(first); stride > 0n ? value <= end : value >= end; value += stride) {
      tool.out((count++ > 0 ? separator : "") + format(value, places));
      if (count > tool.process.system.limits.steps) exceeded(tool.process, `seq printed ${count} numbers, fewer`);
    }
    if (count > 0) tool.out("\n");
  },
);

function readDecimal(tool: Tool, text: string): Decimal {
  const hex = /^[-+]?0x[0-9a-f]+$/i.exec(text);
  if (hex !== null) {
    const magnitude = BigInt(text.replace(/^[-+]/, ""));
    const value = text.startsWith("-") ? -magnitude : magnitude;
    return { value, places: 0, width: String(value).length, precision: 0 };
  }
  const match = /^\s*([-+]?)([0-9]*)(?:\.([0-9]*))?(?:e([-+]?[0-9]+))?$/i.exec(text);
  if (match === null || `${match[2]}${match[3] ?? ""}` === "") {
    if (/^[-+]?(inf|infinity|nan)$/i.test(text)) tool.unsupported(text);
    return tool.usage(`invalid floating point argument: ${quoteText(text)}`);
  }
  const fraction = match[3] ?? "";
  const exponent = Number(match[4] ?? 0);
  const digits = BigInt(`${match[2]}${fraction}`);
  const places = Math.max(0, fraction.length - exponent);
  const value = digits * 10n ** BigInt(Math.max(0, exponent - fraction.length));
  const whole = Math.max(1, (match[2] || "0").length + exponent) + (match[1] === "-" ? 1 : 0);
  const width = whole + (places > 0 ? places + 1 : 0);
  return { value: match[1] === "-" ? -value : value, places, width, precision: places };
}

function makeFormat(
  tool: Tool,
  { first, last, precision }: { readonly first: Decimal; readonly last: Decimal; readonly precision: number },
): (value: bigint, places: number) => string {
  const given = tool.value("f");
  if (given !== undefined) {
    if (tool.has("w")) tool.usage("format string may not be specified when printing equal width strings");
    return givenFormat(tool, given);
  }
  const widthOf = (number: Decimal): number =>
    number.width +
    (number.precision < precision ? precision - number.precision + (number.precision === 0 ? 1 : 0) : 0) -
    (number.precision > precision ? number.precision - precision + (precision === 0 ? 1 : 0) : 0);
  const width = tool.has("w") ? Math.max(widthOf(first), widthOf(last)) : 0;
  return (value, places) => {
    const negative = value < 0n;
    const digits = (negative ? -value : value).toString().padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places);
    const fraction = digits
      .slice(digits.length - places)
      .padEnd(precision, "0")
      .slice(0, precision);
    const body = precision > 0 ? `${whole}.${fraction}` : whole;
    const sign = negative ? "-" : "";
    return sign + body.padStart(width - sign.length, "0");
  };
}

function givenFormat(tool: Tool, format: string): (value: bigint, places: number) => string {
  const match = /^((?:[^%]|%%)*)%([-+ 0#']*)([0-9]*)(?:\.([0-9]*))?L?([a-zA-Z]?)((?:[^%]|%%)*)(%?)/s.exec(format);
  if (match === null) return tool.die(`format ${quoteText(format)} has no % directive`);
  if (!/^[efgEFG]$/.test(match[5]!)) {
    if (/^[aA]$/.test(match[5]!)) tool.unsupported(`-f ${format}`);
    return tool.die(
      match[5] === ""
        ? `format ${quoteText(format)} ends in %`
        : `format ${quoteText(format)} has unknown %${match[5]} directive`,
    );
  }
  if (match[7] !== "") return tool.die(`format ${quoteText(format)} has too many % directives`);
  const conversion: Conversion = {
    flags: match[2]!,
    width: match[3] === "" ? undefined : Number(match[3]),
    precision: match[4] === undefined ? undefined : Number(match[4]),
    letter: match[5]!,
  };
  const [before, after] = [match[1]!, match[6]!].map((text) => text.replaceAll("%%", "%"));
  return (value, places) => {
    const magnitude = value < 0n ? -value : value;
    const real = realOfFraction(magnitude, 10n ** BigInt(places), { negative: value < 0n, bits: 64 });
    return before + formatReal(conversion, real) + after;
  };
}
