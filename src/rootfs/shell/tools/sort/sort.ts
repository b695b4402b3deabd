/** sort(1) of coreutils 9.7 in the C locale. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import type { Command } from "../../process.js";
import { openInput, records } from "../inputs.js";
import { openRead, openWrite, readAll } from "../open.js";
import { quoteName, quoteText } from "../quote.js";
import { defineTool, type Tool } from "../tool.js";
import { compareKeys, extractKey, globalOrdering, parseKey, type SortKey } from "./keys.js";

export const sort: Command = defineTool(
  {
    short: "bcCdfghik:mMno:rRsS:t:T:uVz",
    long: {
      "ignore-leading-blanks": "b",
      "check?": "check",
      "dictionary-order": "d",
      "ignore-case": "f",
      "general-numeric-sort": "g",
      "human-numeric-sort": "h",
      "ignore-nonprinting": "i",
      "key=": "k",
      merge: "m",
      "month-sort": "M",
      "numeric-sort": "n",
      "output=": "o",
      reverse: "r",
      "random-sort": "R",
      "sort=": "sort",
      stable: "s",
      "buffer-size=": "S",
      "field-separator=": "t",
      "temporary-directory=": "T",
      unique: "u",
      "version-sort": "V",
      "zero-terminated": "z",
      "parallel=": "parallel",
      "batch-size=": "batch-size",
      "files0-from=": "files0",
    },
    refused: "",
    refusedLong: ["debug", "compress-program", "random-source"],
    failure: 2,
  },
  (tool) => {
    const compare = makeComparison(tool);
    const operands = readOperands(tool);
    const check = checkMode(tool);
    if (check !== undefined) {
      if (operands.length > 1)
        tool.die(`extra operand ${quoteText(operands[1]!)} not allowed with -${check === "quiet" ? "C" : "c"}`);
      return checkOrder(tool, operands[0] ?? "-", { compare, quiet: check === "quiet" });
    }
    const inputs = (operands.length === 0 ? ["-"] : operands).map((operand) => readLines(tool, operand));
    const lines = tool.has("m") ? merge(inputs, compare.full) : inputs.flat().sort(compare.full);
    const kept = tool.has("u") ? lines.filter((line, i) => i === 0 || compare.keys(lines[i - 1]!, line) !== 0) : lines;
    const terminator = tool.has("z") ? "\0" : "\n";
    const file = tool.value("o");
    let output = tool.process.stdout;
    if (file !== undefined) {
      try {
        output = openWrite(tool.process, file);
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.die(`open failed: ${quoteName(file)}: ${error.text}`);
      }
    }
    // Large pieces: a write for each line costs more than the sorting.
    for (let at = 0; at < kept.length; at += 4096) {
      output.write(
        kept
          .slice(at, at + 4096)
          .map((line) => line + terminator)
          .join(""),
      );
    }
    return 0;
  },
);

interface Comparison {
  /** By the keys alone. */
  readonly keys: (a: string, b: string) => number;
  /** By the keys, and where they are equal by the whole line unless -s or -u. */
  readonly full: (a: string, b: string) => number;
}

function makeComparison(tool: Tool): Comparison {
  const global = globalOrdering(tool);
  const separator = readSeparator(tool);
  const given = tool.values("k");
  const whole: SortKey = { ...global, fromField: 0, fromCharacter: 0, toField: undefined, toCharacter: 0 };
  const keys = given.length === 0 ? [whole] : given.map((text) => parseKey(tool, text, global));
  const isPlain =
    given.length === 0 &&
    global.kind === "text" &&
    !global.blanksAtStart &&
    !global.dictionary &&
    !global.fold &&
    !global.printable;
  const byKeys = (a: string, b: string): number => {
    for (const key of keys) {
      const result = compareKeys(extractKey(a, key, separator), extractKey(b, key, separator), key);
      if (result !== 0) return result;
    }
    return 0;
  };
  if (isPlain || tool.has("s") || tool.has("u")) return { keys: byKeys, full: byKeys };
  const sign = global.reverse ? -1 : 1;
  return { keys: byKeys, full: (a, b) => byKeys(a, b) || (a < b ? -sign : a > b ? sign : 0) };
}

function readSeparator(tool: Tool): string | undefined {
  const texts = tool.values("t").map((text) => (text === "\\0" ? "\0" : text));
  if (texts.some((text) => text === "")) tool.die("empty tab");
  const long = texts.find((text) => text.length > 1);
  if (long !== undefined) tool.die(`multi-character tab ${quoteText(long)}`);
  if (new Set(texts).size > 1) tool.die("incompatible tabs");
  return texts[0];
}

function readOperands(tool: Tool): readonly string[] {
  const list = tool.value("files0");
  if (list === undefined) return tool.operands;
  const stream = list === "-" ? tool.process.stdin : openRead(tool.process, list);
  const names = readAll(stream)
    .split("\0")
    .filter((name) => name !== "");
  return names.length === 0 ? tool.die(`no input from ${quoteText(list)}`) : names;
}

function checkMode(tool: Tool): "loud" | "quiet" | undefined {
  const option = tool.options.findLast(({ name }) => name === "c" || name === "C" || name === "check");
  if (option === undefined) return undefined;
  if (option.name === "C" || option.value === "quiet" || option.value === "silent") return "quiet";
  return "loud";
}

function readLines(tool: Tool, operand: string): string[] {
  const terminator = tool.has("z") ? "\0" : "\n";
  let open = false;
  try {
    const stream = openInput(tool, operand);
    open = true;
    const text = readAll(stream);
    const lines = text.split(terminator);
    if (lines.at(-1) === "") lines.pop();
    return lines;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return tool.die(`${open ? "read failed" : "cannot read"}: ${quoteName(operand)}: ${error.text}`);
  }
}

function checkOrder(tool: Tool, operand: string, { compare, quiet }: { compare: Comparison; quiet: boolean }): number {
  const terminator = tool.has("z") ? "\0" : "\n";
  let previous: string | undefined;
  let number = 0;
  try {
    for (const record of records(openInput(tool, operand), terminator)) {
      const line = record.endsWith(terminator) ? record.slice(0, -1) : record;
      number++;
      const order = previous === undefined ? -1 : compare.full(previous, line);
      if (order > 0 || (order === 0 && tool.has("u"))) {
        if (!quiet) tool.say(`${operand}:${number}: disorder: ${line}`);
        return 1;
      }
      previous = line;
    }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const action = error.errno === "EISDIR" ? "read failed" : "cannot read";
    return tool.die(`${action}: ${quoteName(operand)}: ${error.text}`);
  }
  return 0;
}

/** Merges inputs that are sorted already; of equal lines the earlier input's come first. */
function merge(inputs: readonly string[][], compare: (a: string, b: string) => number): string[] {
  const heads = inputs.map(() => 0);
  const result: string[] = [];
  for (;;) {
    let best = -1;
    for (let i = 0; i < inputs.length; i++) {
      const line = inputs[i]![heads[i]!];
      if (line === undefined) continue;
      if (best < 0 || compare(line, inputs[best]![heads[best]!]!) < 0) best = i;
    }
    if (best < 0) return result;
    result.push(inputs[best]![heads[best]!++]!);
  }
}
