/**
 * Splits texts into fields (POSIX XCU awk, Regular Expressions and field splitting), and compiles awk's patterns.
 */

import { RegexError } from "../regex/ast.js";
import { compileRegex, type Regex } from "../regex/regex.js";
import { AwkError } from "./ast.js";
import type { Separator } from "./record-reader.js";

/** What mawk says of mistakes that glibc has other words for. */
const MAWK_WORDS: ReadonlyMap<string, string> = new Map([
  ["Invalid regular expression", "bad class -- [], [^] or ["],
  ["Invalid character class name", "bad class -- [], [^] or ["],
  ["Invalid content of \\{\\}", "bad interval expression"],
]);

/** Compiled patterns by source; a program uses few. */
export class Patterns {
  private readonly known = new Map<string, Regex>();

  /** A pattern, compiled once; `line` is where it stands in the program. @throws AwkError */
  compile(source: string, line?: number): Regex {
    let regex = this.known.get(source);
    if (regex === undefined) {
      try {
        regex = compileRegex(source, { syntax: "awk" });
      } catch (error) {
        if (!(error instanceof RegexError)) throw error;
        const place = line === undefined ? "" : `line ${line}: `;
        throw new AwkError(
          `${place}regular expression compile failed (${MAWK_WORDS.get(error.message) ?? error.message})\n${source}`,
        );
      }
      this.known.set(source, regex);
    }
    return regex;
  }

  /** Splits by a field separator: a blank means runs of blanks, another single character itself, more a pattern. */
  split(text: string, separator: string | Regex): string[] {
    if (text === "") return [];
    if (separator === " ") {
      const trimmed = text.replace(/^[ \t\n]+/, "").replace(/[ \t\n]+$/, "");
      return trimmed === "" ? [] : trimmed.split(/[ \t\n]+/);
    }
    if (separator === "") return [...text];
    if (typeof separator === "string" && separator.length === 1) return text.split(separator);
    const regex = typeof separator === "string" ? this.compile(separator) : separator;
    return splitByPattern(text, regex);
  }

  /** What RS means. */
  recordSeparator(text: string): Separator {
    if (text === "") return { kind: "paragraph" };
    if (text.length === 1) return { kind: "byte", byte: text };
    return { kind: "pattern", regex: this.compile(text) };
  }
}

function splitByPattern(text: string, regex: Regex): string[] {
  const fields: string[] = [];
  let from = 0;
  let search = 0;
  for (;;) {
    const match = regex.exec(text, search);
    if (match === undefined) break;
    if (match.end === match.start) {
      search = match.start + 1;
      if (search > text.length) break;
      continue;
    }
    fields.push(text.slice(from, match.start));
    from = match.end;
    search = from;
  }
  fields.push(text.slice(from));
  return fields;
}
