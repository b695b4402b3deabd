/**
 * Shell patterns (POSIX XCU 2.14) over byte strings: `*`, `?`, `[…]` with ranges and classes in the C locale. A backslash quotes
 * the next character.
 */

import type { Dialect } from "./syntax.js";

type Token =
  | { readonly type: "char"; readonly code: number }
  | { readonly type: "any" }
  | { readonly type: "star" }
  | { readonly type: "set"; readonly members: Uint8Array };

/** A pattern ready to match. */
export type Pattern = readonly Token[];

const ANY: Token = { type: "any" };
const STAR: Token = { type: "star" };

const CLASSES: Readonly<Record<string, (code: number) => boolean>> = {
  alpha: (c) => isLetter(c),
  digit: (c) => c >= 48 && c <= 57,
  alnum: (c) => isLetter(c) || (c >= 48 && c <= 57),
  upper: (c) => c >= 65 && c <= 90,
  lower: (c) => c >= 97 && c <= 122,
  space: (c) => c === 32 || (c >= 9 && c <= 13),
  blank: (c) => c === 32 || c === 9,
  punct: (c) => c > 32 && c < 127 && !isLetter(c) && !(c >= 48 && c <= 57),
  print: (c) => c >= 32 && c < 127,
  graph: (c) => c > 32 && c < 127,
  cntrl: (c) => c < 32 || c === 127,
  xdigit: (c) => (c >= 48 && c <= 57) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
};

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Quotes text so that it matches only itself. */
export function quotePattern(text: string): string {
  return /[*?[\]\\!^-]/.test(text) ? text.replace(/[*?[\]\\!^-]/g, "\\$&") : text;
}

/** Removes the quoting backslashes of a pattern. */
export function unquotePattern(pattern: string): string {
  return pattern.includes("\\") ? pattern.replace(/\\([\s\S])/g, "$1") : pattern;
}

/** Whether text can be a pattern, as far as a quick look tells; `[` alone is the name of a command. */
export function mayBePattern(text: string): boolean {
  if (text.includes("*") || text.includes("?")) return true;
  const open = text.indexOf("[");
  return open >= 0 && text.includes("]", open);
}

/** Whether a pattern has an unquoted special character. */
export function hasMagic(pattern: string): boolean {
  if (!mayBePattern(pattern)) return false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "\\") i++;
    else if (char === "*" || char === "?" || char === "[") return true;
  }
  return false;
}

/** Compiles a pattern; only to bash, `[^…]` is a negation too. */
export function compilePattern(text: string, dialect: Dialect = "dash"): Pattern {
  const tokens: Token[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\" && i + 1 < text.length) tokens.push({ type: "char", code: text.charCodeAt(++i) });
    else if (char === "*") {
      if (tokens.at(-1)?.type !== "star") tokens.push(STAR);
    } else if (char === "?") tokens.push(ANY);
    else {
      const set = char === "[" ? readBracket(text, i, dialect) : undefined;
      if (set === undefined) tokens.push({ type: "char", code: text.charCodeAt(i) });
      else {
        tokens.push({ type: "set", members: set.members });
        i = set.end;
      }
    }
  }
  return tokens;
}

/** A bracket expression; undefined if it is not closed, so that `[` means itself. */
function readBracket(text: string, start: number, dialect: Dialect): { members: Uint8Array; end: number } | undefined {
  const members = new Uint8Array(256);
  let at = start + 1;
  const negated = text[at] === "!" || (text[at] === "^" && dialect === "bash");
  if (negated) at++;
  for (let first = true; ; first = false) {
    if (at >= text.length) return undefined;
    if (text[at] === "]" && !first) break;
    const named = readClass(text, at);
    if (named !== undefined) {
      for (let code = 0; code < 256; code++) if (named.test(code)) members[code] = 1;
      at = named.end;
      continue;
    }
    const low = readMember(text, at);
    at = low.end;
    if (text[at] === "-" && at + 1 < text.length && text[at + 1] !== "]") {
      const high = readMember(text, at + 1);
      at = high.end;
      for (let code = low.code; code <= high.code; code++) members[code] = 1;
    } else members[low.code] = 1;
  }
  if (negated) for (let code = 0; code < 256; code++) members[code] = 1 - members[code]!;
  return { members, end: at };
}

function readMember(text: string, at: number): { code: number; end: number } {
  const escaped = text[at] === "\\" && at + 1 < text.length;
  const position = escaped ? at + 1 : at;
  return { code: text.charCodeAt(position) & 255, end: position + 1 };
}

function readClass(text: string, at: number): { test: (code: number) => boolean; end: number } | undefined {
  if (text[at] !== "[" || text[at + 1] !== ":") return undefined;
  const end = text.indexOf(":]", at + 2);
  const test = end < 0 ? undefined : CLASSES[text.slice(at + 2, end)];
  return test === undefined ? undefined : { test, end: end + 2 };
}

function accepts(token: Token, code: number): boolean {
  if (token.type === "char") return token.code === code;
  return token.type === "set" ? token.members[code] === 1 : true;
}

/** Whether a pattern matches a whole text. */
export function matchPattern(pattern: string | Pattern, text: string): boolean {
  const tokens = typeof pattern === "string" ? compilePattern(pattern) : pattern;
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    const token = tokens[at];
    if (token?.type === "star") {
      star = at++;
      resume = position;
    } else if (token !== undefined && accepts(token, text.charCodeAt(position))) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (tokens[at]?.type === "star") at++;
  return at === tokens.length;
}

/** The length of the shortest or longest start of a text that a pattern matches; -1 if none does. */
export function matchStart(pattern: Pattern, text: string, longest: boolean): number {
  return run(pattern, { length: text.length, code: (index) => text.charCodeAt(index) }, longest);
}

/** The same for the end of a text. */
export function matchEnd(pattern: Pattern, text: string, longest: boolean): number {
  const { length } = text;
  return run(pattern.toReversed(), { length, code: (index) => text.charCodeAt(length - 1 - index) }, longest);
}

/** Follows all ways to match at once: linear in the text, whatever the pattern. */
function run(tokens: Pattern, text: { length: number; code: (index: number) => number }, longest: boolean): number {
  let states = new Uint8Array(tokens.length + 1);
  const close = (set: Uint8Array): void => {
    for (let i = 0; i < tokens.length; i++) if (set[i] === 1 && tokens[i]!.type === "star") set[i + 1] = 1;
  };
  states[0] = 1;
  close(states);
  let best = -1;
  for (let position = 0; ; position++) {
    if (states[tokens.length] === 1) {
      best = position;
      if (!longest) return best;
    }
    if (position >= text.length) return best;
    const code = text.code(position);
    const next = new Uint8Array(tokens.length + 1);
    let alive = false;
    for (let i = 0; i < tokens.length; i++) {
      if (states[i] !== 1) continue;
      const token = tokens[i]!;
      if (token.type === "star") next[i] = 1;
      else if (accepts(token, code)) next[i + 1] = 1;
      else continue;
      alive = true;
    }
    if (!alive) return best;
    close(next);
    states = next;
  }
}
