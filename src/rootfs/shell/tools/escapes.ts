/**
 * Backslash escapes in the dialects of coreutils: echo -e, printf's format, printf's %b.
 */

/** Where the escapes stand. In `echo` and `%b` octal numbers start with 0, and `\c` ends the output. */
export type EscapeDialect = "echo" | "%b" | "format";

/** Expands escapes; `stopped` says that `\c` was met. */
export function expandEscapes(
  text: string,
  dialect: EscapeDialect,
): { readonly bytes: string; readonly stopped: boolean } {
  let bytes = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\") {
      bytes += text[i];
      continue;
    }
    const found = readEscape(text, i, dialect);
    if (found === "stop") return { bytes, stopped: true };
    bytes += found.bytes;
    i += found.length - 1;
  }
  return { bytes, stopped: false };
}

const SINGLE: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["e", "\x1b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
]);

/** Reads the escape at `at`; `length` counts the backslash. */
export function readEscape(
  text: string,
  at: number,
  dialect: EscapeDialect,
): { readonly bytes: string; readonly length: number } | "stop" {
  const rest = text.slice(at + 1, at + 5);
  const letter = rest[0];
  if (letter === undefined) return { bytes: "\\", length: 1 };
  if (letter === "c") return "stop";
  const single = SINGLE.get(letter);
  if (single !== undefined) return { bytes: single, length: 2 };
  if (letter === '"' && dialect !== "echo") return { bytes: '"', length: 2 };
  const unicode =
    dialect === "echo" ? null : /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text.slice(at, at + 10));
  if (unicode !== null) {
    const code = Number.parseInt(unicode[1] ?? unicode[2]!, 16);
    // The C locale has no characters beyond ASCII: they stay escapes.
    if (code < 128) return { bytes: String.fromCharCode(code), length: unicode[0].length };
    const digits =
      code > 0xffff
        ? `U${code.toString(16).toUpperCase().padStart(8, "0")}`
        : `u${code.toString(16).toUpperCase().padStart(4, "0")}`;
    return { bytes: `\\${digits}`, length: unicode[0].length };
  }
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex !== null) return { bytes: String.fromCharCode(Number.parseInt(hex[1]!, 16)), length: hex[0].length + 1 };
  const octal = (
    dialect === "format"
      ? /^([0-7]{1,3})/
      : dialect === "echo"
        ? /^(?:0([0-7]{0,3})|([1-7][0-7]{0,2}))/
        : /^(0[0-7]{0,3}|[1-7][0-7]{0,2})/
  ).exec(rest);
  if (octal !== null) {
    const digits = octal[1] ?? octal[2]!;
    const value = digits === "" ? 0 : Number.parseInt(digits, 8);
    return { bytes: String.fromCharCode(value & 255), length: octal[0].length + 1 };
  }
  return { bytes: `\\${letter}`, length: 2 };
}
