/**
 * POSIX extended regular expressions of bash's `=~` as JavaScript's, where both mean the same.
 *
 * The one difference that cannot be translated is leftmost-longest alternation; scripts that depend on it are not known.
 */
import { expandString } from "../expand-word.js";
import type { Shell } from "../shell.js";
import type { Word } from "../syntax.js";

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: " \\t\\n\\r\\v\\f",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  print: " -~",
  graph: "!-~",
  cntrl: "\\x00-\\x1f\\x7f",
  xdigit: "0-9A-Fa-f",
};

/** The regular expression that the right side of `=~` means: quoted parts match themselves. */
export function translateRegex(shell: Shell, word: Word): RegExp {
  let source = "";
  for (const part of word.parts) {
    const text = expandString(shell, { parts: [part], literal: undefined });
    const quoted = part.type === "tilde" || part.type === "process" || part.quoted;
    source += quoted ? text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") : text;
  }
  try {
    return new RegExp(translate(shell, source), "s");
  } catch {
    return shell.unsupported(`the regular expression ${source}`);
  }
}

function translate(shell: Shell, source: string): string {
  let result = "";
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    if (char === "\\") {
      const next = source[++i] ?? "";
      if (/[A-Za-z0-9]/.test(next)) shell.unsupported(`the regular expression ${source}`);
      result += `\\${next}`;
    } else if (char === "(" && source[i + 1] === "?") shell.unsupported(`the regular expression ${source}`);
    else if (char === "[") {
      const bracket = readBracket(source, i);
      if (bracket === undefined) return shell.unsupported(`the regular expression ${source}`);
      result += bracket.text;
      i = bracket.end;
    } else result += char;
  }
  return result;
}

function readBracket(source: string, start: number): { text: string; end: number } | undefined {
  let at = start + 1;
  let text = "[";
  if (source[at] === "^") {
    text += "^";
    at++;
  }
  for (let first = true; at < source.length; first = false) {
    const char = source[at]!;
    if (char === "]" && !first) return { text: `${text}]`, end: at };
    const named = /^\[:([a-z]+):\]/.exec(source.slice(at));
    if (named !== null) {
      const members = CLASSES[named[1]!];
      if (members === undefined) return undefined;
      text += members;
      at += named[0].length;
      continue;
    }
    text += "\\]^[".includes(char) ? `\\${char}` : char;
    at++;
  }
  return undefined;
}
