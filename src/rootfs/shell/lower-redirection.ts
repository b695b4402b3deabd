/**
 * Redirections and here-documents of unbash's syntax tree to the shell's own.
 */
import type * as unbash from "unbash";
import type { Source } from "./lower-source.js";
import { lowerParts, lowerWord, quotedWord, unsupportedPart } from "./lower-word.js";
import type { Redirection, RedirectOperator, Word } from "./syntax.js";

/** Lowers redirections, in their order. */
export function lowerRedirections(source: Source, list: readonly unbash.Redirection[]): Redirection[] {
  return list.map((item) => lowerRedirection(source, item));
}

function lowerRedirection(source: Source, item: unbash.Redirection): Redirection {
  const bash = source.dialect === "bash";
  const { descriptor } = item;
  const number = descriptor?.type === "FileDescriptor" ? descriptor.value : undefined;
  if (descriptor?.type === "FileDescriptorVariable" || (!bash && number !== undefined && number > 9)) {
    const text = source.text.slice(item.pos, item.end);
    return { operator: "<", descriptor: 0, word: { parts: [unsupportedPart(text)], literal: undefined } };
  }
  if (item.type === "HereDoc") return { operator: "here", descriptor: number ?? 0, word: lowerDocument(source, item) };
  if (item.target === undefined) source.problem(item.pos, "redirection unexpected");
  const target = item.target === undefined ? quotedWord("") : lowerWord(source, item.target);
  if (item.type === "HereString") {
    if (!bash) source.problem(item.pos, "redirection unexpected");
    const newline = { type: "text", text: "\n", quoted: true } as const;
    return {
      operator: "here",
      descriptor: number ?? 0,
      word: { parts: [...target.parts, newline], literal: undefined },
    };
  }
  if (!bash && item.operator.startsWith("&>")) source.problem(item.pos, '"&" unexpected');
  if (item.operator === "&>") return { operator: "both", descriptor: 1, word: target };
  if (item.operator === "&>>") return { operator: "both-append", descriptor: 1, word: target };
  const input = item.operator.startsWith("<");
  const operator = item.operator as RedirectOperator;
  const duplicate = target.literal === undefined || /^(?:[0-9]+-?|-)$/.test(target.literal);
  if (bash && operator === ">&" && number === undefined && !duplicate) {
    return { operator: "both", descriptor: 1, word: target };
  }
  return { operator, descriptor: number ?? (input ? 0 : 1), word: target };
}

function lowerDocument(source: Source, item: unbash.HereDoc): Word {
  const { body } = item;
  const strip = item.operator === "<<-";
  if (item.delimiter?.quoted === true) return quotedWord(strip ? body.text.replace(/^\t+/gm, "") : body.text);
  const parts = strip ? stripTabs(body) : body.parts;
  const text = strip ? body.text.replace(/^\t+/gm, "") : body.text;
  return lowerParts(source, { text, ...(parts === undefined ? {} : { parts }) }, { quoting: "here", tilde: "none" });
}

/** `<<-` takes the tabs at the start of each line, before expansion. */
function stripTabs(body: unbash.HereDocBody): readonly unbash.WordPart[] | undefined {
  let lineStart = true;
  return body.parts?.map((part) => {
    const atStart = lineStart;
    lineStart = part.text.endsWith("\n");
    if (part.type !== "Literal") return part;
    const lines = part.text.split("\n");
    const text = lines.map((line, i) => (i > 0 || atStart ? line.replace(/^\t+/, "") : line)).join("\n");
    // A part of tabs only leaves the next part at the start of the line, but that is never text.
    return { ...part, text };
  });
}
