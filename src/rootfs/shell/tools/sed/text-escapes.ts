/**
 * Escapes that stand for bytes in sed scripts, everywhere but in file names: \a \f \n \r \t \v \cX \dNNN \oNNN \xHH.
 */

const SINGLE: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** The byte that the escape at a backslash stands for; undefined if it is none of these. */
export function byteEscape(text: string, at: number): { readonly byte: string; readonly length: number } | undefined {
  const letter = text[at + 1];
  if (letter === undefined) return undefined;
  const single = SINGLE.get(letter);
  if (single !== undefined) return { byte: single, length: 2 };
  if (letter === "c" && text[at + 2] !== undefined) {
    return { byte: String.fromCharCode(text[at + 2]!.toUpperCase().charCodeAt(0) ^ 64), length: 3 };
  }
  const rest = text.slice(at + 2, at + 5);
  const digits =
    letter === "d"
      ? /^[0-9]{1,3}/.exec(rest)
      : letter === "o"
        ? /^[0-7]{1,3}/.exec(rest)
        : letter === "x"
          ? /^[0-9a-fA-F]{1,2}/.exec(rest)
          : null;
  if (digits === null) return undefined;
  const base = letter === "d" ? 10 : letter === "o" ? 8 : 16;
  return { byte: String.fromCharCode(Number.parseInt(digits[0], base) & 255), length: 2 + digits[0].length };
}
