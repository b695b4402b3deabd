/**
 * sub and gsub of awk.
 */
import type { Match, Regex } from "../regex/regex.js";

/** The text after the replacements, and how many there were. */
export function substituteAwk(
  text: string,
  regex: Regex,
  options: { readonly replacement: string; readonly global: boolean },
): { readonly text: string; readonly count: number } {
  const pieces = parseReplacement(options.replacement);
  let result = "";
  let copied = 0;
  let from = 0;
  let count = 0;
  let lastEnd = -1;
  while (from <= text.length) {
    const match = regex.exec(text, from);
    if (match === undefined) break;
    const { start, end } = match;
    // Nothing right behind a match is no match of its own.
    if (end > start || start !== lastEnd) {
      count++;
      lastEnd = end;
      result += text.slice(copied, start) + expand(pieces, match);
      copied = end;
      if (!options.global) break;
    }
    from = end > start ? end : start + 1;
  }
  return { text: result + text.slice(copied), count };
}

/** Texts, and undefined where the match goes: `&` stands for it, `\&` for itself, `\\&` for a backslash and it. */
function parseReplacement(text: string): (string | undefined)[] {
  const pieces: (string | undefined)[] = [];
  let at = 0;
  for (const match of text.matchAll(/(\\*)&/g)) {
    const backslashes = match[1]!.length;
    pieces.push(text.slice(at, match.index) + "\\".repeat(backslashes >> 1));
    pieces.push(backslashes % 2 === 1 ? "&" : undefined);
    at = match.index + match[0].length;
  }
  pieces.push(text.slice(at));
  return pieces;
}

function expand(pieces: readonly (string | undefined)[], match: Match): string {
  return pieces.map((piece) => piece ?? match.group(0)).join("");
}
