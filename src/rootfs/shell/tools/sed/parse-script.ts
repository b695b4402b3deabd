/**
 * Parses sed scripts as GNU sed 4.9 does, with its messages.
 */
import { type Addresses, compilePattern, type ParseOptions, parseAddresses } from "./parse-address.js";
import { ScriptReader } from "./reader.js";
import {
  type Action,
  type Fragment,
  type Pattern,
  type Replacement,
  ScriptError,
  type SedCommand,
  type SedScript,
} from "./script.js";

/** Parses the fragments of a command line. @throws ScriptError */
export function parseScript(fragments: readonly Fragment[], options: ParseOptions): SedScript {
  const reader = new ScriptReader(fragments);
  const commands: SedCommand[] = [];
  const blocks: { end: number }[] = [];
  const labels = new Map<string, number>();
  const jumps: { readonly label: string; target: number }[] = [];
  const quiet = /^#n(\n|$)/.test(fragments[0]?.text ?? "");
  for (;;) {
    reader.skip(/[ \t\n;]/);
    if (reader.peek() === undefined) break;
    if (reader.peek() === "#") {
      reader.line();
      continue;
    }
    const addresses = parseAddresses(reader, options);
    const action = parseAction(reader, options, { addresses, blocks, labels, at: commands.length });
    if (action === undefined) continue;
    if (action.kind === "b" || action.kind === "t" || action.kind === "T") jumps.push(action);
    if (action.kind === "{") blocks.push(action);
    commands.push({
      ...addresses,
      action,
      range: addresses.first?.kind === "line" && addresses.first.line === 0 ? "active" : "inactive",
      rangeEnd: 0,
    });
  }
  if (blocks.length > 0) reader.fail("unmatched `{'", { atStart: true });
  for (const jump of jumps) {
    const target = jump.label === "" ? commands.length : labels.get(jump.label);
    if (target === undefined) throw new ScriptError(`can't find label for jump to \`${jump.label}'`, 4);
    jump.target = target;
  }
  return { commands, quiet };
}

function parseAction(
  reader: ScriptReader,
  options: ParseOptions,
  context: {
    readonly addresses: Addresses;
    readonly blocks: { end: number }[];
    readonly labels: Map<string, number>;
    readonly at: number;
  },
): Action | undefined {
  const { addresses, blocks } = context;
  const c = reader.next();
  switch (c) {
    case undefined:
      reader.at--;
      return reader.fail("missing command");
    case "{":
      return { kind: "{", end: 0 };
    case "}": {
      const block = blocks.pop();
      if (block === undefined) return reader.fail("unexpected `}'");
      if (addresses.first !== undefined) reader.fail("} doesn't want any addresses");
      block.end = context.at;
      endOfCommand(reader);
      return { kind: "}" };
    }
    case ":": {
      if (addresses.first !== undefined) reader.fail(": doesn't want any addresses");
      const label = readLabel(reader);
      if (label === "") reader.fail('":" lacks a label');
      context.labels.set(label, context.at);
      return undefined;
    }
    case "b":
    case "t":
    case "T":
      return { kind: c, label: readLabel(reader), target: 0 };
    case "a":
    case "i":
    case "c": {
      const text = reader.insertedText();
      if (text === undefined) return reader.fail("expected \\ after `a', `c' or `i'");
      return { kind: c, text };
    }
    case "r":
    case "R":
    case "w":
    case "W": {
      reader.skip(/[ \t]/);
      if (reader.peek() === undefined || reader.peek() === "\n") reader.fail("missing filename in r/R/w/W commands");
      return { kind: c, file: reader.line() };
    }
    case "s":
      return parseSubstitution(reader, options);
    case "y":
      return parseTransliteration(reader);
    case "q":
    case "Q":
      if (addresses.second !== undefined) reader.fail("command only uses one address");
      return withNumber(reader, c);
    case "l":
    case "L":
      if (c === "L") return reader.fail("unknown command: `L'");
      return withNumber(reader, c);
    case "=":
    case "d":
    case "D":
    case "g":
    case "G":
    case "h":
    case "H":
    case "n":
    case "N":
    case "p":
    case "P":
    case "x":
    case "z":
    case "F":
      endOfCommand(reader);
      return { kind: c };
    case "e":
      return { kind: c, text: reader.insertedText() };
    case "v":
      return options.unsupported(`with the command ${c}`);
    default:
      return reader.fail(`unknown command: \`${c}'`);
  }
}

function withNumber(reader: ScriptReader, kind: "q" | "Q" | "l"): Action {
  reader.skip(/[ \t]/);
  const number = reader.number();
  endOfCommand(reader);
  return { kind, number };
}

function readLabel(reader: ScriptReader): string {
  reader.skip(/[ \t]/);
  const start = reader.at;
  while (reader.peek() !== undefined && !/[\s;}]/.test(reader.peek()!)) reader.at++;
  return reader.text.slice(start, reader.at);
}

/** After a command comes blank space, a newline, `;`, `}` or a comment. */
function endOfCommand(reader: ScriptReader): undefined {
  reader.skip(/[ \t]/);
  const c = reader.peek();
  if (c === undefined || c === "}" || c === "#") return;
  reader.at++;
  if (c !== "\n" && c !== ";") reader.fail("extra characters after command");
}

function parseSubstitution(reader: ScriptReader, options: ParseOptions): Action {
  const delimiter = reader.next();
  const unterminated = (): never => {
    reader.at--;
    return reader.fail("unterminated `s' command");
  };
  if (delimiter === undefined || delimiter === "\n" || delimiter === "\\") return unterminated();
  const text = reader.pattern(delimiter) ?? unterminated();
  const replacement = reader.replacement(delimiter) ?? unterminated();
  let global = false;
  let print: "before" | "after" | undefined;
  let evaluate = false;
  let number: number | undefined;
  let file: string | undefined;
  let ignoreCase = false;
  let lineAnchors = false;
  flags: for (;;) {
    const c = reader.peek();
    const count = reader.number();
    if (count !== undefined) {
      if (number !== undefined) reader.fail("multiple number options to `s' command");
      if (count === 0) reader.fail("number option to `s' command may not be zero");
      number = count;
      continue;
    }
    reader.at++;
    switch (c) {
      case "i":
      case "I":
        ignoreCase = true;
        break;
      case "m":
      case "M":
        lineAnchors = true;
        break;
      case "e":
        evaluate = true;
        // `p` before it prints the command, behind it what that prints.
        if (print !== undefined) print = "before";
        break;
      case "p":
        if (print !== undefined) reader.fail("multiple `p' options to `s' command");
        print = "after";
        break;
      case "g":
        if (global) reader.fail("multiple `g' options to `s' command");
        global = true;
        break;
      case "w":
        reader.skip(/[ \t]/);
        if (reader.peek() === undefined || reader.peek() === "\n") reader.fail("missing filename in r/R/w/W commands");
        file = reader.line();
        break flags;
      case "}":
      case "#":
      case undefined:
        reader.at--;
        break flags;
      case "\n":
      case ";":
        break flags;
      case " ":
      case "\t":
      case "\r":
        break;
      default:
        reader.fail("unknown option to `s'");
    }
  }
  const pattern = compilePattern(reader, text, { ...options, ignoreCase, lineAnchors });
  checkReferences(reader, replacement, pattern);
  const substitution = { pattern, replacement, global, number: number ?? 1, print, evaluate, file };
  return { kind: "s", substitution };
}

function checkReferences(reader: ScriptReader, replacement: readonly Replacement[], pattern: Pattern): undefined {
  if (pattern === undefined) return;
  for (const piece of replacement) {
    if (piece.kind === "group" && piece.index > pattern.groups) {
      reader.fail(`invalid reference \\${piece.index} on \`s' command's RHS`);
    }
  }
}

function parseTransliteration(reader: ScriptReader): Action {
  const delimiter = reader.next();
  const unterminated = (): never => {
    reader.at--;
    return reader.fail("unterminated `y' command");
  };
  if (delimiter === undefined || delimiter === "\n" || delimiter === "\\") return unterminated();
  const from = reader.transliteration(delimiter) ?? unterminated();
  const to = reader.transliteration(delimiter) ?? unterminated();
  if (from.length !== to.length) reader.fail("strings for `y' command are different lengths");
  endOfCommand(reader);
  const map = new Map<string, string>();
  for (const [i, c] of from.entries()) map.set(c, to[i]!);
  return { kind: "y", map };
}
