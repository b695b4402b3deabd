/**
 * The command `s`: matches in a pattern space, and what replaces them.
 */
import type { Match, Regex } from "../regex/regex.js";
import type { Replacement, Substitution } from "./script.js";

/** The text after a substitution, or undefined if nothing was replaced. */
export function substitute(text: string, regex: Regex, substitution: Substitution): string | undefined {
  let result = "";
  let from = 0;
  let copied = 0;
  let count = 0;
  let replaced = false;
  let lastEnd = -1;
  while (from <= text.length) {
    const match = regex.exec(text, from);
    if (match === undefined) break;
    const { start, end } = match;
    // Nothing right behind a match is no match of its own.
    const counts = end > start || start !== lastEnd;
    if (counts) {
      count++;
      lastEnd = end;
      if (count >= substitution.number) {
        result += text.slice(copied, start) + expand(substitution.replacement, match);
        copied = end;
        replaced = true;
        if (!substitution.global) break;
      }
    }
    from = end > start ? end : start + 1;
  }
  return replaced ? result + text.slice(copied) : undefined;
}

/** The replacement of one match, with the case conversions of GNU sed. */
function expand(replacement: readonly Replacement[], match: Match): string {
  let result = "";
  let lasting = "E";
  let once = "";
  for (const piece of replacement) {
    if (piece.kind === "case") {
      if (piece.letter === "u" || piece.letter === "l") once = piece.letter;
      else {
        lasting = piece.letter;
        once = "";
      }
      continue;
    }
    const text = piece.kind === "text" ? piece.text : (match.group(piece.index) ?? "");
    if (text === "") continue;
    let converted = lasting === "U" ? upper(text) : lasting === "L" ? lower(text) : text;
    if (once !== "") converted = (once === "u" ? upper(converted[0]!) : lower(converted[0]!)) + converted.slice(1);
    once = "";
    result += converted;
  }
  return result;
}

/** Upper case in the C locale. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Lower case in the C locale. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
