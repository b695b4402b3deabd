/** rmdir(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { quoteAlways } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const rmdir: Command = defineTool(
  {
    short: "pv",
    long: { parents: "p", verbose: "v", "ignore-fail-on-non-empty": "ignore" },
    refused: "",
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    for (const operand of tool.operands) {
      let path = operand;
      while (removeOne(tool, path, path !== operand) && tool.has("p")) {
        const slash = path.replace(/\/+$/, "").lastIndexOf("/");
        if (slash < 0) break;
        path = path.slice(0, slash).replace(/\/+$/, "");
        if (path === "") break;
      }
    }
  },
);

function removeOne(tool: Tool, path: string, parent: boolean): boolean {
  if (tool.has("v")) tool.out(`${tool.name}: removing directory, ${quoteAlways(path)}\n`);
  try {
    if (/(^|\/)\.\/*$/.test(path)) throw new FileSystemError("EINVAL", path);
    if (tool.find(path, { follow: false })?.type === "symlink") throw new FileSystemError("ENOTDIR", path);
    tool.process.tree.rmdir(tool.absolute(path));
    return true;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (error.errno === "ENOTEMPTY" && tool.has("ignore")) return false;
    tool.complain(`failed to remove ${parent ? "directory " : ""}${quoteAlways(path)}: ${error.text}`);
    return false;
  }
}
