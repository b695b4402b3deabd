/**
 * The tokens of an awk program (POSIX XCU awk, Lexical Conventions).
 */
import { AwkError } from "./ast.js";

/** A token. `text` of a string is its value, of a regular expression its source. */
export interface Token {
  readonly kind:
    | "number"
    | "string"
    | "regex"
    | "name"
    | "function"
    | "builtin"
    | "keyword"
    | "operator"
    | "newline"
    | "end";
  readonly text: string;
  readonly line: number;
}

const KEYWORDS = new Set(
  "BEGIN END function if else while for do break continue next nextfile exit return delete in getline print printf".split(
    " ",
  ),
);

/** Functions of POSIX awk, and mawk's own. */
const BUILTINS = new Set(
  "length index substr split match sub gsub sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close fflush systime strftime mktime".split(
    " ",
  ),
);

const OPERATORS = /^(?:\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|!=|<=|>=|>>|!~|&&|\|\||[-+*/%^!<>|?:~$=,;(){}[\]])/;

/** Splits a program into tokens. @throws AwkError */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const push = (kind: Token["kind"], text: string): void => {
    tokens.push({ kind, text, line });
  };
  while (at < source.length) {
    const rest = source.slice(at, at + 256);
    const c = source[at]!;
    if (c === "\n") {
      push("newline", "\n");
      line++;
      at++;
    } else if (/[ \t\r\f\v]/.test(c)) at++;
    else if (c === "\\" && /^\\[ \t\r]*\n/.test(rest)) {
      at += /^\\[ \t\r]*\n/.exec(rest)![0].length;
      line++;
    } else if (c === "#") {
      const end = source.indexOf("\n", at);
      at = end < 0 ? source.length : end;
    } else if (c === '"') {
      const { value, next, lines } = readString(source, at + 1, line);
      push("string", value);
      line += lines;
      at = next;
    } else if (/^(?:[0-9]|\.[0-9])/.test(rest)) {
      const number = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/.exec(rest)![0];
      push("number", number);
      at += number.length;
    } else if (/[A-Za-z_]/.test(c)) {
      const word = /^[A-Za-z0-9_]+/.exec(source.slice(at))![0];
      at += word.length;
      push(wordKind(word, source[at]), word);
    } else if (c === "/" && regexMayFollow(tokens.at(-1))) {
      const { text, next } = readRegex(source, at + 1, line);
      push("regex", text);
      at = next;
    } else {
      const operator = OPERATORS.exec(rest)?.[0];
      if (operator === undefined) throw new AwkError(`${line}: unexpected character '${c}'`);
      push("operator", operator);
      at += operator.length;
    }
  }
  push("newline", "\n");
  line++;
  push("end", "");
  return tokens;
}

function wordKind(word: string, next: string | undefined): Token["kind"] {
  if (word === "func") return "keyword";
  if (KEYWORDS.has(word)) return "keyword";
  if (BUILTINS.has(word)) return "builtin";
  return next === "(" ? "function" : "name";
}

/** A slash after an operand divides. */
function regexMayFollow(token: Token | undefined): boolean {
  if (token === undefined) return true;
  if (["number", "string", "regex", "name", "builtin"].includes(token.kind)) return false;
  return !(token.kind === "operator" && [")", "]", "$", "++", "--"].includes(token.text));
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

function readString(source: string, start: number, line: number): { value: string; next: number; lines: number } {
  let raw = "";
  let lines = 0;
  for (let at = start; at < source.length; at++) {
    const c = source[at]!;
    if (c === '"') return { value: expandEscapes(raw), next: at + 1, lines };
    if (c === "\n") break;
    if (c === "\\" && source[at + 1] === "\n") {
      lines++;
      at++;
    } else if (c === "\\" && at + 1 < source.length) raw += c + source[++at];
    else raw += c;
  }
  throw new AwkError(`line ${line}: runaway string constant "${source.slice(start).split("\n")[0]} ...`);
}

/** The value of a string constant, or of an assignment on the command line. An unknown escape stays as it is. */
export function expandEscapes(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S])|$)/g, (whole, octal, hex, c) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return c === undefined ? "\\" : (ESCAPES.get(c) ?? whole);
  });
}

/** The source of a regular expression up to its slash; a slash in brackets does not end it. */
function readRegex(source: string, start: number, line: number): { text: string; next: number } {
  let text = "";
  let bracket = -1;
  for (let at = start; at < source.length; at++) {
    const c = source[at]!;
    if (c === "\n") break;
    if (c === "\\" && at + 1 < source.length) {
      const next = source[++at]!;
      text += next === "/" ? "/" : c + next;
      continue;
    }
    if (bracket < 0) {
      if (c === "/") return { text, next: at + 1 };
      if (c === "[") bracket = text.length;
    } else if (c === "[" && source[at + 1] === ":") {
      const end = source.indexOf(":]", at);
      if (end > 0) {
        text += source.slice(at, end + 2);
        at = end + 1;
        continue;
      }
    } else if (c === "]" && !/^\[\^?$/.test(text.slice(bracket))) bracket = -1;
    text += c;
  }
  throw new AwkError(`line ${line}: runaway regular expression /${source.slice(start).split("\n")[0]} ...`);
}
