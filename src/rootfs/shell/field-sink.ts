/**
 * Where the parts of an expanded word go: into fields that are split, into one string, or into a pattern.
 */
import { mayBePattern, quotePattern } from "./pattern.js";

/** The separators of a fresh shell. */
export const DEFAULT_IFS = " \t\n";

/** What an expansion writes its results to. */
export interface Sink {
  /** Whether `$@` and `$*` make fields of their own here. */
  readonly splits: boolean;
  /** Text of the script. */
  literal(text: string, quoted: boolean): void;
  /** The result of an expansion. */
  value(text: string, quoted: boolean): void;
  /** The next element of `$@` begins; an empty one is only kept when it is quoted. */
  separate(quoted: boolean): void;
}

/** A field before pathname expansion. */
export interface Field {
  readonly text: string;
  /** The same with quoted characters escaped, if it has an unquoted pattern character. */
  readonly pattern: string | undefined;
}

/** Splits unquoted expansions by IFS (POSIX XCU 2.6.5), as they come. */
export class FieldSink implements Sink {
  readonly splits = true;
  readonly fields: Field[] = [];
  /** Finds one separator; a regular expression, since a value may be megabytes long. */
  private readonly separator: RegExp;
  private readonly blanks: string;
  private text = "";
  /** What the field is made of; the pattern is only put together if there is something to match. */
  private segments: { readonly text: string; readonly quoted: boolean }[] = [];
  private magic = false;
  /** Whether the field under construction exists: it has text, or an empty quoted string. */
  private begun = false;

  constructor(ifs: string) {
    this.separator = new RegExp(ifs === "" ? "$^" : `[${ifs.replace(/[\\\]^-]/g, "\\$&")}]`, "g");
    this.blanks = ifs === DEFAULT_IFS ? ifs : ifs.replace(/[^ \t\n]/g, "");
  }

  literal(text: string, quoted: boolean): void {
    this.append(text, quoted);
    if (quoted || text !== "") this.begun = true;
  }

  value(text: string, quoted: boolean): void {
    if (quoted) this.literal(text, true);
    else this.split(text);
  }

  separate(quoted: boolean): void {
    if (quoted || this.begun) this.end();
  }

  /** Ends the word; returns its fields. */
  finish(): Field[] {
    if (this.begun) this.end();
    return this.fields;
  }

  private append(text: string, quoted: boolean): void {
    this.text += text;
    this.segments.push({ text, quoted });
    if (!quoted && !this.magic && /[*?[]/.test(text)) this.magic = true;
  }

  private end(): void {
    const magic = this.magic && mayBePattern(this.text);
    this.fields.push({ text: this.text, pattern: magic ? makePattern(this.segments) : undefined });
    this.text = "";
    this.segments = [];
    this.magic = false;
    this.begun = false;
  }

  private split(text: string): void {
    // "blank": a field was ended by white space, and one other separator may follow; "other": only white space may.
    let after: "none" | "blank" | "other" = "none";
    let start = 0;
    for (let at = this.find(text, 0); start < text.length; at = this.find(text, start)) {
      if (at > start) {
        this.literal(text.slice(start, at), false);
        after = "none";
      }
      if (at === text.length) return;
      start = at + 1;
      if (this.blanks.includes(text[at]!)) {
        if (!this.begun) continue;
        this.end();
        after = "blank";
      } else {
        if (after !== "blank" || this.begun) this.end();
        after = "other";
      }
    }
  }

  /** The next separator's place, or the end. */
  private find(text: string, from: number): number {
    this.separator.lastIndex = from;
    return this.separator.exec(text)?.index ?? text.length;
  }
}

function makePattern(segments: readonly { readonly text: string; readonly quoted: boolean }[]): string {
  return segments.map(({ text, quoted }) => (quoted ? quotePattern(text) : text)).join("");
}

/** Joins everything: assignments, here-documents, redirections. */
export class StringSink implements Sink {
  readonly splits: boolean = false;
  text = "";

  literal(text: string): void {
    this.text += text;
  }

  value(text: string): void {
    this.text += text;
  }

  separate(): void {
    this.text += " ";
  }
}

/** Makes a pattern, in which what was quoted matches only itself. */
export class PatternSink implements Sink {
  readonly splits = false;
  text = "";

  literal(text: string, quoted: boolean): void {
    this.text += quoted ? quotePattern(text) : text;
  }

  value(text: string, quoted: boolean): void {
    this.literal(text, quoted);
  }

  separate(): void {
    this.text += " ";
  }
}
