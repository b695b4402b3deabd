/**
 * Walks over the tokens of an awk program.
 */
import { AwkError } from "./ast.js";
import type { Token } from "./lexer.js";

/** A position among tokens. */
export class TokenReader {
  at = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.at++;
    return token;
  }

  /** Whether the next token is this operator or keyword. */
  is(...texts: readonly string[]): boolean {
    const { kind, text } = this.peek();
    return (kind === "operator" || kind === "keyword") && texts.includes(text);
  }

  /** Takes the next token if it is this operator or keyword. */
  accept(...texts: readonly string[]): string | undefined {
    return this.is(...texts) ? this.next().text : undefined;
  }

  expect(text: string): undefined {
    if (this.accept(text) === undefined) this.fail();
  }

  skipNewlines(): undefined {
    while (this.peek().kind === "newline") this.at++;
  }

  /** Skips newlines and semicolons. */
  skipTerminators(): undefined {
    while (this.peek().kind === "newline" || this.is(";")) this.at++;
  }

  /** The error of a token that does not fit here. */
  fail(): never {
    const { kind, text, line } = this.peek();
    if (kind === "end") throw new AwkError(`line ${line}: syntax error at or near end of file`);
    if (kind === "newline") throw new AwkError(`line ${line}: syntax error at or near end of line`);
    throw new AwkError(`line ${line}: syntax error at or near ${text}`);
  }
}
