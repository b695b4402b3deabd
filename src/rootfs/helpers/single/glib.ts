/**
 * gio-querymodules(1) where there are no modules.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

function entriesOf(tool: Tool, path: string): string[] | undefined {
  const node = tool.find(path);
  return node?.type === "directory" ? [...node.entries.keys()] : undefined;
}

export const gioQuerymodules: Command = defineTool({}, (tool) => {
  for (const directory of tool.operands) {
    const names = entriesOf(tool, directory) ?? [];
    if (names.some((name) => name.endsWith(".so"))) tool.unsupported(directory);
    if (names.includes("giomodule.cache")) tool.process.tree.unlink(`${tool.absolute(directory)}/giomodule.cache`);
  }
  return 0;
});
