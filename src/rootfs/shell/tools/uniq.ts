/** uniq(1) of coreutils 9.7 in the C locale. */

import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { openInput, records } from "./inputs.js";
import { openWrite } from "./open.js";
import { quoteName, quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const uniq: Command = defineTool(
  {
    short: "cdDf:is:uw:z",
    long: {
      count: "c",
      repeated: "d",
      "all-repeated?": "D",
      "skip-fields=": "f",
      "ignore-case": "i",
      "skip-chars=": "s",
      unique: "u",
      "check-chars=": "w",
      "zero-terminated": "z",
    },
    refused: "",
    refusedLong: ["group"],
  },
  (tool) => {
    const [input = "-", output = "-"] = tool.operands;
    if (tool.operands.length > 2) tool.usage(`extra operand ${quoteText(tool.operands[2]!)}`);
    if (tool.has("D") && tool.has("c")) {
      tool.usage("printing all duplicated lines and repeat counts is meaningless");
    }
    const separate = tool.value("D") || "none";
    if (!/^(none|prepend|separate)$/.test(separate))
      tool.usage(`invalid argument ${quoteText(separate)} for '--all-repeated'`);
    const keyOf = makeKey(tool);
    const terminator = tool.has("z") ? "\0" : "\n";
    let name = input;
    try {
      const stream = openInput(tool, input);
      name = output;
      const sink = output === "-" ? tool.process.stdout : openWrite(tool.process, output);
      name = input;
      let group: string[] = [];
      let key: string | undefined;
      let groups = 0;
      const flush = (): undefined => {
        const [line] = group;
        if (line === undefined) return;
        const repeated = group.length > 1;
        if (tool.has("D")) {
          if (!repeated || tool.has("u")) return;
          if (separate === "prepend" || (separate === "separate" && groups > 0)) sink.write(terminator);
          groups++;
          sink.write(group.map((item) => item + terminator).join(""));
          return;
        }
        if ((tool.has("d") && !repeated) || (tool.has("u") && repeated)) return;
        sink.write((tool.has("c") ? `${String(group.length).padStart(7)} ` : "") + line + terminator);
      };
      for (const record of records(stream, terminator)) {
        const line = record.endsWith(terminator) ? record.slice(0, -1) : record;
        const own = keyOf(line);
        if (own !== key) {
          flush();
          group = [];
          key = own;
        }
        // Only -D prints every line; otherwise a count is enough, but groups are short.
        group.push(line);
      }
      flush();
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
      tool.complain(
        error.errno === "EISDIR"
          ? `error reading ${quoteText(name)}: ${error.text}`
          : `${quoteName(name)}: ${error.text}`,
      );
    }
  },
);

function makeKey(tool: Tool): (line: string) => string {
  const number = (option: string, what: string): number | undefined => {
    const text = tool.value(option);
    if (text === undefined) return undefined;
    if (!/^[0-9]+$/.test(text)) tool.die(`${text}: invalid number of ${what}`);
    return Number(text);
  };
  const fields = number("f", "fields to skip") ?? 0;
  const skipped = number("s", "bytes to skip") ?? 0;
  const compared = number("w", "bytes to compare");
  const fieldPattern = new RegExp(`^(?:[ \\t\\n]*[^ \\t\\n]*){${Math.min(fields, 1000)}}`);
  return (line) => {
    let rest = fields > 0 ? line.slice(fieldPattern.exec(line)?.[0].length ?? 0) : line;
    rest = rest.slice(skipped, compared === undefined ? undefined : skipped + compared);
    return tool.has("i") ? rest.replace(/[A-Z]/g, (c) => c.toLowerCase()) : rest;
  };
}
