/** rm(1) of coreutils 9.7. Never asks: nothing is write-protected for root. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Node } from "../../tree/node.js";
import { sortedEntries } from "../../tree/node.js";
import type { Command } from "../process.js";
import { baseName, joinPath } from "./path.js";
import { quoteAlways } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const rm: Command = defineTool(
  {
    short: "dfrRv",
    long: {
      force: "f",
      recursive: "r",
      dir: "d",
      verbose: "v",
      "one-file-system": "x",
      "preserve-root": "preserve",
      "no-preserve-root": "no-preserve",
    },
    refused: "iI",
    refusedLong: ["interactive"],
  },
  (tool) => {
    const force = tool.has("f");
    const recursive = tool.has("r") || tool.has("R");
    if (tool.operands.length === 0) {
      if (force) return;
      tool.usage("missing operand");
    }
    for (const operand of tool.operands) {
      const name = baseName(operand);
      try {
        const node = tool.lstat(operand);
        if (node.type === "directory" && recursive && (name === "." || name === "..")) {
          tool.complain(`refusing to remove '.' or '..' directory: skipping ${quoteAlways(operand)}`);
          continue;
        }
        if (node === tool.process.tree.root && recursive) {
          if (tool.has("no-preserve")) tool.unsupported("--no-preserve-root");
          tool.complain(
            operand === "/"
              ? "it is dangerous to operate recursively on '/'"
              : `it is dangerous to operate recursively on ${quoteAlways(operand)} (same as '/')`,
          );
          tool.say("use --no-preserve-root to override this failsafe");
          continue;
        }
        remove(tool, operand, { node, recursive });
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        if (force && (error.errno === "ENOENT" || error.errno === "ENOTDIR")) continue;
        tool.complain(`cannot remove ${quoteAlways(operand)}: ${error.text}`);
      }
    }
  },
);

function remove(tool: Tool, path: string, { node, recursive }: { node: Node; recursive: boolean }): undefined {
  const { tree } = tool.process;
  if (node.type !== "directory") {
    tree.unlink(tool.absolute(path));
    if (tool.has("v")) tool.out(`removed ${quoteAlways(path)}\n`);
    return;
  }
  if (!recursive) {
    if (!tool.has("d")) throw new FileSystemError("EISDIR", path);
    tree.rmdir(tool.absolute(path));
    if (tool.has("v")) tool.out(`removed directory ${quoteAlways(path)}\n`);
    return;
  }
  for (const [name, child] of sortedEntries(node)) remove(tool, joinPath(path, name), { node: child, recursive });
  tree.rmdir(tool.absolute(path.replace(/(?<=.)\/+$/, "")));
  if (tool.has("v")) tool.out(`removed directory ${quoteAlways(path)}\n`);
}
