/**
 * The addresses of sed commands.
 */
import { RegexError } from "../regex/ast.js";
import { compileRegex } from "../regex/regex.js";
import type { ScriptReader } from "./reader.js";
import type { Address, Pattern } from "./script.js";

/** How a script is to be read. */
export interface ParseOptions {
  readonly extended: boolean;
  /** -z */
  readonly nullData: boolean;
  /** Stops the build for what is not emulated. */
  readonly unsupported: (what: string) => never;
}

/** The addresses before a command. */
export interface Addresses {
  readonly first: Address | undefined;
  readonly second: Address | undefined;
  readonly negated: boolean;
}

/** Reads up to two addresses and `!`. */
export function parseAddresses(reader: ScriptReader, options: ParseOptions): Addresses {
  const first = parseAddress(reader, options, false);
  let second: Address | undefined;
  reader.skip(/[ \t]/);
  if (first !== undefined && reader.peek() === ",") {
    reader.at++;
    reader.skip(/[ \t]/);
    second = parseAddress(reader, options, true);
    if (second === undefined) {
      reader.at++;
      reader.fail("unexpected `,'");
    }
  }
  if (first?.kind === "line" && first.line === 0 && second?.kind !== "pattern") {
    reader.at++;
    reader.fail("invalid usage of line address 0");
  }
  reader.skip(/[ \t]/);
  let negated = false;
  while (reader.peek() === "!") {
    reader.at++;
    if (negated) reader.fail("multiple `!'s");
    negated = true;
    reader.skip(/[ \t]/);
  }
  return { first, second, negated };
}

function parseAddress(reader: ScriptReader, options: ParseOptions, isSecond: boolean): Address | undefined {
  const c = reader.peek();
  if (c === "/" || c === "\\") {
    reader.at++;
    const delimiter = c === "/" ? c : (reader.next() ?? reader.fail("unexpected `,'"));
    const text = reader.pattern(delimiter);
    if (text === undefined) {
      reader.at--;
      reader.fail("unterminated address regex");
    }
    let ignoreCase = false;
    let lineAnchors = false;
    for (;;) {
      reader.skip(/[ \t]/);
      if (reader.peek() === "I") ignoreCase = true;
      else if (reader.peek() === "M") lineAnchors = true;
      else break;
      reader.at++;
    }
    return { kind: "pattern", pattern: compilePattern(reader, text, { ...options, ignoreCase, lineAnchors }) };
  }
  if (c === "$") {
    reader.at++;
    return { kind: "last" };
  }
  if (c === "+" || c === "~") {
    reader.at++;
    if (!isSecond) {
      reader.at++;
      reader.fail("invalid usage of +N or ~N as first address");
    }
    const number = reader.number() ?? 0;
    return c === "+" ? { kind: "offset", lines: number } : { kind: "multiple", of: number };
  }
  const line = reader.number();
  if (line === undefined) return undefined;
  const before = reader.at;
  reader.skip(/[ \t]/);
  if (reader.peek() !== "~" || isSecond) {
    reader.at = before;
    return { kind: "line", line };
  }
  reader.at++;
  reader.skip(/[ \t]/);
  const step = reader.number() ?? 0;
  return step === 0 ? { kind: "line", line } : { kind: "step", first: line, step };
}

/** Compiles a pattern of the script. */
export function compilePattern(
  reader: ScriptReader,
  text: string,
  options: ParseOptions & { readonly ignoreCase: boolean; readonly lineAnchors: boolean },
): Pattern {
  if (text === "") {
    if (options.ignoreCase || options.lineAnchors) reader.fail("cannot specify modifiers on empty regexp");
    return undefined;
  }
  try {
    const { ignoreCase } = options;
    const lineAnchors = options.lineAnchors && !options.nullData;
    const newlineSeparates = options.lineAnchors;
    return compileRegex(text, {
      syntax: options.extended ? "extended" : "basic",
      ignoreCase,
      lineAnchors,
      newlineSeparates,
    });
  } catch (error) {
    if (error instanceof RegexError) return reader.fail(error.message);
    throw error;
  }
}
