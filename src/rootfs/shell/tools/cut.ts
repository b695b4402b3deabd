/** cut(1) of coreutils 9.7 in the C locale. */
import type { Command } from "../process.js";
import { eachInput, records } from "./inputs.js";
import { quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const cut: Command = defineTool(
  {
    short: "b:c:d:f:nsz",
    long: {
      "bytes=": "b",
      "characters=": "c",
      "delimiter=": "d",
      "fields=": "f",
      "only-delimited": "s",
      "output-delimiter=": "output",
      complement: "complement",
      "zero-terminated": "z",
    },
    refused: "",
  },
  (tool) => {
    const lists = tool.options.filter((option) => "bcf".includes(option.name));
    if (lists.length === 0) tool.usage("you must specify a list of bytes, characters, or fields");
    if (lists.length > 1) tool.usage("only one list may be specified");
    const byFields = lists[0]!.name === "f";
    const delimiter = tool.value("d");
    if (delimiter !== undefined && delimiter.length > 1) tool.usage("the delimiter must be a single character");
    if (!byFields && delimiter !== undefined)
      tool.usage("an input delimiter may be specified only when operating on fields");
    if (!byFields && tool.has("s")) {
      tool.usage("suppressing non-delimited lines makes sense\n\tonly when operating on fields");
    }
    const ranges = readList(tool, lists[0]!.value, byFields);
    const terminator = tool.has("z") ? "\0" : "\n";
    const cutLine = byFields ? fieldCutter(tool, ranges, terminator) : byteCutter(tool, ranges);
    eachInput(tool, (stream) => {
      for (const record of records(stream, terminator)) {
        const line = record.endsWith(terminator) ? record.slice(0, -1) : record;
        const result = cutLine(line);
        if (result !== undefined) tool.out(result + terminator);
      }
    });
  },
);

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Sorted, merged where they overlap, and turned around for --complement. */
function readList(tool: Tool, list: string, byFields: boolean): Range[] {
  const what = byFields ? "field" : "byte/character";
  const ranges: Range[] = [];
  for (const part of list.split(/[, \t]/)) {
    const match = /^([0-9]*)(-?)([0-9]*)$/.exec(part);
    if (match === null) {
      return tool.usage(
        byFields
          ? `invalid field value ${quoteText(part.replace(/^[0-9-]*/, ""))}`
          : `invalid byte/character position ${quoteText(part.replace(/^[0-9-]*/, ""))}`,
      );
    }
    if (part === "-") return tool.usage("invalid range with no endpoint: -");
    if (
      part === "" ||
      Number(match[1] || 1) === 0 ||
      (match[2] === "-" && match[3] !== "" && Number(match[3]) === 0 && match[1] === "")
    ) {
      return tool.usage(byFields ? "fields are numbered from 1" : "byte/character positions are numbered from 1");
    }
    const from = Number(match[1] || 1);
    const to = match[2] === "" ? from : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (to < from) return tool.usage("invalid decreasing range");
    ranges.push({ from, to });
  }
  if (ranges.length === 0) return tool.usage(`missing list of ${what}s`);
  ranges.sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  if (!tool.has("complement")) return merged;
  const inverted: Range[] = [];
  let next = 1;
  for (const { from, to } of merged) {
    if (from > next) inverted.push({ from: next, to: from - 1 });
    next = to + 1;
  }
  if (next !== Number.POSITIVE_INFINITY) inverted.push({ from: next, to: Number.POSITIVE_INFINITY });
  return inverted;
}

function byteCutter(tool: Tool, ranges: readonly Range[]): (line: string) => string {
  const separator = tool.value("output") ?? "";
  return (line) =>
    ranges
      .filter(({ from }) => from <= line.length)
      .map(({ from, to }) => line.slice(from - 1, to))
      .join(separator);
}

function fieldCutter(tool: Tool, ranges: readonly Range[], terminator: string): (line: string) => string | undefined {
  const delimiter = tool.value("d") === "" ? "\0" : (tool.value("d") ?? "\t");
  const separator = tool.value("output") ?? delimiter;
  if (delimiter === terminator) return tool.unsupported("-d with the line terminator");
  return (line) => {
    const fields = line.split(delimiter);
    if (fields.length === 1) return tool.has("s") ? undefined : line;
    const kept: string[] = [];
    for (const { from, to } of ranges)
      for (let i = from; i <= Math.min(to, fields.length); i++) kept.push(fields[i - 1]!);
    return kept.join(separator);
  };
}
