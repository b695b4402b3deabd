/** chown(1) and chgrp(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import { type Node, sortedEntries } from "../../tree/node.js";
import type { Command } from "../process.js";
import { groupId, groupName, readUsers, userId, userName } from "./accounts.js";
import { joinPath } from "./path.js";
import { quoteAlways, quoteText } from "./quote.js";
import { defineTool, type Tool, type ToolSpec } from "./tool.js";

interface Ownership {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

const SPEC: ToolSpec = {
  short: "cfhRvHLP",
  long: {
    changes: "c",
    silent: "f",
    quiet: "f",
    verbose: "v",
    dereference: "dereference",
    "no-dereference": "h",
    "from=": "from",
    "no-preserve-root": "no-preserve",
    "preserve-root": "preserve",
    "reference=": "reference",
    recursive: "R",
  },
  refused: "",
};

export const chown: Command = defineTool(SPEC, (tool) => changeOwners(tool, (text) => parseOwner(tool, text)));

export const chgrp: Command = defineTool(SPEC, (tool) =>
  changeOwners(
    tool,
    (text) => {
      if (text === "") return { uid: undefined, gid: undefined };
      const gid = groupId(tool.process.tree, text);
      return gid === undefined ? tool.die(`invalid group: ${quoteText(text)}`) : { uid: undefined, gid };
    },
    true,
  ),
);

function changeOwners(tool: Tool, parse: (text: string) => Ownership, groupOnly = false): undefined {
  const operands = [...tool.operands];
  const reference = tool.value("reference");
  let wanted: Ownership;
  if (reference !== undefined) {
    if (operands.length === 0) tool.usage("missing operand");
    try {
      const { uid, gid } = tool.stat(reference);
      wanted = groupOnly ? { uid: undefined, gid } : { uid, gid };
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return tool.die(`failed to get attributes of ${quoteAlways(reference)}: ${error.text}`);
    }
  } else {
    const text = operands.shift();
    if (text === undefined) return tool.usage("missing operand");
    if (operands.length === 0) return tool.usage(`missing operand after ${quoteText(text)}`);
    wanted = parse(text);
  }
  const from = tool.value("from");
  const required = from === undefined ? undefined : parseOwner(tool, from);
  const walk = tool.options.findLast((option) => "HLP".includes(option.name))?.name ?? "P";
  if (walk === "L" && tool.has("R")) tool.unsupported("-L");
  for (const operand of operands) {
    if (tool.has("R") && tool.has("preserve") && tool.find(operand) === tool.process.tree.root) {
      tool.complain("it is dangerous to operate recursively on '/'");
      tool.say("use --no-preserve-root to override this failsafe");
      continue;
    }
    change(tool, operand, {
      wanted,
      required,
      follow: tool.has("R") ? walk === "H" && !tool.has("h") : !tool.has("h"),
      commandLine: true,
    });
  }
}

/** OWNER, OWNER:GROUP, OWNER: (login group) or :GROUP; a dot separates only where no user has that name. */
function parseOwner(tool: Tool, text: string): Ownership {
  const { tree } = tool.process;
  const parse = (user: string, group: string | undefined): Ownership | string => {
    const uid = user === "" ? undefined : userId(tree, user);
    if (user !== "" && uid === undefined) return "invalid user";
    if (group === undefined) return { uid, gid: undefined };
    if (group !== "") {
      const gid = groupId(tree, group);
      return gid === undefined ? "invalid group" : { uid, gid };
    }
    if (user === "") return { uid, gid: undefined };
    const login = readUsers(tree).find((entry) => entry.name === user);
    return login === undefined ? "invalid spec" : { uid, gid: login.gid };
  };
  const colon = text.indexOf(":");
  let result = colon < 0 ? parse(text, undefined) : parse(text.slice(0, colon), text.slice(colon + 1));
  const dot = text.indexOf(".");
  if (typeof result === "string" && colon < 0 && dot >= 0) {
    const dotted = parse(text.slice(0, dot), text.slice(dot + 1));
    if (typeof dotted !== "string") {
      tool.say(`warning: '.' should be ':': ${quoteText(text)}`);
      result = dotted;
    }
  }
  return typeof result === "string" ? tool.die(`${result}: ${quoteText(text)}`) : result;
}

function change(
  tool: Tool,
  path: string,
  options: {
    readonly wanted: Ownership;
    readonly required: Ownership | undefined;
    readonly follow: boolean;
    readonly commandLine: boolean;
  },
): undefined {
  const { wanted, required } = options;
  let node: Node;
  try {
    const link = tool.lstat(path);
    if (link.type === "symlink" && options.follow) {
      const target = tool.find(path);
      if (target === undefined) {
        if (!tool.has("f")) tool.say(`cannot dereference ${quoteAlways(path)}: No such file or directory`);
        tool.status = 1;
        return;
      }
      node = target;
    } else node = link;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (!tool.has("f")) tool.say(`cannot access ${quoteAlways(path)}: ${error.text}`);
    tool.status = 1;
    return;
  }
  const entered = options.commandLine || tool.find(path, { follow: false })?.type === "directory";
  if (tool.has("R") && node.type === "directory" && entered) {
    for (const [name] of sortedEntries(node)) change(tool, joinPath(path, name), { ...options, commandLine: false });
  }
  const applies =
    required === undefined ||
    ((required.uid === undefined || required.uid === node.uid) &&
      (required.gid === undefined || required.gid === node.gid));
  if (!applies) return;
  const isChgrp = tool.name.endsWith("chgrp");
  const before = isChgrp || wanted.uid !== undefined ? nameOf(tool, node, wanted) : ownersOf(tool, node);
  const changed =
    (wanted.uid !== undefined && wanted.uid !== node.uid) || (wanted.gid !== undefined && wanted.gid !== node.gid);
  if (wanted.uid !== undefined) node.uid = wanted.uid;
  if (wanted.gid !== undefined) node.gid = wanted.gid;
  if (node.type === "file" && (wanted.uid !== undefined || wanted.gid !== undefined)) dropPrivileges(node);
  if (tool.has("v") || (tool.has("c") && changed)) {
    const after = `${isChgrp || wanted.uid !== undefined ? "" : ":"}${nameOf(tool, node, wanted)}`;
    const what = isChgrp ? "group" : "ownership";
    tool.out(
      changed
        ? `changed ${what} of ${quoteAlways(path)} from ${before} to ${after}\n`
        : `${what} of ${quoteAlways(path)} retained as ${after}\n`,
    );
  }
}

/** Linux takes set-id bits and capabilities away when a file changes hands, root's doing or not (fs/open.c, chown_common). */
function dropPrivileges(node: Node): undefined {
  node.mode &= node.mode & 0o010 ? ~0o6000 : ~0o4000;
  node.xattrs?.delete("security.capability");
}

function ownersOf(tool: Tool, node: Node): string {
  return nameOf(tool, node, { uid: node.uid, gid: node.gid });
}

function nameOf(tool: Tool, node: Node, wanted: Ownership): string {
  const { tree } = tool.process;
  const user = userName(tree, node.uid) ?? String(node.uid);
  const group = groupName(tree, node.gid) ?? String(node.gid);
  if (wanted.uid === undefined) return group;
  return wanted.gid === undefined ? user : `${user}:${group}`;
}
