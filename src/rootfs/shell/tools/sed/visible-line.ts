/**
 * The output of the command `l`.
 */

/** Escapes for what does not print, lines folded with a backslash. */
export function visibleLine(text: string, length: number): string {
  const named = "\\\\\x07a\bb\ff\nn\rr\tt\vv";
  let result = "";
  let column = 0;
  for (const c of text) {
    const at = named.indexOf(c);
    const shown =
      at >= 0 && at % 2 === 0
        ? `\\${named[at + 1]}`
        : c >= " " && c <= "~"
          ? c
          : `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`;
    if (length > 0 && column + shown.length > length - 1) {
      result += "\\\n";
      column = 0;
    }
    result += shown;
    column += shown.length;
  }
  return `${result}$\n`;
}
