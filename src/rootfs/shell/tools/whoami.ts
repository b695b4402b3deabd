/** whoami(1) of coreutils 9.7: root, by the name the tree gives it. */
import type { Command } from "../process.js";
import { userName } from "./accounts.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const whoami: Command = defineTool({ refused: "" }, (tool) => {
  if (tool.operands.length > 0) tool.usage(`extra operand ${quoteText(tool.operands[0]!)}`);
  const name = userName(tool.process.tree, 0);
  if (name === undefined) tool.die("cannot find name for user ID 0");
  tool.out(`${name}\n`);
});
