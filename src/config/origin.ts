/**
 * Where a value of a recipe was stated: carried along so that every later stage can name file, line and column.
 */

/** A place in a recipe. Values of `defineImage` and `--format` have no line. */
export interface Origin {
  /** The file as the user would write it (the recipe's own path as given, includes relative to it). */
  readonly file: string;
  /** 1-based. */
  readonly line?: number | undefined;
  /** 1-based. */
  readonly column?: number | undefined;
}

/** The keys and list positions that lead to a value, for instance `["kernel", "commandLine", 0]`. */
export type KeyPath = readonly (string | number)[];

/** `file:line:column`, or the file alone. */
export function formatOrigin(origin: Origin): string {
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}:${origin.column ?? 1}`;
}

/** `kernel.commandLine[0]`; a key that is not a plain word is quoted: `permissions["/etc/x"]`. */
export function formatKeyPath(path: KeyPath): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) text += text === "" ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text === "" ? "the recipe" : text;
}

/** RFC 6901 JSON pointer of a key path: the key of a provenance table. */
export function pointerOf(path: KeyPath): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
