/**
 * Words and specifiers of systemd's line-based configuration (sysusers.d(5), tmpfiles.d(5)): quoted and escaped words, and `%x`.
 */
import type { Tree } from "../../tree/tree.js";

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  s: " ",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** Undoes C-style escapes; undefined for a wrong one. */
export function unescapeWord(text: string): string | undefined {
  let valid = true;
  const plain = text.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{3}|.|$)/gs, (_, code: string) => {
    if (/^x../.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    const value = ESCAPES[code];
    if (value === undefined) valid = false;
    return value ?? "";
  });
  return valid ? plain : undefined;
}

/** A line's first `count` words, then the rest of the line as it is (the last element, if there is any); undefined for an open quote. */
export function splitWords(line: string, count: number): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  const skip = (): void => {
    while (line[at] === " " || line[at] === "\t") at++;
  };
  skip();
  while (at < line.length && words.length < count) {
    let raw = "";
    let quote = "";
    for (; at < line.length; at++) {
      const char = line[at]!;
      if (quote === "" && (char === " " || char === "\t")) break;
      if (char === "\\" && at + 1 < line.length) raw += char + line[++at]!;
      else if (quote === "" && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = "";
      else raw += char;
    }
    const word = unescapeWord(raw);
    if (quote !== "" || word === undefined) return undefined;
    words.push(word);
    skip();
  }
  if (at < line.length) words.push(line.slice(at).trimEnd());
  return words;
}

/** What a specifier stands for in a tree; undefined for what only a running machine knows. */
function specifierValue(tree: Tree, letter: string): string | undefined {
  switch (letter) {
    case "%":
      return "%";
    case "C":
      return "/var/cache";
    case "L":
      return "/var/log";
    case "S":
      return "/var/lib";
    case "T":
      return "/tmp";
    case "V":
      return "/var/tmp";
    case "t":
      return "/run";
    case "h":
      return "/root";
    case "u":
    case "g":
      return "root";
    case "U":
    case "G":
      return "0";
    case "m": {
      const text = tree.lookup("/etc/machine-id")?.type === "file" ? tree.readText("/etc/machine-id").trim() : "";
      return /^[0-9a-f]{32}$/.test(text) ? text : undefined;
    }
    case "o":
      return osRelease(tree, "ID");
    case "w":
      return osRelease(tree, "VERSION_ID");
    case "W":
      return osRelease(tree, "VARIANT_ID");
    case "B":
      return osRelease(tree, "BUILD_ID");
    case "M":
      return osRelease(tree, "IMAGE_ID");
    case "A":
      return osRelease(tree, "IMAGE_VERSION");
    default:
      return undefined;
  }
}

function osRelease(tree: Tree, key: string): string {
  const path = ["/etc/os-release", "/usr/lib/os-release"].find((candidate) => tree.lookup(candidate)?.type === "file");
  const line =
    path === undefined
      ? undefined
      : tree
          .readText(path)
          .split("\n")
          .find((text) => text.startsWith(`${key}=`));
  return line === undefined ? "" : line.slice(key.length + 1).replace(/^(["'])(.*)\1$/, "$2");
}

/** Replaces the specifiers of a text; undefined when one has no value before the machine runs (`%m`, `%b`, `%H` …). */
export function expandSpecifiers(tree: Tree, text: string): string | undefined {
  let known = true;
  const result = text.replace(/%(.)/gs, (_, letter: string) => {
    const value = specifierValue(tree, letter);
    if (value === undefined) known = false;
    return value ?? "";
  });
  return known ? result : undefined;
}
