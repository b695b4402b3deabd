/**
 * Words of unbash's syntax tree to the shell's own: quoting is resolved here, from the source text of each part, because the
 * rules for a backslash differ between bare words, double quotes and here-documents.
 */
import type * as unbash from "unbash";
import { expandBraces } from "./brace.js";
import { lowerParameter, lowerSimpleParameter } from "./lower-parameter.js";
import type { Source } from "./lower-source.js";
import { mayBePattern } from "./pattern.js";
import type { ParameterPart, Word, WordPart } from "./syntax.js";

/** Where text stands, which decides what a backslash does. */
export type Quoting = "bare" | "double" | "here";

/** How to lower a word. */
export interface WordOptions {
  readonly quoting?: Quoting;
  /** Where a tilde prefix may stand: at the start, also after each colon (assignments), or nowhere. */
  readonly tilde?: "start" | "assignment" | "none";
  /** Whether bash expands braces here. */
  readonly braces?: boolean;
  /** Inside `"${x-…}"`, where a backslash also quotes a closing brace. */
  readonly operand?: boolean;
}

const GLOB = /[*?[]/;
const ESCAPED: Record<Exclude<Quoting, "bare">, string> = { double: '$`"\\\n', here: "$`\\\n" };

/** Lowers a word. */
export function lowerWord(source: Source, word: unbash.Word, options: WordOptions = {}): Word {
  if (
    source.dialect === "bash" &&
    options.braces === true &&
    word.parts?.some((part) => part.type === "BraceExpansion")
  ) {
    return { parts: [], literal: undefined, braces: expandBraces(source, word, options) };
  }
  return lowerParts(source, word, options);
}

/** Lowers a word without looking for braces. */
export function lowerParts(source: Source, word: Pick<unbash.Word, "text" | "parts">, options: WordOptions): Word {
  const parts = new PartList();
  if (word.parts === undefined) addText(parts, word.text, options);
  else for (const part of word.parts) addPart(source, parts, { part, options });
  return finishWord(parts.list, options);
}

/** Text without any expansion as a word: a quoted here-document, a synthetic word. */
export function quotedWord(text: string): Word {
  return { parts: [{ type: "text", text, quoted: true }], literal: text };
}

/** Joins neighbours, finds tildes, and notes whether anything is left to expand. */
export function finishWord(list: readonly WordPart[], options: WordOptions): Word {
  const tilde = options.tilde ?? "start";
  const parts = tilde === "none" || (options.quoting ?? "bare") !== "bare" ? list : splitTildes(list, tilde);
  if (parts.length === 0) return { parts, literal: undefined };
  let literal = "";
  let special = false;
  for (const part of parts) {
    if (part.type !== "text") return { parts, literal: undefined };
    literal += part.text;
    special ||= !part.quoted && GLOB.test(part.text);
  }
  return { parts, literal: special && mayBePattern(literal) ? undefined : literal };
}

/** Parts under construction; equal neighbours are joined. */
export class PartList {
  readonly list: WordPart[] = [];

  text(text: string, quoted: boolean): void {
    const last = this.list.at(-1);
    if (last?.type === "text" && last.quoted === quoted) {
      this.list[this.list.length - 1] = { type: "text", text: last.text + text, quoted };
    } else if (text !== "" || quoted) this.list.push({ type: "text", text, quoted });
  }

  push(part: WordPart): void {
    if (part.type === "text") this.text(part.text, part.quoted);
    else this.list.push(part);
  }
}

/** Adds source text, resolving its backslashes. */
export function addText(parts: PartList, text: string, options: WordOptions): void {
  const quoting = options.quoting ?? "bare";
  const quoted = quoting !== "bare";
  if (!text.includes("\\")) {
    parts.text(text, quoted);
    return;
  }
  let plain = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const next = text[i + 1];
    if (char !== "\\" || next === undefined) {
      plain += char;
      continue;
    }
    if (quoting === "bare") {
      if (plain !== "") parts.text(plain, false);
      plain = "";
      if (next !== "\n") parts.text(next, true);
      i++;
    } else if (ESCAPED[quoting].includes(next) || (options.operand === true && next === "}")) {
      if (next !== "\n") plain += next;
      i++;
    } else plain += char;
  }
  if (plain !== "") parts.text(plain, quoted);
}

interface PartContext {
  readonly part: unbash.WordPart;
  readonly options: WordOptions;
}

function addPart(source: Source, parts: PartList, { part, options }: PartContext): void {
  const quoting = options.quoting ?? "bare";
  const quoted = quoting !== "bare";
  switch (part.type) {
    case "Literal":
      addText(parts, part.text, options);
      return;
    case "Glob":
      if (part.kind !== "bracket") parts.text(part.text, quoted);
      else addWrapped(source, parts, { open: "[", close: "]", part, options });
      return;
    case "SingleQuoted":
      if (quoting === "here") addText(parts, part.text, options);
      else parts.text(part.value, true);
      return;
    case "LocaleString":
      if (source.dialect === "dash") parts.text("$", quoted);
      addDoubleQuoted(source, parts, part.parts);
      return;
    case "DoubleQuoted":
      addDoubleQuoted(source, parts, part.parts);
      return;
    case "AnsiCQuoted":
      if (source.dialect === "bash") {
        // What \u means depends on the locale.
        if (/\\[uU]/.test(part.text)) parts.push(unsupportedPart(part.text));
        else parts.text(part.value, true);
      } else {
        parts.text("$", quoted);
        parts.text(part.text.slice(2, -1), true);
      }
      return;
    case "SimpleExpansion":
      parts.push(lowerSimpleParameter(part.text.slice(1), quoted));
      return;
    case "ParameterExpansion":
      parts.push(lowerParameter(source, part, quoting));
      return;
    case "CommandExpansion":
      parts.push({ type: "command", body: source.lowerSubstitution(part), quoted });
      return;
    case "ArithmeticExpansion": {
      const inner = part.text.startsWith("$[") ? part.text.slice(2, -1) : part.text.slice(3, -2);
      if (part.text.startsWith("$[") && source.dialect === "dash") {
        addText(parts, part.text, options);
        return;
      }
      parts.push({ type: "arithmetic", expression: source.lowerArithmetic(inner, part.pos), quoted });
      return;
    }
    case "ProcessSubstitution":
      if (source.dialect === "dash") source.problem(part.pos, '"(" unexpected');
      else if (part.operator === ">" || part.script === undefined) parts.push(unsupportedPart(part.text));
      else parts.push({ type: "process", body: source.lowerSubstitution(part) });
      return;
    case "ExtendedGlob":
      if (source.dialect === "dash") source.problem(part.pos, '"(" unexpected');
      else parts.push(unsupportedPart(part.text));
      return;
    case "BraceExpansion":
      addWrapped(source, parts, { open: "{", close: "}", part, options });
  }
}

/** A part that stops the build when it is expanded. */
export function unsupportedPart(text: string): ParameterPart {
  const operation = { type: "unsupported" } as const;
  return { type: "parameter", name: "", quoted: false, length: false, indirect: false, operation, text };
}

function addDoubleQuoted(source: Source, parts: PartList, children: readonly unbash.DoubleQuotedChild[]): void {
  if (children.length === 0) parts.text("", true);
  for (const part of children) addPart(source, parts, { part, options: { quoting: "double" } });
}

interface Wrapped extends PartContext {
  readonly open: string;
  readonly close: string;
}

/** A bracket or brace group: its own characters, and between them text and expansions. */
function addWrapped(source: Source, parts: PartList, { open, close, part, options }: Wrapped): void {
  const children = "parts" in part ? part.parts : undefined;
  if (children === undefined || children.length === 0) {
    addText(parts, part.text, options);
    return;
  }
  parts.text(open, false);
  for (const child of children) addPart(source, parts, { part: child as unbash.WordPart, options });
  parts.text(close, false);
}

function splitTildes(list: readonly WordPart[], where: "start" | "assignment"): readonly WordPart[] {
  const first = list[0];
  const anywhere = where === "assignment" && list.some((part) => part.type === "text" && part.text.includes(":~"));
  if (!anywhere && (first?.type !== "text" || first.quoted || !first.text.startsWith("~"))) return list;
  const result: WordPart[] = [];
  list.forEach((part, index) => {
    if (part.type !== "text" || part.quoted) {
      result.push(part);
      return;
    }
    const ended = index === list.length - 1;
    const pieces = where === "assignment" ? part.text.split(/(?<=:)/) : [part.text];
    pieces.forEach((piece, at) => {
      const starts = index === 0 ? at === 0 || where === "assignment" : at > 0;
      const match = starts ? /^~([^/:]*)(?=[/:]|$)/.exec(piece) : null;
      const rest = match === null ? piece : piece.slice(match[0].length);
      const open = match !== null && rest === "" && at === pieces.length - 1 && !ended;
      if (match === null || open) result.push({ type: "text", text: piece, quoted: false });
      else {
        result.push({ type: "tilde", user: match[1]! });
        if (rest !== "") result.push({ type: "text", text: rest, quoted: false });
      }
    });
  });
  return result;
}
