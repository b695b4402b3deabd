/** sleep(1) of coreutils 9.7: no time passes here, so it only checks its arguments. */
import type { Command } from "../process.js";
import { defineTool } from "./tool.js";

export const sleep: Command = defineTool({ refused: "" }, (tool) => {
  if (tool.operands.length === 0) tool.usage("missing operand");
  for (const operand of tool.operands) {
    if (/^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?[smhd]?$/i.test(operand) || /^(inf|infinity)$/i.test(operand)) continue;
    tool.say(`invalid time interval '${operand}'`);
    tool.status = 1;
  }
  if (tool.status !== 0) tool.process.stderr.write(`Try '${tool.name} --help' for more information.\n`);
  if (tool.operands.some((operand) => /^inf/i.test(operand))) tool.unsupported("infinity");
});
