/**
 * The version order of sort -V and ls -v (GNU coreutils manual, "Version sort ordering").
 */

/** Compares two names as version sort does. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? -1 : 1;
  for (const special of [".", ".."]) {
    if (a === special) return -1;
    if (b === special) return 1;
  }
  if (a.startsWith(".") !== b.startsWith(".")) return a.startsWith(".") ? -1 : 1;
  const [x, y] = [withoutSuffix(a), withoutSuffix(b)];
  const result = compareParts(x, y);
  return result !== 0 || (x === a && y === b) ? result : compareParts(a, b);
}

/** The name without its file extensions. */
function withoutSuffix(name: string): string {
  return name.replace(/(\.[A-Za-z~][A-Za-z0-9~]*)*$/, "") || name;
}

/** Debian's order of version strings: letters before others, `~` before all, numbers by value. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i]!)) || (j < b.length && !isDigit(b[j]!))) {
      const difference = weight(a[i]) - weight(b[j]);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const [x, y] = [digitsAt(a, i), digitsAt(b, j)];
    i += x.length;
    j += y.length;
    const [m, n] = [x.replace(/^0+/, ""), y.replace(/^0+/, "")];
    if (m !== n) return m.length - n.length || (m < n ? -1 : 1);
  }
  return 0;
}

function isDigit(c: string): boolean {
  return c >= "0" && c <= "9";
}

function digitsAt(text: string, at: number): string {
  return /^[0-9]*/.exec(text.slice(at))![0];
}

function weight(c: string | undefined): number {
  if (c === undefined) return -1;
  if (isDigit(c)) return 0;
  if (/[A-Za-z]/.test(c)) return c.charCodeAt(0);
  return c === "~" ? -2 : c.charCodeAt(0) + 256;
}
