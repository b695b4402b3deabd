/**
 * How debconf splits lines and lists into words.
 */

/** Splits a line of a script that has the `escape` capability. */
export function splitEscaped(line: string): string[] {
  const words: string[] = [];
  let word = "";
  for (const [chunk] of line.matchAll(/\\.|[ \t\n\r\f\v]+|[^\\ \t\n\r\f\v]+|\\/gs)) {
    if (chunk === "\\n") word += "\n";
    else if (chunk.startsWith("\\") && chunk.length === 2) word += chunk[1];
    else if (/^[ \t\n\r\f\v]/.test(chunk)) {
      words.push(word);
      word = "";
    } else word += chunk;
  }
  if (word !== "") words.push(word);
  return words;
}

/** Splits a list of choices at its commas; `\,` and `\ ` stand for themselves. */
export function splitChoices(text: string): string[] {
  const items: string[] = [];
  let item = "";
  for (const chunk of text.split(/(\\[, ]|,[ \t\n\r\f\v]+)/)) {
    if (/^\\[, ]$/.test(chunk)) item += chunk[1];
    else if (/^,[ \t\n\r\f\v]+$/.test(chunk)) {
      items.push(item);
      item = "";
    } else item += chunk;
  }
  if (item !== "") items.push(item);
  return items;
}

/** Takes the escapes out of an answer's text: `\\n` is a newline, any other character stands for itself. */
export function unescapeText(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char));
}
