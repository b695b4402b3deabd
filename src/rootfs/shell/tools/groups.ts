/** groups(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { groupName, readGroups, readUsers } from "./accounts.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const groups: Command = defineTool({ refused: "" }, (tool) => {
  const { tree } = tool.process;
  if (tool.operands.length === 0 && tree.user.uid !== 0) tool.unsupported("for another user than root");
  if (tool.operands.length === 0) return tool.out(`${groupName(tree, 0) ?? "0"}\n`);
  for (const operand of tool.operands) {
    const user = readUsers(tree).find((entry) => entry.name === operand);
    if (user === undefined) {
      tool.complain(`${quoteText(operand)}: no such user`);
      continue;
    }
    const gids = new Set([user.gid]);
    for (const group of readGroups(tree)) if (group.members.includes(operand)) gids.add(group.gid);
    tool.out(`${operand} : ${[...gids].map((gid) => groupName(tree, gid) ?? String(gid)).join(" ")}\n`);
  }
});
