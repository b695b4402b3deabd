/**
 * Quoting of values in what `set`, `export -p`, `trap` and `alias` print, as dash does it.
 */

/** A word in single quotes; runs of single quotes are put in double quotes. */
export function quoteWord(text: string): string {
  if (text === "") return "''";
  return text.replace(/[^']+|'+/g, (part) => (part.startsWith("'") ? `"${part}"` : `'${part}'`));
}

/** Builtins' decimal numbers: digits only, as dash's number() takes them. */
export function readNumber(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
