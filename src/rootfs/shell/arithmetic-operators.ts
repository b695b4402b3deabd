/**
 * The operators of shell arithmetic, and its constants.
 */

/** An operator at the start of a text, the longest first. */
export const OPERATORS = /^(?:<<=|>>=|\*\*|\+\+|--|&&|\|\||[=!<>*/%+\-&^|]=|<<|>>|[-+*/%&|^!~<>=?:(),])/;

/** Operators that dash reads as two. */
export const BASH_OPERATORS: ReadonlySet<string> = new Set(["++", "--", "**"]);

/** Binding of binary operators, tightest last. */
export const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const MAX_INT = (1n << 63n) - 1n;

/** Signs and negations. */
export const UNARY: readonly (readonly [string, (value: bigint) => bigint])[] = [
  ["-", (value) => -value],
  ["+", (value) => value],
  ["!", (value) => BigInt(value === 0n)],
  ["~", (value) => ~value],
];

/** What needs both sides; results are cut to 64 bits by the caller. */
export const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "<<": (a, b) => a << (b & 63n),
  ">>": (a, b) => a >> (b & 63n),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "==": (a, b) => BigInt(a === b),
  "!=": (a, b) => BigInt(a !== b),
  "<": (a, b) => BigInt(a < b),
  ">": (a, b) => BigInt(a > b),
  "<=": (a, b) => BigInt(a <= b),
  ">=": (a, b) => BigInt(a >= b),
};

/** A C integer constant; dash stops at the largest value, bash wraps. */
export function parseConstant(text: string, wraps: boolean): bigint {
  const octal = /^0[0-7]+$/.test(text);
  const value = BigInt(octal ? `0o${text.slice(1)}` : text);
  if (wraps) return BigInt.asIntN(64, value);
  return value > MAX_INT ? MAX_INT : value;
}
