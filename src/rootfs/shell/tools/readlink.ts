/** readlink(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { canonicalize } from "./path.js";
import { quoteName } from "./quote.js";
import { defineTool } from "./tool.js";

export const readlink: Command = defineTool(
  {
    short: "femnqsvz",
    long: {
      canonicalize: "f",
      "canonicalize-existing": "e",
      "canonicalize-missing": "m",
      "no-newline": "n",
      quiet: "q",
      silent: "s",
      verbose: "v",
      zero: "z",
    },
    refused: "",
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    const mode = tool.options.findLast((option) => "fem".includes(option.name))?.name;
    let noNewline = tool.has("n");
    if (noNewline && tool.operands.length > 1) {
      tool.say("ignoring --no-newline with multiple arguments");
      noNewline = false;
    }
    const end = noNewline ? "" : tool.has("z") ? "\0" : "\n";
    const verbose = tool.options.findLast((option) => "vqs".includes(option.name))?.name === "v";
    for (const operand of tool.operands) {
      try {
        if (mode !== undefined) {
          const existing = mode === "e" ? "all" : mode === "f" ? "all-but-last" : "none";
          tool.out(canonicalize(tool.process.tree, tool.absolute(operand), existing) + end);
          continue;
        }
        const node = tool.lstat(operand);
        if (node.type !== "symlink") throw new FileSystemError("EINVAL", operand);
        tool.out(node.target + end);
      } catch (error) {
        if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
        if (verbose) tool.say(`${quoteName(operand)}: ${error.text}`);
        tool.status = 1;
      }
    }
  },
);
