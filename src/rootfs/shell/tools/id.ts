/** id(1) of coreutils 9.7. The caller is root with no supplementary groups of its own, but for what su starts. */
import type { Command } from "../process.js";
import { groupName, readGroups, readUsers, userName } from "./accounts.js";
import { quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const id: Command = defineTool(
  {
    short: "agGnruz",
    long: { group: "g", groups: "G", name: "n", real: "r", user: "u", zero: "z" },
    refused: "Z",
    refusedLong: ["context"],
  },
  (tool) => {
    const kinds = ["u", "g", "G"].filter((kind) => tool.has(kind));
    if (kinds.length > 1) tool.die('cannot print "only" of more than one choice');
    if (kinds.length === 0 && (tool.has("n") || tool.has("r"))) {
      tool.die("printing only names or real IDs requires -u, -g, or -G");
    }
    if (kinds.length === 0 && tool.has("z")) tool.die("option --zero not permitted in default format");
    for (const operand of tool.operands.length === 0 ? [undefined] : tool.operands) show(tool, operand, kinds[0]);
  },
);

function show(tool: Tool, operand: string | undefined, kind: string | undefined): undefined {
  const { tree } = tool.process;
  const users = readUsers(tree);
  const user =
    operand === undefined
      ? { name: userName(tree, tree.user.uid), ...tree.user }
      : (users.find((entry) => entry.name === operand) ??
        (/^\+?[0-9]+$/.test(operand) ? users.find((entry) => entry.uid === Number(operand)) : undefined));
  if (user === undefined) return tool.complain(`${quoteText(operand!)}: no such user`);
  const { name } = user;
  const groups = [user.gid];
  if (operand !== undefined || user.uid !== 0) {
    for (const group of readGroups(tree)) {
      if (name !== undefined && group.members.includes(name) && !groups.includes(group.gid)) groups.push(group.gid);
    }
  }
  const end = tool.has("z") ? "\0" : "\n";
  const numberOrName = (number: number, found: string | undefined, what: string): string => {
    if (!tool.has("n")) return String(number);
    if (found === undefined) tool.complain(`cannot find name for ${what} ID ${number}`);
    return found ?? String(number);
  };
  if (kind === "u") return tool.out(numberOrName(user.uid, userName(tree, user.uid), "user") + end);
  if (kind === "g") return tool.out(numberOrName(user.gid, groupName(tree, user.gid), "group") + end);
  if (kind === "G") {
    const list = groups.map((gid) => numberOrName(gid, groupName(tree, gid), "group"));
    return tool.out(list.join(tool.has("z") ? "\0" : " ") + end);
  }
  const named = (number: number, found: string | undefined): string =>
    found === undefined ? String(number) : `${number}(${found})`;
  const list = groups.map((gid) => named(gid, groupName(tree, gid))).join(",");
  tool.out(
    `uid=${named(user.uid, userName(tree, user.uid))} gid=${named(user.gid, groupName(tree, user.gid))} groups=${list}\n`,
  );
}
