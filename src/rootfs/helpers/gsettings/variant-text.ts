/**
 * The text format of GVariant (GLib's documentation, "GVariant Text Format"): what a text says, without its type, which variant-value.ts
 * finds out or is told.
 */
import { utf8ToByteString } from "../../../bytes/content.js";
import { readVariantType, type VariantType } from "./variant-type.js";

/** What a text says. */
export type Literal =
  | { readonly kind: "number" | "string" | "bytes"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "array" | "tuple"; readonly items: readonly Literal[] }
  /** Keys and values in turns; `loose` for one entry that stands alone. */
  | { readonly kind: "dictionary"; readonly items: readonly Literal[]; readonly loose: boolean }
  | { readonly kind: "maybe"; readonly item: Literal | undefined }
  | { readonly kind: "variant"; readonly item: Literal }
  | { readonly kind: "typed"; readonly type: VariantType; readonly item: Literal };

/** A text or a value that is not what it should be. */
export class VariantError extends Error {
  override readonly name = "VariantError";
}

const KEYWORDS: Readonly<Record<string, string>> = {
  boolean: "b",
  byte: "y",
  int16: "n",
  uint16: "q",
  int32: "i",
  uint32: "u",
  handle: "h",
  int64: "x",
  uint64: "t",
  double: "d",
  string: "s",
  objectpath: "o",
  signature: "g",
};
const DEEPEST = 64;
const TOKEN = /\s*(b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|[-+.\w]+|@[a-z(){}]+|[[\](){}<>,:])/gsy;
const END = /\s*$/y;
const SHORT_ESCAPES = new Map([..."abfnrtv"].map((letter, i) => [letter, "\x07\b\f\n\r\t\v"[i]!]));

/** Reads a whole text. @throws VariantError */
export function parseVariantText(text: string): Literal {
  const tokens: string[] = [];
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1]!);
    end = TOKEN.lastIndex;
  }
  END.lastIndex = end;
  if (!END.test(text)) throw new VariantError(`invalid character in value after ${end} bytes`);
  const reader = new Reader(tokens);
  const literal = reader.value(0);
  reader.finish();
  return literal;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  finish(): void {
    if (this.#at < this.#tokens.length) throw new VariantError("expected end of input");
  }

  value(depth: number): Literal {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new VariantError("expected value");
    if (depth > DEEPEST) throw new VariantError("variant nested too deeply");
    const inner = depth + 1;
    switch (token[0]) {
      case "[":
        return { kind: "array", items: this.#list("]", inner) };
      case "(":
        return { kind: "tuple", items: this.#tuple(inner) };
      case "{":
        return this.#dictionary(inner);
      case "<": {
        const item = this.value(inner);
        this.#require(">");
        return { kind: "variant", item };
      }
      case "@": {
        const type = readVariantType(token, 1);
        if (type === undefined || type.text.length !== token.length - 1) throw new VariantError("invalid type");
        return { kind: "typed", type, item: this.value(inner) };
      }
      case "'":
      case '"':
        return { kind: "string", text: unescapeString(token.slice(1, -1)) };
    }
    if (/^b['"]/.test(token)) return { kind: "bytes", text: unescapeBytes(token.slice(2, -1)) };
    if (/^[-+.\d]/.test(token) || token === "inf" || token === "nan") return { kind: "number", text: token };
    return this.#word(token, inner);
  }

  #word(token: string, depth: number): Literal {
    if (token === "true" || token === "false") return { kind: "boolean", value: token === "true" };
    if (token === "nothing") return { kind: "maybe", item: undefined };
    if (token === "just") return { kind: "maybe", item: this.value(depth) };
    const code = Object.hasOwn(KEYWORDS, token) ? KEYWORDS[token] : undefined;
    if (code === undefined) throw new VariantError("unknown keyword");
    return { kind: "typed", type: readVariantType(code, 0)!, item: this.value(depth) };
  }

  #list(close: string, depth: number): Literal[] {
    const items: Literal[] = [];
    while (!this.#take(close)) {
      if (items.length > 0) this.#require(",");
      items.push(this.value(depth));
    }
    return items;
  }

  /** A tuple of one has a comma after it. */
  #tuple(depth: number): Literal[] {
    if (this.#take(")")) return [];
    const items = [this.value(depth)];
    this.#require(",");
    while (!this.#take(")")) {
      if (items.length > 1) this.#require(",");
      items.push(this.value(depth));
    }
    return items;
  }

  #dictionary(depth: number): Literal {
    const items: Literal[] = [];
    while (!this.#take("}")) {
      if (items.length > 0) this.#require(",");
      items.push(this.value(depth));
      if (items.length === 1 && this.#take(",")) {
        items.push(this.value(depth));
        this.#require("}");
        return { kind: "dictionary", items, loose: true };
      }
      this.#require(":");
      items.push(this.value(depth));
    }
    return { kind: "dictionary", items, loose: false };
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #require(token: string): void {
    if (!this.#take(token)) throw new VariantError(`expected “${token}”`);
  }
}

function unescapeString(text: string): string {
  return text.replaceAll(/\\(u[\s\S]{0,4}|U[\s\S]{0,8}|[\s\S])/g, (_, sequence: string) => {
    if (sequence === "\n") return "";
    if (!/^[uU]/.test(sequence)) return SHORT_ESCAPES.get(sequence) ?? sequence;
    const code = /^(?:u[\da-fA-F]{4}|U[\da-fA-F]{8})$/.test(sequence) ? Number.parseInt(sequence.slice(1), 16) : 0;
    if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      throw new VariantError("invalid unicode escape");
    return utf8ToByteString(String.fromCodePoint(code));
  });
}

function unescapeBytes(text: string): string {
  return text.replaceAll(/\\([0-7]{1,3}|[\s\S])/g, (_, sequence: string) => {
    if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8) & 0xff);
    return sequence === "\n" ? "" : (SHORT_ESCAPES.get(sequence) ?? sequence);
  });
}
