/**
 * What a regular expression is made of, after parsing.
 */

/** The bytes that one position accepts: 256 flags. */
export type ByteSet = Uint8Array;

/** A condition on a position that takes no bytes. */
export type Assertion =
  | "line-start"
  | "line-end"
  | "text-start"
  | "text-end"
  | "word-start"
  | "word-end"
  | "boundary"
  | "no-boundary"
  | "no-word-before"
  | "no-word-after";

/** A node of the syntax tree. */
export type RegexNode =
  | { readonly kind: "set"; readonly set: ByteSet }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegexNode[] }
  | { readonly kind: "repeat"; readonly item: RegexNode; readonly min: number; readonly max: number | undefined }
  | { readonly kind: "group"; readonly index: number; readonly item: RegexNode }
  | { readonly kind: "assertion"; readonly what: Assertion }
  | { readonly kind: "backreference"; readonly index: number };

/** How a pattern is written and what it means. */
export interface RegexOptions {
  /**
   * `basic` and `extended` are POSIX's with GNU's extensions (sed, expr, find), `grep` and `egrep` the same as GNU grep reads
   * them (stray operators are ordinary), `awk` is extended with awk's escapes and without back-references,
   * `emacs` is find's default: basic with `+` and `?` as operators and without intervals.
   */
  readonly syntax: "basic" | "extended" | "grep" | "egrep" | "awk" | "emacs";
  readonly ignoreCase?: boolean | undefined;
  /** `^` and `$` match at newlines, too. */
  readonly lineAnchors?: boolean | undefined;
  /** `.` and `[^x]` do not match a newline. */
  readonly newlineSeparates?: boolean | undefined;
  /** Only matches that are whole words or whole lines count (grep -w, -x). */
  readonly whole?: "word" | "line" | undefined;
}

/** A pattern that is not valid; the message is glibc's. */
export class RegexError extends Error {
  override readonly name = "RegexError";
}

/** A set of the bytes for which `test` holds. */
export function byteSet(test: (byte: number) => boolean): ByteSet {
  const set = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) if (test(byte)) set[byte] = 1;
  return set;
}

/** Whether a byte is part of a word: letter, digit or underscore, in the C locale. */
export function isWordByte(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122);
}

const inRange = (low: number, high: number) => (byte: number) => byte >= low && byte <= high;
const isUpper = inRange(65, 90);
const isLower = inRange(97, 122);
const isDigit = inRange(48, 57);
const isAlpha = (byte: number): boolean => isUpper(byte) || isLower(byte);
const isGraph = inRange(33, 126);

/** The character classes of the C locale (POSIX XBD 7.3.1). */
export const BYTE_CLASSES: ReadonlyMap<string, (byte: number) => boolean> = new Map([
  ["alpha", isAlpha],
  ["digit", isDigit],
  ["alnum", (byte: number) => isAlpha(byte) || isDigit(byte)],
  ["upper", isUpper],
  ["lower", isLower],
  ["space", (byte: number) => byte === 32 || (byte >= 9 && byte <= 13)],
  ["blank", (byte: number) => byte === 32 || byte === 9],
  ["punct", (byte: number) => isGraph(byte) && !isAlpha(byte) && !isDigit(byte)],
  ["print", inRange(32, 126)],
  ["graph", isGraph],
  ["cntrl", (byte: number) => byte < 32 || byte === 127],
  ["xdigit", (byte: number) => isDigit(byte) || inRange(65, 70)(byte) || inRange(97, 102)(byte)],
]);
