/**
 * gawk 5.2, for programs that mean the same to every awk: fields, strings, comparisons and plain patterns, printed. Numbers that are
 * computed, functions and what reads or writes files are shown or done differently by the two, so they stop the build.
 */
import type { Command } from "../../process.js";
import type { AwkProgram } from "./ast.js";
import { awk } from "./awk.js";
import { parseProgram } from "./parse-program.js";

const SAME_KINDS = new Set(
  "always and block concatenation conditional exit expression field group if match name next number or print range regex string".split(
    " ",
  ),
);
const SAME_NAMES = new Set(["NF", "NR", "FNR", "FS", "OFS", "ORS"]);
const SAME_OPERATORS = new Set(["<", "<=", "==", "!=", ">", ">="]);
const SAME_PATTERN = /^[\w ^$.*+?|()[\]/:=,#@%-]*$/;

export const gawk: Command = (process, args) => {
  const [first, second] = args.slice(1);
  const separator = /^-F(.?)$/s.exec(first ?? "");
  const program = separator === null ? first : separator[1] === "" ? args[3] : second;
  const isPlain = separator === null || /^[:,;=@%#/ -]$/.test(separator[1] || (second ?? ""));
  if (program === undefined || program.startsWith("-") || !isPlain || !isSame(program))
    return process.unsupported(`gawk ${args.slice(1).join(" ")}`);
  return awk(process, args);
};

function isSame(text: string): boolean {
  let program: AwkProgram;
  try {
    program = parseProgram(text);
  } catch {
    return false;
  }
  return program.functions.size === 0 && [program.begin, program.end, program.rules].every(isSameNode);
}

function isSameNode(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isSameNode);
  if (typeof node !== "object" || node === null) return true;
  const { kind, name, operator, source, redirection, value, left, right } = node as Record<string, unknown>;
  if (kind === "binary") {
    if (!SAME_OPERATORS.has(String(operator)) || !isSameComparison([kindOf(left), kindOf(right)])) return false;
  } else if (kind === "match") {
    if (kindOf(right) !== "regex") return false;
  } else if (kind === "unary") {
    if (operator !== "!") return false;
  } else if (kind !== undefined && !SAME_KINDS.has(String(kind))) return false;
  if (kind === "name" && !SAME_NAMES.has(String(name))) return false;
  if (kind === "regex" && !SAME_PATTERN.test(String(source))) return false;
  if (kind === "number" && !(Number.isInteger(value) && Number(value) < 1e6)) return false;
  if (redirection !== undefined) return false;
  return Object.values(node).every(isSameNode);
}

function kindOf(node: unknown): unknown {
  return (node as { readonly kind?: unknown } | undefined)?.kind;
}

/** Of strings, or of numbers that no input gives: which input is a number is seen differently. */
function isSameComparison(kinds: readonly unknown[]): boolean {
  return kinds.includes("string") || kinds.every((kind) => kind === "name" || kind === "number");
}
