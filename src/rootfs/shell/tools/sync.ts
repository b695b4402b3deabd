/** sync(1) of coreutils 9.7: nothing is cached, so only missing operands matter. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { quoteAlways } from "./quote.js";
import { defineTool } from "./tool.js";

export const sync: Command = defineTool(
  { short: "df", long: { data: "d", "file-system": "f" }, refused: "" },
  (tool) => {
    for (const operand of tool.operands) {
      try {
        tool.stat(operand);
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.complain(`error opening ${quoteAlways(operand)}: ${error.text}`);
      }
    }
  },
);
