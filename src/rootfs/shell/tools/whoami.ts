/** whoami(1) of coreutils 9.7: the user who acts, by the name the tree gives it. */
import type { Command } from "../process.js";
import { userName } from "./accounts.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const whoami: Command = defineTool({ refused: "" }, (tool) => {
  if (tool.operands.length > 0) tool.usage(`extra operand ${quoteText(tool.operands[0]!)}`);
  const { tree } = tool.process;
  const name = userName(tree, tree.user.uid);
  if (name === undefined) tool.die(`cannot find name for user ID ${tree.user.uid}`);
  tool.out(`${name}\n`);
});
