/** dirname(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { dirName } from "./path.js";
import { defineTool } from "./tool.js";

export const dirname: Command = defineTool({ short: "z", long: { zero: "z" }, refused: "" }, (tool) => {
  if (tool.operands.length === 0) tool.usage("missing operand");
  for (const operand of tool.operands) tool.out(dirName(operand) + (tool.has("z") ? "\0" : "\n"));
});
