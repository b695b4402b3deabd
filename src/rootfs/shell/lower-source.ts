/**
 * The source text that is being lowered: its dialect, its lines, and the syntax errors found on the way.
 */
import type * as unbash from "unbash";
import { parse } from "unbash";
import { lowerStatements } from "./lower-command.js";
import { lowerParts } from "./lower-word.js";
import type { Block, Dialect, Word } from "./syntax.js";

/** A syntax error at a position of the source. */
export interface Problem {
  readonly position: number;
  readonly line: number;
  readonly message: string;
}

/** One text with its line numbers. */
export class Source {
  readonly text: string;
  readonly dialect: Dialect;
  readonly problems: Problem[];
  private readonly firstLine: number;
  private readonly newlines: number[] = [];
  /** Where the text stands in the outermost source, for errors of nested texts. */
  private readonly outer: number | undefined;

  constructor(text: string, options: { dialect: Dialect; firstLine?: number; problems?: Problem[]; outer?: number }) {
    this.text = text;
    this.dialect = options.dialect;
    this.firstLine = options.firstLine ?? 1;
    this.problems = options.problems ?? [];
    this.outer = options.outer;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.newlines.push(at);
  }

  /** The line of a position. */
  line(position: number): number {
    let low = 0;
    let high = this.newlines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.newlines[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return this.firstLine + low;
  }

  /** Notes a syntax error. */
  problem(position: number, message: string): void {
    this.problems.push({ position: this.outer ?? position, line: this.line(position), message });
  }

  /** A text inside this one that has positions of its own. */
  nested(text: string, position: number, linesBefore = 0): Source {
    const { dialect, problems } = this;
    const firstLine = this.line(position) - linesBefore;
    return new Source(text, { dialect, problems, firstLine, outer: this.outer ?? position });
  }

  /** This text with other line numbers. */
  private renumbered(linesBefore: number): Source {
    if (linesBefore === 0) return this;
    const { text, dialect, problems, outer } = this;
    const firstLine = this.firstLine - linesBefore;
    return new Source(text, { dialect, problems, firstLine, ...(outer === undefined ? {} : { outer }) });
  }

  /** The body of `$(…)`, backticks or `<(…)`. */
  lowerSubstitution(part: unbash.CommandExpansionPart | unbash.ProcessSubstitutionPart): Block {
    const { script } = part;
    if (script === undefined) return { commands: [] };
    // dash counts the lines between backquotes from 1.
    const linesBefore = this.dialect === "dash" && part.text.startsWith("`") ? this.line(part.pos) - 1 : 0;
    const source =
      script.source === undefined ? this.renumbered(linesBefore) : this.nested(script.source, part.pos, linesBefore);
    for (const error of script.errors ?? []) source.problem(error.pos, error.message);
    return { commands: lowerStatements(source, script.commands) };
  }

  /** The text of an arithmetic expression, which expands like a here-document: quotes mean nothing in it. */
  lowerArithmetic(text: string, position: number): Word {
    if (!/[$`\\]/.test(text)) return { parts: [{ type: "text", text, quoted: true }], literal: text };
    let delimiter = "E";
    while (text.includes(delimiter)) delimiter += "E";
    const wrapped = `:<<${delimiter}\n${text}\n${delimiter}\n`;
    const command = parse(wrapped).commands[0]?.command;
    const document = command?.type === "Command" ? command.redirects[0] : undefined;
    if (document?.type !== "HereDoc") return { parts: [], literal: "" };
    const word = { text: document.body.text, parts: document.body.parts };
    const { parts } = lowerParts(this.nested(wrapped, position, 1), word, { quoting: "here", tilde: "none" });
    const last = parts.at(-1);
    if (last?.type !== "text") return { parts, literal: undefined };
    return { parts: [...parts.slice(0, -1), { ...last, text: last.text.slice(0, -1) }], literal: undefined };
  }
}
