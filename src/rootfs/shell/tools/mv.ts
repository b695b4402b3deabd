/** mv(1) of coreutils 9.7: one tree is one file system, so it always renames. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { backUp, backupOptions } from "./backup.js";
import type { CopyOptions } from "./copy.js";
import { updateMode } from "./cp.js";
import { baseName, joinPath } from "./path.js";
import { quoteAlways } from "./quote.js";
import { takeTarget, targetOptions } from "./target.js";
import { defineTool, type Tool } from "./tool.js";

export const mv: Command = defineTool(
  {
    short: `fnt:TuvZ${backupOptions.short}`,
    long: {
      force: "f",
      "no-clobber": "n",
      "update?": "u",
      verbose: "v",
      "strip-trailing-slashes": "strip",
      "no-copy": "no-copy",
      ...targetOptions.long,
      ...backupOptions.long,
    },
    refused: "i",
    refusedLong: ["interactive", "context", "debug", "exchange"],
  },
  (tool) => {
    let existing: CopyOptions["existing"] = "replace";
    for (const { name, value, hasValue } of tool.options) {
      if (name === "n") existing = "keep";
      if (name === "f") existing = "replace";
      if (name === "u") existing = updateMode(tool, value, hasValue);
    }
    const { sources, directory, target } = takeTarget(tool);
    const made = new Set<string>();
    for (const operand of sources) {
      const source = tool.has("strip") ? operand.replace(/(?<=.)\/+$/, "") : operand;
      const path = directory === undefined ? target! : joinPath(directory, baseName(source));
      move(tool, { source, target: path }, { existing, made });
    }
  },
);

function move(
  tool: Tool,
  { source, target }: { source: string; target: string },
  { existing, made }: { existing: CopyOptions["existing"]; made: Set<string> },
): undefined {
  const { tree } = tool.process;
  try {
    const node = tool.lstat(source);
    const there = tool.find(target, { follow: false });
    if (source.endsWith("/") && tool.find(stripSlashes(source), { follow: false })?.type === "symlink") {
      return tool.complain(`cannot move ${quoteAlways(source)} to ${quoteAlways(target)}: Not a directory`);
    }
    if (node.type !== "directory" && target.endsWith("/") && there?.type !== "directory") {
      return tool.complain(
        there === undefined && tool.find(stripSlashes(target)) === undefined
          ? `cannot move ${quoteAlways(source)} to ${quoteAlways(target)}: Not a directory`
          : `cannot stat ${quoteAlways(target)}: Not a directory`,
      );
    }
    const from = tree.resolve(tool.absolute(stripSlashes(source)), { follow: false }).path;
    const to =
      there === undefined ? undefined : tree.resolve(tool.absolute(stripSlashes(target)), { follow: false }).path;
    if (there !== undefined) {
      if (existing === "keep") return;
      if (existing === "keep-and-fail") return tool.complain(`not replacing ${quoteAlways(target)}`);
      if (existing === "older" && there.mtime >= node.mtime) return;
      const same = from === to || (there === node && node.type === "file" && !tool.has("b"));
      if (same) return tool.complain(`${quoteAlways(source)} and ${quoteAlways(target)} are the same file`);
      if (to !== undefined && made.has(to) && there.type !== "directory") {
        return tool.complain(`will not overwrite just-created ${quoteAlways(target)} with ${quoteAlways(source)}`);
      }
      if (there.type === "directory" && node.type !== "directory") {
        return tool.complain(
          `cannot overwrite directory ${quoteAlways(target)} with non-directory ${quoteAlways(source)}`,
        );
      }
      if (there.type !== "directory" && node.type === "directory") {
        return tool.complain(
          `cannot overwrite non-directory ${quoteAlways(target)} with directory ${quoteAlways(source)}`,
        );
      }
    }
    const backup = backUp(tool, target);
    tree.rename(from, tool.absolute(stripSlashes(target)));
    made.add(tree.resolve(tool.absolute(stripSlashes(target)), { follow: false }).path);
    if (tool.has("v")) {
      const note = backup === undefined ? "" : ` (backup: ${quoteAlways(backup)})`;
      tool.out(`renamed ${quoteAlways(source)} -> ${quoteAlways(target)}${note}\n`);
    }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (tool.find(source, { follow: false }) === undefined) {
      return tool.complain(`cannot stat ${quoteAlways(source)}: ${error.text}`);
    }
    if (error.errno === "ENOTDIR") return tool.complain(`cannot stat ${quoteAlways(target)}: ${error.text}`);
    if (error.errno === "EINVAL") {
      return tool.complain(`cannot move ${quoteAlways(source)} to a subdirectory of itself, ${quoteAlways(target)}`);
    }
    if (error.errno === "ENOTEMPTY") return tool.complain(`cannot overwrite ${quoteAlways(target)}: ${error.text}`);
    tool.complain(`cannot move ${quoteAlways(source)} to ${quoteAlways(target)}: ${error.text}`);
  }
}

function stripSlashes(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}
