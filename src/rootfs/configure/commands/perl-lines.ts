/**
 * perl's substitutions, as shell scripts filter text with them: `perl -p -e 's/…/…/flags; …'` for each line, the same over all of the
 * input at once, and the first line in lower case. The patterns are the part of perlre(1) that means the same in every engine once
 * `^`, `$`, `.` and the classes are written out. What is beyond is not emulated. Checked against Debian's perl.
 */
import type { Process, Stream } from "../../shell/process.js";
import { readAll } from "../../shell/tools/open.js";

/** What a program of substitutions makes of a text. */
type Substitutions = (text: string) => string;

/** Runs a program that is one of these. @returns its status; undefined for any other program */
export function runPerlLines(process: Process, words: readonly string[]): number | undefined {
  const { stdin, stdout } = process;
  if (words.length === 2 && words[0] === "-e") {
    if (words[1]!.trim() === "print lc(<>)") {
      stdout.write((stdin.readLine() ?? "").replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
      return 0;
    }
    const body = /^\s*undef \$\/;\s*while\s*\(<>\)\s*\{(.*)\}\s*continue\s*\{\s*print or die "[\w ]*";\s*\}\s*$/s.exec(
      words[1]!,
    );
    const all = body === null ? undefined : compile(body[1]!);
    return all === undefined ? undefined : filterAll(stdin, stdout, all);
  }
  const program = words.length === 2 && words[0] === "-pe" ? words[1] : words.length === 3 ? words[2] : undefined;
  const isEach = words[0] === "-pe" || (words[0] === "-p" && words[1] === "-e");
  const each = program === undefined || !isEach ? undefined : compile(program);
  if (each === undefined) return undefined;
  for (let line = stdin.readLine(); line !== undefined; line = stdin.readLine()) stdout.write(each(line));
  return 0;
}

function filterAll(stdin: Stream, stdout: Stream, substitutions: Substitutions): number {
  stdout.write(substitutions(readAll(stdin)));
  return 0;
}

/** Compiles `s/PATTERN/REPLACEMENT/FLAGS`, any number of them. */
function compile(program: string): Substitutions | undefined {
  const steps: Substitutions[] = [];
  let at = 0;
  const statement = /[\s;]*(?:s\/((?:[^/\\]|\\[\s\S])*)\/((?:[^/\\]|\\[\s\S])*)\/([a-z]*)[ \t]*(?=[;\n]|$)|$)/y;
  while (at < program.length) {
    statement.lastIndex = at;
    const match = statement.exec(program);
    if (match === null) return undefined;
    at = statement.lastIndex;
    const [, pattern, replacement, flags = ""] = match;
    if (pattern === undefined || replacement === undefined) break;
    const step = compileSubstitution(pattern, replacement, flags);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return steps.length === 0 ? undefined : (text) => steps.reduce((result, step) => step(result), text);
}

function compileSubstitution(pattern: string, replacement: string, flags: string): Substitutions | undefined {
  const source = translate(pattern, flags);
  const pieces = parseReplacement(replacement);
  if (!/^[gims]*$/.test(flags) || source === undefined || pieces === undefined) return undefined;
  const groups = new RegExp(`${source}|`).exec("")!.length - 1;
  const named = [...pattern.matchAll(/\\(\d)|\\[\s\S]/g)].map(([, digit]) => Number(digit ?? 0));
  if ([...named, ...pieces].some((one) => typeof one === "number" && one > groups)) return undefined;
  const regex = new RegExp(source, `${flags.includes("g") ? "g" : ""}${flags.includes("i") ? "i" : ""}`);
  return (text) =>
    text.replace(regex, (...found: (string | undefined)[]) =>
      pieces.map((piece) => (typeof piece === "string" ? piece : (found[piece] ?? ""))).join(""),
    );
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ["s", " \\t\\n\\v\\f\\r"],
  ["d", "0-9"],
  ["w", "A-Za-z0-9_"],
]);
const NAMED: ReadonlyMap<string, string> = new Map([
  ["[:space:]", " \\t\\n\\v\\f\\r"],
  ["[:blank:]", " \\t"],
  ["[:digit:]", "0-9"],
  ["[:alpha:]", "A-Za-z"],
  ["[:alnum:]", "A-Za-z0-9"],
  ["[:upper:]", "A-Z"],
  ["[:lower:]", "a-z"],
]);

/** A pattern of perl's as JavaScript's; undefined for what may mean something else there. */
function translate(pattern: string, flags: string): string | undefined {
  const isLines = flags.includes("m");
  const anchors: Readonly<Record<string, string>> = {
    "^": isLines ? "(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))" : "(?<![\\s\\S])",
    $: isLines ? "(?=\\n|(?![\\s\\S]))" : "(?=\\n?(?![\\s\\S]))",
    ".": flags.includes("s") ? "[\\s\\S]" : "[^\\n]",
  };
  let result = "";
  let isBracket = false;
  const token = /\\[\s\S]|\[:\w+:\]|\(\?|[\s\S]/g;
  for (const [text] of pattern.matchAll(token)) {
    if (text.startsWith("\\")) {
      const letter = text[1]!;
      const group = CLASSES.get(letter.toLowerCase());
      if (group !== undefined && isBracket && letter !== letter.toLowerCase()) return undefined;
      if (group !== undefined) result += isBracket ? group : `[${letter === letter.toLowerCase() ? "" : "^"}${group}]`;
      else if (/[nrtf1-9]/.test(letter) || /[^A-Za-z0-9\s\x80-\xff]/.test(letter)) {
        // Outside of a bracket only what has a meaning may be escaped here; a hyphen has none there.
        result += /[nrtf1-9^$\\.*+?()[\]{}|/]/.test(letter) ? text : isBracket ? `\\${letter}` : letter;
      } else return undefined;
    } else if (isBracket) {
      if (text === "]") isBracket = false;
      const named = NAMED.get(text);
      if (named === undefined && text.length > 1) return undefined;
      if (text === "[" || text === "$" || text === "@") return undefined;
      result += named ?? text;
    } else if (text === "[") {
      isBracket = true;
      result += text;
    } else if (/^[{}@]$|^\(\?$|^\[:|[\x80-\xff]/.test(text)) return undefined;
    else result += anchors[text] ?? text;
  }
  // `$` before more than the end of a group is a variable; a bracket that starts with `]`, and quantifiers on quantifiers, differ.
  if (/(?<!\\)(?:\\\\)*\$(?!$|\)|\|)/.test(pattern) || /\[\^?\]|[*+?]\+/.test(pattern) || isBracket) return undefined;
  return result;
}

/** The pieces of a replacement: texts, and numbers of groups. */
function parseReplacement(text: string): (string | number)[] | undefined {
  const pieces: (string | number)[] = [];
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
  for (const [, escaped, group, plain] of text.matchAll(/\\([\s\S])|\$([1-9&](?!\d))|([\s\S])/g)) {
    if (escaped !== undefined) {
      if (/[1-9]/.test(escaped)) pieces.push(Number(escaped));
      else if (/[A-Za-z0]/.test(escaped) && escapes[escaped] === undefined) return undefined;
      else pieces.push(escapes[escaped] ?? escaped);
    } else if (group !== undefined) pieces.push(group === "&" ? 0 : Number(group));
    else if (plain === "$" || plain === "@") return undefined;
    else pieces.push(plain!);
  }
  return pieces;
}
