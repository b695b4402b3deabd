/**
 * Bracket expressions (POSIX XBD 9.3.5) over bytes in the C locale.
 */
import { BYTE_CLASSES, type ByteSet, RegexError, type RegexOptions } from "./ast.js";

const UNMATCHED = "Unmatched [, [^, [:, [., or [=";

/** Reads the bracket expression whose `[` is before `at`; `next` is behind its `]`. */
export function parseBracket(
  pattern: string,
  at: number,
  options: RegexOptions,
): { readonly set: ByteSet; readonly next: number } {
  const set = new Uint8Array(256);
  let i = at;
  const negated = pattern[i] === "^";
  if (negated) i++;
  const first = i;
  for (;;) {
    const c = pattern[i];
    if (c === undefined) {
      // glibc tells an empty bracket expression from one that does not end; grep does not.
      const empty = i === first && options.syntax !== "grep" && options.syntax !== "egrep";
      throw new RegexError(empty ? "Invalid regular expression" : UNMATCHED);
    }
    if (c === "]" && i > first) break;
    if (c === "[" && pattern[i + 1] === ":") {
      const end = pattern.indexOf(":]", i + 2);
      if (end < 0) throw new RegexError(UNMATCHED);
      addClass(set, pattern.slice(i + 2, end), options);
      i = end + 2;
      continue;
    }
    const low = readElement(pattern, i, options);
    i = low.next;
    if (pattern[i] !== "-" || pattern[i + 1] === "]" || pattern[i + 1] === undefined || low.equivalence) {
      set[low.byte] = 1;
      continue;
    }
    const high = readElement(pattern, i + 1, options);
    if (high.equivalence) throw new RegexError("Invalid range end");
    if (high.byte < low.byte) throw new RegexError("Invalid range end");
    for (let byte = low.byte; byte <= high.byte; byte++) set[byte] = 1;
    i = high.next;
  }
  if (options.ignoreCase) foldCase(set);
  if (negated) {
    for (let byte = 0; byte < 256; byte++) set[byte] = set[byte] ? 0 : 1;
    if (options.newlineSeparates) set[10] = 0;
  }
  return { set, next: i + 1 };
}

/** Adds the other case of every letter. */
export function foldCase(set: ByteSet): void {
  for (let byte = 65; byte <= 90; byte++) {
    if (set[byte] || set[byte + 32]) {
      set[byte] = 1;
      set[byte + 32] = 1;
    }
  }
}

function addClass(set: ByteSet, name: string, options: RegexOptions): void {
  const folded = options.ignoreCase && (name === "upper" || name === "lower") ? "alpha" : name;
  const test = BYTE_CLASSES.get(folded);
  if (test === undefined) throw new RegexError("Invalid character class name");
  for (let byte = 0; byte < 256; byte++) if (test(byte)) set[byte] = 1;
}

interface Element {
  readonly byte: number;
  readonly next: number;
  readonly equivalence: boolean;
}

function readElement(pattern: string, at: number, options: RegexOptions): Element {
  const c = pattern[at]!;
  const kind = pattern[at + 1];
  if (c === "[" && (kind === "." || kind === "=")) {
    const end = pattern.indexOf(`${kind}]`, at + 3);
    if (end < 0) throw new RegexError(UNMATCHED);
    const name = pattern.slice(at + 2, end);
    // The C locale has no collating symbols with names.
    if (name.length !== 1) throw new RegexError("Invalid collation character");
    return { byte: name.charCodeAt(0), next: end + 2, equivalence: kind === "=" };
  }
  if (c === "\\" && options.syntax === "awk") {
    const { byte, next } = readAwkEscape(pattern, at);
    return { byte, next, equivalence: false };
  }
  return { byte: c.charCodeAt(0), next: at + 1, equivalence: false };
}

const AWK_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);

/** Reads awk's escape (POSIX XCU awk, Lexical Conventions) at a backslash. */
export function readAwkEscape(pattern: string, at: number): { readonly byte: number; readonly next: number } {
  const octal = /^[0-7]{1,3}/.exec(pattern.slice(at + 1, at + 4));
  if (octal !== null) return { byte: Number.parseInt(octal[0], 8) & 255, next: at + 1 + octal[0].length };
  const c = pattern[at + 1];
  if (c === undefined) return { byte: 92, next: at + 1 };
  return { byte: AWK_ESCAPES.get(c) ?? c.charCodeAt(0), next: at + 2 };
}
