/**
 * bash's brace expansion: `{a,b}` and `{1..3}`, before any other expansion.
 */
import type * as unbash from "unbash";
import { parse } from "unbash";
import type { Source } from "./lower-source.js";
import { lowerParts, type WordOptions } from "./lower-word.js";
import type { Word } from "./syntax.js";

/** The words that the braces of `word` make; each is parsed anew from its text. */
export function expandBraces(source: Source, word: unbash.Word, options: WordOptions): Word[] {
  return braceTexts(word.text).map((text) => {
    if (text === "") return { parts: [], literal: undefined };
    const parsed = parse(`: ${text}`).commands[0]?.command;
    const argument = parsed?.type === "Command" ? parsed.suffix[0] : undefined;
    if (argument?.type !== "Word" || argument.text !== text) return { parts: [], literal: "" };
    return lowerParts(source.nested(`: ${text}`, word.pos), argument, options);
  });
}

/** All texts that a word's text expands to. */
function braceTexts(text: string): string[] {
  for (let open = 0; open < text.length; open++) {
    const skipped = skipQuoted(text, open);
    if (skipped > open) {
      open = skipped - 1;
      continue;
    }
    if (text[open] !== "{") continue;
    const group = readGroup(text, open);
    if (group === undefined) continue;
    const before = text.slice(0, open);
    const after = braceTexts(text.slice(group.end));
    return group.choices.flatMap((choice) => after.map((rest) => before + choice + rest));
  }
  return [text];
}

function readGroup(text: string, open: number): { choices: string[]; end: number } | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const skipped = skipQuoted(text, at);
    if (skipped > at) {
      at = skipped - 1;
      continue;
    }
    if (text[at] === "{") depth++;
    else if (text[at] === "," && depth === 1) commas.push(at);
    else if (text[at] === "}" && --depth === 0) {
      const inner = text.slice(open + 1, at);
      if (commas.length === 0) {
        const choices = sequence(inner);
        return choices === undefined ? undefined : { choices, end: at + 1 };
      }
      const edges = [open, ...commas, at];
      const choices = edges.slice(1).flatMap((edge, i) => braceTexts(text.slice(edges[i]! + 1, edge)));
      return { choices, end: at + 1 };
    }
  }
  return undefined;
}

/** Where quoted text, an escape or an expansion that starts at `at` ends; `at` itself if none starts there. */
function skipQuoted(text: string, at: number): number {
  const char = text[at];
  if (char === "\\") return at + 2;
  if (char === "'") return text.indexOf("'", at + 1) + 1 || text.length;
  if (char === '"' || char === "`") {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === "\\") i++;
      else if (text[i] === char) return i + 1;
    }
    return text.length;
  }
  if (char !== "$" || (text[at + 1] !== "{" && text[at + 1] !== "(")) return at;
  const close = text[at + 1] === "{" ? "}" : ")";
  for (let i = at + 2; i < text.length; i++) {
    const skipped = skipQuoted(text, i);
    if (skipped > i) i = skipped - 1;
    else if (text[i] === close) return i + 1;
  }
  return text.length;
}

/** `1..5`, `a..e`, `01..10..2` */
function sequence(inner: string): string[] | undefined {
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(inner);
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?$/.exec(inner);
  const match = numbers ?? letters;
  if (match === null) return undefined;
  const value = (text: string): number => (numbers === null ? text.charCodeAt(0) : Number(text));
  const [from, to] = [value(match[1]!), value(match[2]!)];
  const step = Math.max(1, Math.abs(Number(match[3] ?? 1))) * (from <= to ? 1 : -1);
  if (Math.abs((to - from) / step) > 100_000) return undefined;
  const padded = numbers !== null && [match[1]!, match[2]!].some((text) => /^-?0\d/.test(text));
  const width = padded ? Math.max(match[1]!.length, match[2]!.length) : 0;
  const result: string[] = [];
  for (let at = from; step > 0 ? at <= to : at >= to; at += step) {
    if (numbers === null) result.push(String.fromCharCode(at));
    else result.push(at < 0 ? `-${String(-at).padStart(width - 1, "0")}` : String(at).padStart(width, "0"));
  }
  return result;
}
