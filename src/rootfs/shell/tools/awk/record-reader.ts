/**
 * Reads the records of a stream as RS says: lines, another byte, paragraphs, or a regular expression.
 */
import type { Stream } from "../../process.js";
import type { Regex } from "../regex/regex.js";

const READ_BYTES = 65536;

/** What separates records. */
export type Separator =
  | { readonly kind: "byte"; readonly byte: string }
  | { readonly kind: "paragraph" }
  | { readonly kind: "pattern"; readonly regex: Regex };

/** A stream read by records. Lines are read one at a time, so that others can go on behind them. */
export class RecordReader {
  private held = "";
  private ended = false;
  private readonly stream: Stream;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** The next record without its separator; undefined at the end. */
  next(separator: Separator): string | undefined {
    if (separator.kind === "byte" && separator.byte === "\n" && this.held === "") {
      const line = this.ended ? undefined : this.stream.readLine();
      return line?.endsWith("\n") ? line.slice(0, -1) : line;
    }
    if (separator.kind === "byte") return this.untilByte(separator.byte);
    return separator.kind === "paragraph" ? this.paragraph() : this.untilPattern(separator.regex);
  }

  private more(): boolean {
    if (this.ended) return false;
    const part = this.stream.read(READ_BYTES);
    if (part === "") this.ended = true;
    this.held += part;
    return part !== "";
  }

  private take(end: number, next: number): string {
    const record = this.held.slice(0, end);
    this.held = this.held.slice(next);
    return record;
  }

  private rest(): string | undefined {
    return this.held === "" ? undefined : this.take(this.held.length, this.held.length);
  }

  private untilByte(byte: string): string | undefined {
    let from = 0;
    for (;;) {
      const at = this.held.indexOf(byte, from);
      if (at >= 0) return this.take(at, at + 1);
      from = this.held.length;
      if (!this.more()) return this.rest();
    }
  }

  private paragraph(): string | undefined {
    for (;;) {
      this.held = this.held.replace(/^\n+/, "");
      const end = /\n\n+/.exec(this.held);
      // Newlines at the end of what is there may go on.
      if (end !== null && (end.index + end[0].length < this.held.length || this.ended)) {
        return this.take(end.index, end.index + end[0].length);
      }
      if (!this.more()) {
        this.held = this.held.replace(/^\n+/, "");
        const record = this.rest();
        return record?.replace(/\n+$/, "");
      }
    }
  }

  private untilPattern(regex: Regex): string | undefined {
    for (;;) {
      let from = 0;
      let match = regex.exec(this.held, from);
      while (match !== undefined && match.end === match.start && from < this.held.length) {
        match = regex.exec(this.held, ++from);
      }
      // A match that reaches the end of what is there may go on.
      const found = match !== undefined && match.end > match.start && (match.end < this.held.length || this.ended);
      if (found) return this.take(match!.start, match!.end);
      if (!this.more()) {
        if (match !== undefined && match.end > match.start) return this.take(match.start, match.end);
        return this.rest();
      }
    }
  }
}
