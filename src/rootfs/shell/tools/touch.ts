/** touch(1) of coreutils 9.7. There is only one time stamp, that of modification; "now" is the recipe's epoch. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { openWrite } from "./open.js";
import { quoteAlways, quoteText } from "./quote.js";
import { parseDate, parseTouchTime } from "./timestamp.js";
import { defineTool, type Tool } from "./tool.js";

export const touch: Command = defineTool(
  {
    short: "acd:fhmr:t:",
    long: {
      "no-create": "c",
      "date=": "d",
      "no-dereference": "h",
      "reference=": "r",
      "time=": "time",
    },
    refused: "",
  },
  (tool) => {
    const time = wantedTime(tool);
    if (tool.operands.length === 0) tool.usage("missing file operand");
    const onlyAccess = (tool.has("a") || /^(atime|access|use)$/.test(tool.value("time") ?? "")) && !tool.has("m");
    for (const operand of tool.operands) {
      if (operand === "-") continue;
      try {
        const existing = tool.find(operand, { follow: !tool.has("h") });
        if (existing !== undefined) {
          if (operand.endsWith("/")) tool.stat(operand);
          if (!onlyAccess) existing.mtime = time;
          continue;
        }
        if (tool.has("c") || tool.has("h")) {
          // A file that is not there is no error under -c, but a path through a file is.
          if (tool.has("h") && !tool.has("c")) throw new FileSystemError("ENOENT", operand);
          continue;
        }
        openWrite(tool.process, operand);
        if (!onlyAccess) tool.stat(operand).mtime = time;
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.complain(
          tool.has("h") || operand.endsWith("/")
            ? `setting times of ${quoteAlways(operand)}: ${error.text}`
            : `cannot touch ${quoteAlways(operand)}: ${error.text}`,
        );
      }
    }
  },
);

function wantedTime(tool: Tool): number {
  const { epoch } = tool.process.tree;
  const reference = tool.value("r");
  const date = tool.value("d");
  const stamp = tool.value("t");
  if (reference !== undefined) {
    if (date !== undefined || stamp !== undefined) tool.unsupported("-r with another time");
    try {
      return (tool.has("h") ? tool.lstat(reference) : tool.stat(reference)).mtime;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tool.die(`failed to get attributes of ${quoteAlways(reference)}: ${error.text}`);
    }
  }
  if (date !== undefined) return parseDate(date, epoch) ?? tool.unsupported(`-d ${quoteText(date)}`);
  if (stamp !== undefined) return parseTouchTime(stamp, epoch) ?? tool.die(`invalid date format ${quoteText(stamp)}`);
  return epoch;
}
