/**
 * How GNU programs quote names in messages, in the C locale (gnulib's quotearg styles shell-escape and shell-escape-always).
 */

/** Always quoted: coreutils' quoteaf. */
export function quoteAlways(text: string): string {
  return shellEscape(text, true);
}

/** Quoted where a shell or a reader could be misled: coreutils' quotef, for `name: problem` messages. */
export function quoteName(text: string): string {
  return shellEscape(text, text.includes(":"));
}

/** Quoted where a shell needs it. */
export function quoteIfNeeded(text: string): string {
  return shellEscape(text, false);
}

/** In the C locale, 'text' with backslashes before quotes and escapes for control characters: gnulib's quote. */
export function quoteText(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&").replace(/[^\x20-\x7e]/g, (c) => escapeByte(c))}'`;
}

function shellEscape(text: string, always: boolean): string {
  if (text === "") return "''";
  if (/[^\x20-\x7e]/.test(text)) return escaped(text);
  const special = /[\s!"$&'()*;<=>?[\\^`|]|^[#~]/.test(text) || text === "{" || text === "}";
  if (!special && !always) return text;
  if (!text.includes("'")) return `'${text}'`;
  if (!/[!"$\\`]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Runs of printable characters in plain quotes, others in $'…'. */
function escaped(text: string): string {
  let result = "'";
  let inEscape = false;
  for (const c of text) {
    const printable = /[\x20-\x7e]/.test(c);
    if (printable && c !== "'") {
      if (inEscape) result += "''";
      inEscape = false;
      result += c;
    } else if (c === "'") {
      if (inEscape) result += "''";
      inEscape = false;
      result += "'\\''";
    } else {
      if (!inEscape) result += "'$'";
      inEscape = true;
      result += escapeByte(c);
    }
  }
  return `${result}'`;
}

function escapeByte(c: string): string {
  const named = "\x07a\bb\ff\nn\rr\tt\vv";
  const at = named.indexOf(c);
  if (at >= 0 && at % 2 === 0) return `\\${named[at + 1]}`;
  return `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
