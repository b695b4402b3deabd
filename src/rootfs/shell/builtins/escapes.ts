/**
 * Backslash escapes of `echo`, `printf %b` and `printf` formats, as dash reads them.
 */
import type { Dialect } from "../syntax.js";

const LETTERS: Readonly<Record<string, string>> = {
  "\\": "\\",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Text with its escapes resolved; `stop` after `\c`, which ends all output. */
export interface Unescaped {
  readonly text: string;
  readonly stop: boolean;
}

/** Resolves escapes of `echo` and `%b`: octal numbers start with `\0`; `\c` stops. */
export function unescapeEcho(text: string, dialect: Dialect): Unescaped {
  if (!text.includes("\\")) return { text, stop: false };
  let result = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\" || i + 1 >= text.length) {
      result += text[i];
      continue;
    }
    if (text[i + 1] === "c") return { text: result, stop: true };
    const octal = /^(?:0[0-7]{0,3}|[1-7][0-7]{0,2})/.exec(text.slice(i + 1, i + 5))?.[0];
    if (octal !== undefined) {
      result += String.fromCharCode(Number.parseInt(octal, 8) & 255);
      i += octal.length;
      continue;
    }
    const hexadecimal = dialect === "bash" ? /^x([0-9a-fA-F]{1,2})/.exec(text.slice(i + 1, i + 4)) : null;
    if (hexadecimal !== null) {
      result += String.fromCharCode(Number.parseInt(hexadecimal[1]!, 16));
      i += hexadecimal[0].length;
      continue;
    }
    const letter = dialect === "bash" && /[eE]/.test(text[i + 1]!) ? "\x1b" : LETTERS[text[i + 1]!];
    if (letter === undefined) result += "\\";
    else {
      result += letter;
      i++;
    }
  }
  return { text: result, stop: false };
}

/** Resolves escapes of a `printf` format: octal numbers have up to three digits. */
export function unescapeFormat(text: string, hexadecimal: boolean): Unescaped {
  if (!text.includes("\\")) return { text, stop: false };
  const pattern = hexadecimal ? /\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])/g : /\\(?:[0-7]{1,3}|[\s\S])/g;
  const resolved = text.replace(pattern, (sequence) => {
    const body = sequence.slice(1);
    if (/^[0-7]/.test(body)) return String.fromCharCode(Number.parseInt(body, 8) & 255);
    if (body.length > 1) return String.fromCharCode(Number.parseInt(body.slice(1), 16));
    if (hexadecimal && (body === '"' || body === "'")) return body;
    if (hexadecimal && (body === "e" || body === "E")) return "\x1b";
    return LETTERS[body] ?? sequence;
  });
  return { text: resolved, stop: false };
}
