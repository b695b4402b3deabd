/**
 * The keys of sort(1): where they are in a line, and in what order they sort.
 */
import { quoteText } from "../quote.js";
import type { Tool } from "../tool.js";
import { compareGeneral, compareHuman, compareMonths, compareNumbers } from "./numbers.js";
import { compareVersions } from "./versions.js";

/** How keys compare. */
export interface Ordering {
  readonly blanksAtStart: boolean;
  readonly blanksAtEnd: boolean;
  readonly dictionary: boolean;
  readonly fold: boolean;
  readonly printable: boolean;
  readonly kind: "text" | "n" | "g" | "h" | "M" | "V";
  readonly reverse: boolean;
}

/** A key; fields and characters count from 0, `toCharacter` 0 is the end of the field. */
export interface SortKey extends Ordering {
  readonly fromField: number;
  readonly fromCharacter: number;
  readonly toField: number | undefined;
  readonly toCharacter: number;
}

/** The options that order, without their letters. */
const LETTERS = "bdfghiMnRrV";

/** Reads the options that apply to all keys without their own. */
export function globalOrdering(tool: Tool): Ordering {
  const letters = tool.options
    .map(({ name, value }) => (name === "sort" ? sortWord(tool, value) : name))
    .filter((name) => name.length === 1 && LETTERS.includes(name));
  return makeOrdering(tool, letters.join(""), letters.join(""));
}

function sortWord(tool: Tool, word: string): string {
  const words: Record<string, string> = {
    "general-numeric": "g",
    "human-numeric": "h",
    month: "M",
    numeric: "n",
    random: "R",
    version: "V",
  };
  return words[word] ?? tool.usage(`invalid argument ${quoteText(word)} for '--sort'`);
}

function makeOrdering(tool: Tool, start: string, end: string): Ordering {
  const all = start + end;
  if (all.includes("R")) tool.unsupported("-R");
  const kinds = [...new Set([...all].filter((letter) => "nghMV".includes(letter)))];
  if (kinds.length > 1 || (kinds.length > 0 && /[di]/.test(all) && !/^[V]$/.test(kinds[0]!))) {
    const order = "bdfghiMnRV";
    const shown = [...order].filter((letter) => all.includes(letter) && letter !== "b" && letter !== "f").join("");
    tool.die(`options '-${shown}' are incompatible`);
  }
  return {
    blanksAtStart: start.includes("b"),
    blanksAtEnd: end.includes("b"),
    dictionary: all.includes("d"),
    fold: all.includes("f"),
    printable: all.includes("i"),
    kind: (kinds[0] ?? "text") as Ordering["kind"],
    reverse: all.includes("r"),
  };
}

/** Reads a -k argument. */
export function parseKey(tool: Tool, text: string, global: Ordering): SortKey {
  const invalid = (message: string): never => tool.die(`${message}: invalid field specification ${quoteText(text)}`);
  const start = /^([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*)/.exec(text)!;
  if (start[1] === "") tool.die(`invalid number at field start: invalid count at start of ${quoteText(text)}`);
  if (Number(start[1]) === 0) invalid("-: field number is zero".slice(3));
  if (start[2] !== undefined && start[2] === "") {
    tool.die(
      `invalid number after '.': invalid count at start of ${quoteText(text.slice(start[0].length - start[3]!.length))}`,
    );
  }
  if (start[2] !== undefined && Number(start[2]) === 0) invalid("character offset is zero");
  const rest = text.slice(start[0].length);
  const end = rest.startsWith(",") ? /^,([0-9]+)(?:\.([0-9]+))?([a-zA-Z]*)$/.exec(rest) : undefined;
  if (end === null) {
    if (!/^,[0-9]/.test(rest))
      tool.die(`invalid number after ',': invalid count at start of ${quoteText(rest.slice(1))}`);
    return invalid("stray character in field spec");
  }
  if (end === undefined && rest !== "") return invalid("stray character in field spec");
  const letters = start[3]! + (end?.[3] ?? "");
  if ([...letters].some((letter) => !LETTERS.includes(letter))) return invalid("stray character in field spec");
  if (end !== undefined && Number(end[1]) === 0) return invalid("field number is zero");
  const ordering = letters === "" ? global : makeOrdering(tool, start[3]!, end?.[3] ?? "");
  const toCharacter = Number(end?.[2] ?? 0);
  return {
    ...ordering,
    fromField: Number(start[1]) - 1,
    fromCharacter: Number(start[2] ?? 1) - 1,
    toField: end === undefined ? undefined : toCharacter === 0 ? Number(end[1]) : Number(end[1]) - 1,
    toCharacter,
  };
}

/** The part of a line that a key is. */
export function extractKey(line: string, key: SortKey, separator: string | undefined): string {
  const begin = beginOf(line, key, separator);
  const end = key.toField === undefined ? line.length : endOf(line, key, separator);
  return line.slice(begin, Math.max(begin, end));
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === 32 || code === 9 || code === 10;
}

function skipBlanks(line: string, at: number): number {
  while (at < line.length && isBlank(line, at)) at++;
  return at;
}

function skipWord(line: string, at: number): number {
  while (at < line.length && !isBlank(line, at)) at++;
  return at;
}

function beginOf(line: string, key: SortKey, separator: string | undefined): number {
  let at = 0;
  for (let field = key.fromField; field > 0 && at < line.length; field--) {
    if (separator === undefined) at = skipWord(line, skipBlanks(line, at));
    else {
      const end = line.indexOf(separator, at);
      at = end < 0 ? line.length : end + 1;
    }
  }
  if (key.blanksAtStart) at = skipBlanks(line, at);
  return Math.min(line.length, at + key.fromCharacter);
}

function endOf(line: string, key: SortKey, separator: string | undefined): number {
  let at = 0;
  for (let field = key.toField!; field > 0 && at < line.length; field--) {
    if (separator === undefined) at = skipWord(line, skipBlanks(line, at));
    else {
      const end = line.indexOf(separator, at);
      at = end < 0 ? line.length : end;
      if (at < line.length && (field > 1 || key.toCharacter > 0)) at++;
    }
  }
  if (key.toCharacter === 0) return at;
  if (key.blanksAtEnd) at = skipBlanks(line, at);
  return Math.min(line.length, at + key.toCharacter);
}

/** Compares two keys. */
export function compareKeys(a: string, b: string, key: Ordering): number {
  const result = compareForward(a, b, key);
  return key.reverse ? -result : result;
}

function compareForward(a: string, b: string, key: Ordering): number {
  if (key.kind === "text" || key.kind === "V") {
    const [x, y] = [filter(a, key), filter(b, key)];
    if (key.kind === "V") return compareVersions(x, y);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (key.kind === "n") return compareNumbers(a, b);
  if (key.kind === "h") return compareHuman(a, b);
  if (key.kind === "M") return compareMonths(a, b);
  return compareGeneral(a, b);
}

function filter(text: string, key: Ordering): string {
  let result = text;
  if (key.dictionary) result = result.replace(/[^ \tA-Za-z0-9\n]/g, "");
  if (key.printable) result = result.replace(/[^ -~]/g, "");
  if (key.fold) result = result.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  return result;
}
