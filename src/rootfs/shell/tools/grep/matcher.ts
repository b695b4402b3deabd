/**
 * What grep looks for: its patterns, compiled.
 */

import { openInput } from "../inputs.js";
import { readAll } from "../open.js";
import { RegexError } from "../regex/ast.js";
import { compileRegex, type Match, type Regex } from "../regex/regex.js";
import type { Tool } from "../tool.js";

/** Finds matches in a line. */
export interface Matcher {
  test(line: string): boolean;
  /** The leftmost longest match at or behind `from`. */
  exec(line: string, from: number): Pick<Match, "start" | "end"> | undefined;
}

/** The patterns of -e, -f or the first operand, and the operands that are left. */
export function readPatterns(tool: Tool): { readonly patterns: readonly string[]; readonly files: readonly string[] } {
  const patterns: string[] = [];
  let given = false;
  for (const { name, value } of tool.options) {
    if (name === "e") patterns.push(...value.split("\n"));
    if (name === "f") {
      const text = readAll(openInput(tool, value));
      if (text !== "") patterns.push(...text.replace(/\n$/, "").split("\n"));
    }
    given ||= name === "e" || name === "f";
  }
  if (given) return { patterns, files: tool.operands };
  const [pattern, ...files] = tool.operands;
  if (pattern === undefined) {
    tool.process.stderr.write(`Usage: ${tool.name} [OPTION]... PATTERNS [FILE]...\n`);
    tool.process.stderr.write(`Try '${tool.name} --help' for more information.\n`);
    return tool.exit(2);
  }
  return { patterns: pattern.split("\n"), files };
}

/** Compiles the patterns as -E, -F, -G, -i, -w and -x say. */
export function compileMatcher(tool: Tool, patterns: readonly string[]): Matcher {
  const syntax = tool.options.findLast((option) => "EFGP".includes(option.name))?.name ?? "G";
  if (syntax === "P") tool.unsupported("-P");
  if (patterns.length === 0) return { test: () => false, exec: () => undefined };
  const caseOption = tool.options.findLast((option) => "iy".includes(option.name) || option.name === "no-ignore-case");
  const ignoreCase = caseOption !== undefined && caseOption.name !== "no-ignore-case";
  const whole = tool.has("x") ? "line" : tool.has("w") ? "word" : undefined;
  if (syntax === "F" && !ignoreCase && whole === undefined && patterns.length === 1) return fixedMatcher(patterns[0]!);
  const sources = syntax === "F" ? patterns.map((pattern) => pattern.replace(/[.[\]*^$\\]/g, "\\$&")) : patterns;
  if (syntax === "E") for (const pattern of patterns) warnOfStart(tool, pattern);
  try {
    const regex: Regex = compileRegex(sources, {
      syntax: syntax === "E" ? "egrep" : "grep",
      ignoreCase,
      whole,
      lineAnchors: true,
      newlineSeparates: true,
    });
    return { test: (line) => regex.test(line), exec: (line, from) => regex.exec(line, from) };
  } catch (error) {
    if (error instanceof RegexError) return tool.die(error.message);
    throw error;
  }
}

/** grep -E ignores a repetition of nothing, with a warning. */
function warnOfStart(tool: Tool, pattern: string): undefined {
  const operator = /^\^?(?:([*+?])|\{[0-9,]+\})/.exec(pattern);
  if (operator !== null) tool.say(`warning: ${operator[1] ?? "{...}"} at start of expression`);
}

/** A single fixed string needs no automaton. */
function fixedMatcher(text: string): Matcher {
  return {
    test: (line) => line.includes(text),
    exec: (line, from) => {
      const start = line.indexOf(text, from);
      return start < 0 ? undefined : { start, end: start + text.length };
    },
  };
}
