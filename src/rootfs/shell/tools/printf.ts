/** printf(1) of coreutils 9.7 (the program, not the shell's builtin). */
import type { Command } from "../process.js";
import { expandEscapes, readEscape } from "./escapes.js";
import { type Conversion, formatInteger, formatReal, formatString } from "./format.js";
import { readInteger, readReal } from "./number.js";
import { quoteAlways, quoteText } from "./quote.js";
import { defineTool, type Tool, ToolExit } from "./tool.js";

/** The program takes no options but --help and --version as its only argument; a leading `--` is skipped. */
export const printf: Command = (process, args) => {
  const operands = args[1] === "--" ? args.slice(2) : args.slice(1);
  return body(process, [args[0]!, "--", ...operands]);
};

const body = defineTool({ refused: "" }, (tool) => {
  const [format, ...values] = tool.operands;
  if (format === undefined) return tool.usage("missing operand");
  if (tool.operands.length === 1 && /^--(help|version)$/.test(format)) tool.unsupported(format);
  let at = 0;
  do {
    const taken = printOnce(tool, format, values.slice(at));
    if (taken === 0 && at < values.length) {
      tool.say(`warning: ignoring excess arguments, starting with ${quoteText(values[at]!)}`);
      break;
    }
    at += taken;
    if (taken === 0) break;
  } while (at < values.length);
  return tool.status;
});

/** Prints the format once; returns how many arguments it took. */
function printOnce(tool: Tool, format: string, values: readonly string[]): number {
  let taken = 0;
  let text = "";
  const next = (): string | undefined => values[taken++];
  const flush = (): undefined => {
    tool.out(text);
    text = "";
  };
  for (let i = 0; i < format.length; i++) {
    if (format[i] === "\\") {
      const found = readEscape(format, i, "format");
      if (found === "stop") {
        flush();
        throw new ToolExit(tool.status);
      }
      if (/^\\x/.test(found.bytes) && found.length === 2) {
        flush();
        tool.die("missing hexadecimal number in escape");
      }
      text += found.bytes;
      i += found.length - 1;
      continue;
    }
    if (format[i] !== "%") {
      text += format[i];
      continue;
    }
    if (format[i + 1] === "%") {
      text += "%";
      i++;
      continue;
    }
    const match = /^%([-+ 0#']*)(\*|[0-9]+)?(?:\.(\*|-?[0-9]*))?[hlLjtz]*([a-zA-Z])?/.exec(format.slice(i))!;
    const letter = match[4];
    if (letter === undefined || !"diouxXfFeEgGaAcsbq".includes(letter)) {
      flush();
      const shown = match[0] + (letter === undefined ? (format[i + match[0].length] ?? "") : "");
      tool.die(`${shown}: invalid conversion specification`);
    }
    i += match[0].length - 1;
    const star = (): number => Number(integer(tool, next()));
    let flags = match[1]!;
    let width = match[2] === undefined ? undefined : match[2] === "*" ? star() : Number(match[2]);
    if (width !== undefined && width < 0) {
      flags += "-";
      width = -width;
    }
    const given = match[3] === undefined ? undefined : match[3] === "*" ? star() : Number(match[3]);
    const conversion: Conversion = {
      flags,
      width,
      precision: given !== undefined && given < 0 ? undefined : given,
      letter,
    };
    const value = next();
    if (letter === "b") {
      const { bytes, stopped } = expandEscapes(value ?? "", "%b");
      text += bytes;
      if (stopped) {
        flush();
        throw new ToolExit(tool.status);
      }
    } else text += convert(tool, conversion, value);
  }
  flush();
  return Math.min(taken, values.length);
}

function convert(tool: Tool, conversion: Conversion, value: string | undefined): string {
  switch (conversion.letter) {
    case "s":
      return formatString(conversion, value ?? "");
    case "q":
      return formatString(conversion, quoteAlways(value ?? "").replace(/^'([\w%+,./:=@-]+)'$/, "$1"));
    case "c":
      return formatString({ ...conversion, precision: undefined }, (value ?? "").slice(0, 1) || "\0");
    case "a":
    case "A":
      return tool.unsupported(`%${conversion.letter}`);
    case "f":
    case "F":
    case "e":
    case "E":
    case "g":
    case "G": {
      const text = value ?? "";
      if (isCharacter(text)) return formatReal(conversion, readReal(String(text.charCodeAt(1))).value);
      const { value: real, length } = readReal(text);
      check(tool, text, value === undefined ? undefined : length);
      return formatReal(conversion, real);
    }
    default:
      return formatInteger(conversion, integer(tool, value));
  }
}

/** A numeric argument; a quote before a character means its code. */
function integer(tool: Tool, text: string | undefined): bigint {
  if (text === undefined) return 0n;
  if (isCharacter(text)) {
    if (text.length > 2)
      tool.say(`warning: ${text.slice(2)}: character(s) following character constant have been ignored`);
    return BigInt(text.charCodeAt(1));
  }
  const { value, length } = readInteger(text);
  check(tool, text, length);
  return value;
}

function isCharacter(text: string): boolean {
  return text.length > 1 && (text[0] === '"' || text[0] === "'");
}

function check(tool: Tool, text: string, length: number | undefined): undefined {
  if (length === undefined || length === text.length) {
    if (text === "" && length === 0) tool.complain(`${quoteText(text)}: expected a numeric value`);
    return;
  }
  tool.complain(`${quoteText(text)}: ${length === 0 ? "expected a numeric value" : "value not completely converted"}`);
}
