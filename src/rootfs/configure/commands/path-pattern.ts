/**
 * The shell patterns of dpkg's programs: fnmatch(3) without flags, so that `*` also matches `/` and a leading dot.
 */

/** Whether a word has a character that makes it a pattern. */
export function isPattern(word: string): boolean {
  return /[*?[\\]/.test(word);
}

/** A test of a whole string by a pattern. */
export function patternTest(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^${translate(pattern)}$`, "s");
  return (text) => expression.test(text);
}

function translate(pattern: string): string {
  let out = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === "*") out += ".*";
    else if (char === "?") out += ".";
    else if (char === "\\" && i + 1 < pattern.length) out += literal(pattern[++i] as string);
    else if (char === "[") {
      const end = pattern.indexOf("]", pattern[i + 1] === "!" || pattern[i + 1] === "^" ? i + 3 : i + 2);
      if (end < 0) out += "\\[";
      else {
        const body = pattern.slice(i + 1, end).replace(/[\\\]^]/g, "\\$&");
        out += `[${body.replace(/^(?:!|\\\^)/, "^")}]`;
        i = end;
      }
    } else out += literal(char);
  }
  return out;
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/, "\\$&");
}
