/**
 * Sizes with suffixes, as coreutils read them: `10`, `4K`, `1MB`, `2GiB`, `3b`.
 */

const UNITS = "KMGTPEZY";

/** Reads a size in bytes; undefined when it is no size. */
export function readSize(text: string): number | undefined {
  const match = /^\s*\+?([0-9]+)(?:([kKmMGTPEZY])(iB|B|D)?|(b)|(c)|(w))?$/.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]);
  if (match[4] !== undefined) return value * 512;
  if (match[6] !== undefined) return value * 2;
  if (match[2] === undefined) return value;
  const power = UNITS.indexOf(match[2].toUpperCase()) + 1;
  return value * (match[3] === "B" || match[3] === "D" ? 1000 : 1024) ** power;
}
