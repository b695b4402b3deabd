/** date(1) of coreutils 9.7. The only time is the recipe's epoch, the only zone UTC. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { quoteAlways, quoteText } from "./quote.js";
import { formatDate, parseDate } from "./timestamp.js";
import { defineTool, type Tool } from "./tool.js";

export const date: Command = defineTool(
  {
    short: "d:I::r:Ru",
    long: {
      "date=": "d",
      "iso-8601?": "I",
      "reference=": "r",
      "rfc-email": "R",
      "rfc-3339=": "rfc-3339",
      utc: "u",
      universal: "u",
    },
    refused: "fs",
    refusedLong: ["file", "set", "debug", "resolution"],
  },
  (tool) => {
    const seconds = wantedTime(tool);
    const operand = tool.operands[0];
    if (tool.operands.length > 1) tool.usage(`extra operand ${quoteText(tool.operands[1]!)}`);
    if (operand !== undefined && !operand.startsWith("+"))
      tool.unsupported(`setting the clock to ${quoteText(operand)}`);
    const format = operand === undefined ? namedFormat(tool) : operand.slice(1);
    tool.out(`${formatDate(format, seconds)}\n`);
  },
);

function wantedTime(tool: Tool): number {
  const { epoch } = tool.process.system;
  const reference = tool.value("r");
  if (reference !== undefined) {
    try {
      return tool.stat(reference).mtime;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return tool.die(`${quoteAlways(reference).replace(/^'([\w./-]+)'$/, "$1")}: ${error.text}`);
    }
  }
  const text = tool.value("d");
  if (text === undefined) return epoch;
  return parseDate(text, epoch) ?? tool.unsupported(`-d ${quoteText(text)}`);
}

function namedFormat(tool: Tool): string {
  if (tool.has("R")) return "%a, %d %b %Y %H:%M:%S %z";
  const iso = tool.has("I") ? tool.value("I") || "date" : undefined;
  const rfc = tool.value("rfc-3339");
  const zone = "%:z";
  switch (iso) {
    case undefined:
      break;
    case "date":
      return "%Y-%m-%d";
    case "hours":
      return `%Y-%m-%dT%H${zone}`;
    case "minutes":
      return `%Y-%m-%dT%H:%M${zone}`;
    case "seconds":
      return `%Y-%m-%dT%H:%M:%S${zone}`;
    case "ns":
      return `%Y-%m-%dT%H:%M:%S,%N${zone}`;
    default:
      return tool.usage(`invalid argument ${quoteText(iso)} for '--iso-8601'`);
  }
  switch (rfc) {
    case undefined:
      return "%a %b %e %H:%M:%S %Z %Y";
    case "date":
      return "%Y-%m-%d";
    case "seconds":
      return `%Y-%m-%d %H:%M:%S${zone}`;
    case "ns":
      return `%Y-%m-%d %H:%M:%S.%N${zone}`;
    default:
      return tool.usage(`invalid argument ${quoteText(rfc)} for '--rfc-3339'`);
  }
}
