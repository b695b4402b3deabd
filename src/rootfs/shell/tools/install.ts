/** install(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Node } from "../../tree/node.js";
import type { Command } from "../process.js";
import { groupId, userId } from "./accounts.js";
import { backUp, backupOptions } from "./backup.js";
import { makeParents } from "./mkdir.js";
import { type ModeChange, parseMode } from "./mode.js";
import { openRead, readAll } from "./open.js";
import { baseName, dirName, joinPath } from "./path.js";
import { quoteAlways, quoteText } from "./quote.js";
import { takeTarget, targetOptions } from "./target.js";
import { defineTool, type Tool } from "./tool.js";

export const install: Command = defineTool(
  {
    short: `cdDg:m:o:pt:TvZ${backupOptions.short}`,
    long: {
      directory: "d",
      "group=": "g",
      "mode=": "m",
      "owner=": "o",
      "preserve-timestamps": "p",
      verbose: "v",
      ...targetOptions.long,
      ...backupOptions.long,
    },
    refused: "Cs",
    refusedLong: ["compare", "strip", "strip-program", "context", "preserve-context", "debug"],
  },
  (tool) => {
    const modeText = tool.value("m") ?? "755";
    const change = parseMode(modeText) ?? tool.die(`invalid mode ${quoteText(modeText)}`);
    const owner = tool.value("o");
    const group = tool.value("g");
    const { tree } = tool.process;
    const uid = owner === undefined ? undefined : userId(tree, owner);
    const gid = group === undefined ? undefined : groupId(tree, group);
    if (owner !== undefined && uid === undefined) tool.die(`invalid user ${quoteText(owner)}`);
    if (group !== undefined && gid === undefined) tool.die(`invalid group ${quoteText(group)}`);
    const finish = (node: Node, directory: boolean): undefined => {
      if (uid !== undefined) node.uid = uid;
      if (gid !== undefined) node.gid = gid;
      node.mode = change.apply(0, { directory, umask: 0 });
    };
    if (tool.has("d")) return installDirectories(tool, change, finish);
    const wanted = tool.value("t");
    if (tool.has("D") && wanted !== undefined) parents(tool, joinPath(wanted, "x"));
    if (tool.has("D") && wanted === undefined && tool.operands.length === 2) parents(tool, tool.operands[1]!);
    const { sources, directory, target } = takeTarget(tool);
    const made = new Set<string>();
    for (const source of sources) {
      const path = directory === undefined ? target! : joinPath(directory, baseName(source));
      installFile(tool, { source, target: path, made }, finish);
    }
  },
);

function installDirectories(
  tool: Tool,
  change: ModeChange,
  finish: (node: Node, directory: boolean) => void,
): undefined {
  if (tool.operands.length === 0) tool.usage("missing file operand");
  if (tool.value("t") !== undefined) tool.usage("target directory not allowed when installing a directory");
  for (const operand of tool.operands) {
    let at = operand;
    try {
      const made = makeParents(tool, operand, {
        mode: change.apply(0, { directory: true, umask: 0 }),
        reached: (path) => (at = path),
        report: (path) => {
          tool.stat(path).mode = 0o755;
          if (tool.has("v")) tool.out(`${tool.name}: creating directory ${quoteAlways(path)}\n`);
        },
      });
      if (made && tool.has("v"))
        tool.out(`${tool.name}: creating directory ${quoteAlways(operand)}
`);
      finish(tool.stat(operand), true);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tool.complain(`cannot create directory ${quoteAlways(at)}: ${error.text}`);
    }
  }
}

function parents(tool: Tool, target: string): undefined {
  const directory = dirName(target);
  try {
    const made = makeParents(tool, directory, {
      mode: 0o755,
      report: (path) => {
        tool.stat(path).mode = 0o755;
        if (tool.has("v")) tool.out(`${tool.name}: creating directory ${quoteAlways(path)}\n`);
      },
    });
    if (made && tool.has("v")) tool.out(`${tool.name}: creating directory ${quoteAlways(directory)}\n`);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.die(`cannot create directory ${quoteAlways(directory)}: Not a directory`);
  }
}

function installFile(
  tool: Tool,
  { source, target, made }: { source: string; target: string; made: Set<string> },
  finish: (node: Node, directory: boolean) => void,
): undefined {
  const { tree } = tool.process;
  let node: Node;
  try {
    node = tool.stat(source);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return tool.complain(`cannot stat ${quoteAlways(source)}: ${error.text}`);
  }
  if (node.type === "directory") return tool.complain(`omitting directory ${quoteAlways(source)}`);
  try {
    const there = tool.find(target, { follow: false });
    if (there?.type === "directory") {
      return tool.complain(
        `cannot overwrite directory ${quoteAlways(target)} with non-directory ${quoteAlways(source)}`,
      );
    }
    const path = tree.resolve(tool.absolute(target), { follow: false }).path;
    if (made.has(path)) {
      return tool.complain(`will not overwrite just-created ${quoteAlways(target)} with ${quoteAlways(source)}`);
    }
    if (there === node) {
      return tool.complain(`${quoteAlways(source)} and ${quoteAlways(target)} are the same file`);
    }
    const content = node.type === "file" ? node.content : readAll(openRead(tool.process, source));
    const backup = backUp(tool, target);
    if (there !== undefined && backup === undefined) {
      tree.unlink(path);
      if (tool.has("v")) tool.out(`removed ${quoteAlways(target)}\n`);
    }
    const copy = tree.write(tool.absolute(target), content, { mode: 0o600 });
    if (tool.has("v")) {
      const note = backup === undefined ? "" : ` (backup: ${quoteAlways(backup)})`;
      tool.out(`${quoteAlways(source)} -> ${quoteAlways(target)}${note}\n`);
    }
    finish(copy, false);
    if (tool.has("p")) copy.mtime = node.mtime;
    made.add(path);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.complain(`cannot create regular file ${quoteAlways(target)}: ${error.text}`);
  }
}
