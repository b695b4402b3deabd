/**
 * groupadd(8), groupdel(8), groupmod(8) and gpasswd(1) of Debian's shadow 4.17.
 */
import type { Command } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";
import { appendGroup, changeLine, freeId, isAccountName, removeLine, setMembers } from "./account-change.js";
import { findLine, hasAccounts, readLines } from "./account-lines.js";

const USAGE = 2;
const BAD_ARGUMENT = 3;
const ID_IN_USE = 4;
const MISSING = 6;
const PRIMARY_GROUP = 8;
const NAME_IN_USE = 9;

export const groupadd: Command = defineTool(
  {
    short: "fg:orp:",
    long: { force: "f", "gid=": "g", "non-unique": "o", system: "r", "password=": "p" },
    refused: "hKRPU",
    refusedLong: ["key", "root", "prefix", "users"],
    usage: USAGE,
  },
  (tool) => {
    const { tree } = tool.process;
    const [name] = tool.operands;
    if (name === undefined || tool.operands.length > 1) return tool.usage("one group name is needed");
    if (!isAccountName(name)) return tool.die(`'${name}' is not a valid group name`, BAD_ARGUMENT);
    const groups = readLines(tree, "group");
    if (findLine(groups, name) !== undefined) {
      return tool.has("f") ? 0 : tool.die(`group '${name}' already exists`, NAME_IN_USE);
    }
    const given = tool.value("g");
    if (given !== undefined && !/^[0-9]+$/.test(given)) return tool.die(`invalid group ID '${given}'`, BAD_ARGUMENT);
    let gid = given === undefined ? undefined : Number(given);
    if (gid !== undefined && !tool.has("o") && groups.some((line) => Number(line[2]) === gid)) {
      if (!tool.has("f")) return tool.die(`GID '${gid}' already exists`, ID_IN_USE);
      gid = undefined;
    }
    gid ??= freeId(tree, "gid", { system: tool.has("r") });
    if (gid === undefined) return tool.die("Can't get unique GID (no more available GIDs)", ID_IN_USE);
    appendGroup(tree, { name, gid, password: tool.value("p") });
    return 0;
  },
);

export const groupdel: Command = defineTool(
  { short: "f", long: { force: "f" }, refused: "hRP", refusedLong: ["root", "prefix"], usage: USAGE },
  (tool) => {
    const { tree } = tool.process;
    const [name] = tool.operands;
    if (name === undefined) return tool.usage("one group name is needed");
    const line = findLine(readLines(tree, "group"), name);
    if (line === undefined) return tool.die(`group '${name}' does not exist`, MISSING);
    const user = readLines(tree, "passwd").find((other) => other[3] === line[2]);
    if (user !== undefined && !tool.has("f"))
      return tool.die(`cannot remove the primary group of user '${user[0]}'`, PRIMARY_GROUP);
    removeLine(tree, { file: "group", name });
    removeLine(tree, { file: "gshadow", name });
    return 0;
  },
);

export const groupmod: Command = defineTool(
  {
    short: "g:n:op:",
    long: { "gid=": "g", "new-name=": "n", "non-unique": "o", "password=": "p" },
    refused: "haRPU",
    refusedLong: ["append", "root", "prefix", "users"],
    usage: USAGE,
  },
  (tool) => {
    const { tree } = tool.process;
    const [name] = tool.operands;
    if (name === undefined) return tool.usage("one group name is needed");
    const groups = readLines(tree, "group");
    const line = findLine(groups, name);
    if (line === undefined) return tool.die(`group '${name}' does not exist`, MISSING);
    const [gid, newName, password] = [tool.value("g"), tool.value("n"), tool.value("p")];
    if (gid !== undefined && !/^[0-9]+$/.test(gid)) return tool.die(`invalid group ID '${gid}'`, BAD_ARGUMENT);
    if (gid !== undefined && gid !== line[2] && !tool.has("o") && groups.some((other) => other[2] === gid)) {
      return tool.die(`GID '${gid}' already exists`, ID_IN_USE);
    }
    if (newName !== undefined && newName !== name && findLine(groups, newName) !== undefined) {
      return tool.die(`group '${newName}' already exists`, NAME_IN_USE);
    }
    const shadowed = findLine(readLines(tree, "gshadow"), name) !== undefined;
    changeLine(tree, { file: "group", name }, (old) => [
      newName ?? name,
      shadowed ? old[1]! : (password ?? old[1]!),
      gid ?? old[2]!,
      old[3] ?? "",
    ]);
    if (newName !== undefined || password !== undefined) {
      changeLine(tree, { file: "gshadow", name }, (old) => [newName ?? name, password ?? old[1]!, ...old.slice(2)]);
    }
    if (gid === undefined || gid === line[2]) return 0;
    for (const user of readLines(tree, "passwd").filter((other) => other[3] === line[2])) {
      changeLine(tree, { file: "passwd", name: user[0]! }, (old) => [...old.slice(0, 3), gid, ...old.slice(4)]);
    }
    return 0;
  },
);

export const gpasswd: Command = defineTool(
  {
    short: "a:d:M:",
    long: { "add=": "a", "delete=": "d", "members=": "M" },
    refused: "hQrRA",
    refusedLong: ["root", "remove-password", "restrict", "administrators"],
    usage: USAGE,
  },
  (tool) => {
    const { tree } = tool.process;
    const [group] = tool.operands;
    if (group === undefined) return tool.usage("one group name is needed");
    const [added, removed, all] = [tool.value("a"), tool.value("d"), tool.value("M")];
    if (added === undefined && removed === undefined && all === undefined) tool.unsupported("without -a, -d or -M");
    if (findLine(readLines(tree, "group"), group) === undefined)
      return tool.die(`group '${group}' does not exist in /etc/group`, BAD_ARGUMENT);
    const users = all?.split(",").filter((name) => name !== "") ?? [added ?? removed!];
    for (const user of users) {
      if (findLine(readLines(tree, "passwd"), user) === undefined)
        return tool.die(`user '${user}' does not exist`, BAD_ARGUMENT);
    }
    if (added !== undefined) tool.out(`Adding user ${added} to group ${group}\n`);
    if (removed !== undefined) tool.out(`Removing user ${removed} from group ${group}\n`);
    const member = (name: string): boolean => {
      const line = findLine(readLines(tree, "group"), group)!;
      return (line[3] ?? "").split(",").includes(name);
    };
    if (removed !== undefined && !member(removed))
      return tool.die(`user '${removed}' is not a member of '${group}'`, BAD_ARGUMENT);
    setMembers(tree, (name, members) => {
      if (name !== group) return members;
      if (all !== undefined) return users;
      if (removed !== undefined) return members.filter((one) => one !== removed);
      return members.includes(added!) ? members : [...members, added!];
    });
    return hasAccounts(tree, "group") ? 0 : 1;
  },
);
