/** tee(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command, Stream } from "../process.js";
import { openWrite } from "./open.js";
import { quoteName } from "./quote.js";
import { defineTool } from "./tool.js";

export const tee: Command = defineTool(
  { short: "aip", long: { append: "a", "ignore-interrupts": "i", "output-error?": "p" }, refused: "" },
  (tool) => {
    const outputs: Stream[] = [tool.process.stdout];
    for (const operand of tool.operands) {
      try {
        outputs.push(openWrite(tool.process, operand, tool.has("a") ? "append" : "write"));
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.complain(`${quoteName(operand)}: ${error.text}`);
      }
    }
    const { stdin } = tool.process;
    for (let part = stdin.read(65536); part !== ""; part = stdin.read(65536)) {
      for (const output of outputs) output.write(part);
    }
  },
);
