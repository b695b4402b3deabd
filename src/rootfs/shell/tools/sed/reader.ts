/**
 * Reads the text of a sed script piece by piece, and knows where it is for error messages.
 */

import { type Fragment, type Replacement, ScriptError } from "./script.js";
import { byteEscape } from "./text-escapes.js";

/** A position in the fragments of a script, which are joined by newlines. */
export class ScriptReader {
  readonly text: string;
  at = 0;
  private readonly fragments: readonly Fragment[];

  constructor(fragments: readonly Fragment[]) {
    this.fragments = fragments;
    this.text = fragments.map((fragment) => fragment.text).join("\n");
  }

  peek(): string | undefined {
    return this.text[this.at];
  }

  next(): string | undefined {
    return this.text[this.at++];
  }

  skip(characters: RegExp): undefined {
    while (this.at < this.text.length && characters.test(this.text[this.at]!)) this.at++;
  }

  number(): number | undefined {
    const match = /^[0-9]+/.exec(this.text.slice(this.at, this.at + 20));
    if (match === null) return undefined;
    this.at += match[0].length;
    return Number(match[0]);
  }

  /** Everything up to the end of the line. */
  line(): string {
    const end = this.text.indexOf("\n", this.at);
    const line = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at += line.length + 1;
    return line;
  }

  /** Fails with a message about this place. */
  fail(message: string, options: { readonly atStart?: boolean } = {}): never {
    let begin = 0;
    for (const [i, fragment] of this.fragments.entries()) {
      const end = begin + fragment.text.length;
      if (this.at <= end + 1 || i === this.fragments.length - 1) {
        const within = Math.min(this.at, end) - begin;
        const { source } = fragment;
        if ("file" in source) {
          const line = options.atStart ? 0 : fragment.text.slice(0, within).replace(/\n$/, "").split("\n").length;
          throw new ScriptError(`file ${source.file} line ${line}: ${message}`);
        }
        throw new ScriptError(`-e expression #${source.expression}, char ${options.atStart ? 0 : within}: ${message}`);
      }
      begin = end + 1;
    }
    throw new ScriptError(message);
  }

  /** A regular expression up to its delimiter, with escapes of bytes made bytes; undefined if it does not end. */
  pattern(delimiter: string): string | undefined {
    let result = "";
    let bracket = -1;
    for (;;) {
      const c = this.next();
      if (c === undefined || c === "\n") return undefined;
      if (c === "\\") {
        const found = byteEscape(this.text, this.at - 1);
        if (this.peek() === delimiter && bracket < 0) result += this.next();
        else if (this.peek() === delimiter) result += `\\${this.next()}`;
        else if (found !== undefined) {
          this.at += found.length - 1;
          result += found.byte;
        } else if (bracket >= 0) result += "\\";
        else {
          const following = this.next();
          if (following === undefined) return undefined;
          result += `\\${following}`;
        }
        continue;
      }
      if (bracket < 0) {
        if (c === delimiter) return result;
        if (c === "[") bracket = result.length;
      } else if (c === "[" && /[:.=]/.test(this.peek() ?? "")) {
        const kind = this.next()!;
        const end = this.text.indexOf(`${kind}]`, this.at);
        if (end < 0) return undefined;
        result += `[${kind}${this.text.slice(this.at, end)}${kind}]`;
        this.at = end + 2;
        continue;
      } else if (c === "]" && !/^\[\^?$/.test(result.slice(bracket))) bracket = -1;
      result += c;
    }
  }

  /** The right side of `s` up to its delimiter; undefined if it does not end. */
  replacement(delimiter: string): Replacement[] | undefined {
    const pieces: Replacement[] = [];
    let text = "";
    const flush = (piece?: Replacement): void => {
      if (text !== "") pieces.push({ kind: "text", text });
      text = "";
      if (piece !== undefined) pieces.push(piece);
    };
    for (;;) {
      const c = this.next();
      if (c === undefined || c === "\n") return undefined;
      if (c === delimiter) {
        flush();
        return pieces;
      }
      if (c === "&") flush({ kind: "group", index: 0 });
      else if (c !== "\\") text += c;
      else {
        const found = byteEscape(this.text, this.at - 1);
        const letter = this.peek();
        if (letter === undefined) {
          this.at++;
          return undefined;
        }
        if (letter === delimiter && letter !== "&") text += this.next();
        else if (/[0-9]/.test(letter)) flush({ kind: "group", index: Number(this.next()) });
        else if (/[ULEul]/.test(letter)) flush({ kind: "case", letter: this.next()! });
        else if (found !== undefined) {
          text += found.byte;
          this.at += found.length - 1;
        } else text += this.next();
      }
    }
  }

  /** One side of `y`; undefined if it does not end. */
  transliteration(delimiter: string): string[] | undefined {
    const characters: string[] = [];
    for (;;) {
      const c = this.next();
      if (c === undefined || c === "\n") return undefined;
      if (c === delimiter) return characters;
      if (c !== "\\") {
        characters.push(c);
        continue;
      }
      const found = byteEscape(this.text, this.at - 1);
      const letter = this.peek();
      if (letter === "\\" || letter === delimiter) characters.push(this.next()!);
      else if (found !== undefined) {
        characters.push(found.byte);
        this.at += found.length - 1;
      } else characters.push("\\");
    }
  }

  /** The text of `a`, `i` and `c`, with its newline; undefined if there is none. */
  insertedText(): string | undefined {
    this.skip(/[ \t]/);
    if (this.peek() === undefined || this.peek() === "\n") return undefined;
    if (this.peek() === "\\") {
      this.at++;
      const blanks = /^[ \t]*\n/.exec(this.text.slice(this.at));
      if (blanks !== null) this.at += blanks[0].length;
      else if (this.at >= this.text.length) return "";
    }
    let text = "";
    for (;;) {
      const c = this.next();
      if (c === undefined || c === "\n") return `${text}\n`;
      if (c !== "\\") text += c;
      else {
        const found = byteEscape(this.text, this.at - 1);
        if (found !== undefined) {
          text += found.byte;
          this.at += found.length - 1;
        } else text += this.next() ?? "";
      }
    }
  }
}
