/**
 * `read`: one line of stdin, and not a byte more, since what follows is read by other commands.
 */
import { setArray } from "../bash/array.js";
import type { Stream } from "../process.js";
import type { Shell } from "../shell.js";
import type { Dialect } from "../syntax.js";

interface Options {
  raw: boolean;
  prompt: string;
  array: string | undefined;
  delimiter: string;
  count: number | undefined;
  descriptor: number;
}

/** `read [-r] [-p prompt] name…`; bash also -a -d -n -N -u -s -e. */
export function readBuiltin(shell: Shell, args: readonly string[]): number {
  const { options, names } = readOptions(shell, args);
  const bash = shell.dialect === "bash";
  if (names.length === 0 && options.array === undefined && !bash) return shell.fail("read: arg count");
  const stream = options.descriptor === 0 ? shell.process.stdin : shell.process.files.get(options.descriptor);
  if (stream === undefined)
    return shell.fail(`read: ${options.descriptor}: invalid file descriptor: Bad file descriptor`);
  const line = readLogicalLine(stream, options);
  const ifs = shell.variables.get("IFS") ?? " \t\n";
  if (options.array !== undefined) setArray(shell, options.array, splitAll(line, ifs));
  else if (names.length === 0) shell.assign("REPLY", line.chars.map(([char]) => char).join(""));
  else {
    for (const [name, value] of splitLine(line, names, { ifs, dialect: shell.dialect })) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        return shell.fail(bash ? `read: \`${name}': not a valid identifier` : `read: ${name}: bad variable name`);
      }
      shell.assign(name, value);
    }
  }
  return line.complete ? 0 : 1;
}

function readOptions(shell: Shell, args: readonly string[]): { options: Options; names: readonly string[] } {
  const options: Options = {
    raw: false,
    prompt: "",
    array: undefined,
    delimiter: "\n",
    count: undefined,
    descriptor: 0,
  };
  const bash = shell.dialect === "bash";
  const valued = bash ? "padnu" : "p";
  let at = 1;
  for (; args[at]?.startsWith("-") === true && args[at] !== "-"; at++) {
    const word = args[at]!;
    if (word === "--") {
      at++;
      break;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      if (letter === "r") options.raw = true;
      else if (bash && (letter === "s" || letter === "e")) continue;
      else if (valued.includes(letter)) {
        const value = i + 1 < word.length ? word.slice(i + 1) : args[++at];
        if (value === undefined) return shell.fail(`read: No arg for -${letter} option`);
        setValue(shell, options, letter, value);
        break;
      } else if (bash) shell.unsupported(`read -${letter}`);
      else shell.fail(`read: Illegal option -${letter}`);
    }
  }
  return { options, names: args.slice(at) };
}

function setValue(shell: Shell, options: Options, letter: string, value: string): void {
  if (letter === "p") options.prompt = value;
  else if (letter === "a") options.array = value;
  else if (letter === "d") options.delimiter = value === "" ? "\0" : value[0]!;
  else if (!/^[0-9]{1,9}$/.test(value)) shell.fail(`read: ${value}: invalid number`);
  else if (letter === "n") options.count = Number(value);
  else options.descriptor = Number(value);
}

/** A line: characters, each with whether a backslash quoted it. */
interface Line {
  readonly chars: readonly (readonly [string, boolean])[];
  /** Whether its delimiter was there. */
  readonly complete: boolean;
}

function readLogicalLine(stream: Stream, options: Options): Line {
  const chars: [string, boolean][] = [];
  const enough = (): boolean => options.count !== undefined && chars.length >= options.count;
  if (enough()) return { chars, complete: true };
  const next = makeReader(stream, options);
  for (let char = next(); char !== undefined; char = next()) {
    if (char === options.delimiter) return { chars, complete: true };
    if (char === "\\" && !options.raw) {
      const quoted = next();
      if (quoted === undefined) break;
      if (quoted !== "\n") chars.push([quoted, true]);
    } else if (char !== "\0") chars.push([char, false]);
    if (enough()) return { chars, complete: true };
  }
  return { chars, complete: false };
}

/** Characters one by one; whole lines at a time where the delimiter allows it. */
function makeReader(stream: Stream, options: Options): () => string | undefined {
  if (options.delimiter !== "\n" || options.count !== undefined) {
    return () => {
      const char = stream.read(1);
      return char === "" ? undefined : char;
    };
  }
  let line = "";
  let at = 0;
  return () => {
    if (at >= line.length) {
      line = stream.readLine() ?? "";
      at = 0;
    }
    return at < line.length ? line[at++] : undefined;
  };
}

/** Splits by IFS into as many fields as there are names; the last takes the rest with its separators. */
function splitLine(
  { chars }: Line,
  names: readonly string[],
  { ifs, dialect }: { readonly ifs: string; readonly dialect: Dialect },
): (readonly [string, string])[] {
  const separates = (i: number): boolean => chars[i] !== undefined && !chars[i][1] && ifs.includes(chars[i][0]);
  const isBlank = (i: number): boolean => separates(i) && " \t\n".includes(chars[i]![0]);
  const text = (from: number, to: number): string =>
    chars
      .slice(from, to)
      .map(([char]) => char)
      .join("");
  const result: [string, string][] = [];
  let at = 0;
  const skipBlanks = (): void => {
    while (isBlank(at)) at++;
  };
  skipBlanks();
  for (const [index, name] of names.entries()) {
    const start = at;
    if (index === names.length - 1) {
      result.push([name, text(start, dialect === "dash" ? lastEndOfDash(start) : lastEnd(start))]);
      break;
    }
    while (at < chars.length && !separates(at)) at++;
    result.push([name, text(start, at)]);
    skipBlanks();
    if (separates(at) && !isBlank(at)) {
      // Only one separator that is no white space belongs to the field that it ends.
      at++;
      skipBlanks();
    }
  }
  return result;

  /** Where the last field ends: trailing white space goes, and a single separator if no other field follows it. */
  function lastEnd(start: number): number {
    let end = chars.length;
    while (end > start && isBlank(end - 1)) end--;
    let first = start;
    while (first < end && !separates(first)) first++;
    let after = first;
    while (isBlank(after)) after++;
    if (after < chars.length && separates(after) && !isBlank(after)) after++;
    while (isBlank(after)) after++;
    return after >= chars.length ? first : end;
  }

  /** The same in dash, which looks at no quoted character: one behind the white space that ends a line goes with it. */
  function lastEndOfDash(start: number): number {
    let end: number | undefined;
    let isFirst = true;
    let wasBlank = false;
    for (let i = start; i < chars.length; i++) {
      if (chars[i]![1]) continue;
      if (isFirst) {
        if (!separates(i)) continue;
        isFirst = false;
        end = i;
        wasBlank = isBlank(i);
      } else if (isBlank(i)) end ??= i;
      else {
        if (!separates(i) || !wasBlank) end = undefined;
        wasBlank = false;
      }
    }
    return end ?? chars.length;
  }
}

function splitAll(line: Line, ifs: string): string[] {
  const names = Array.from({ length: line.chars.length + 1 }, (_, i) => String(i));
  const values = splitLine(line, names, { ifs, dialect: "bash" }).map(([, value]) => value);
  while (values.at(-1) === "") values.pop();
  return values;
}
