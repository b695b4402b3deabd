/**
 * glib-compile-schemas(1) and gio-querymodules(1) where there is nothing to compile.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

function entriesOf(tool: Tool, path: string): string[] | undefined {
  const node = tool.find(path);
  return node?.type === "directory" ? [...node.entries.keys()] : undefined;
}

export const glibCompileSchemas: Command = defineTool({}, (tool) => {
  const [directory] = tool.operands;
  if (directory === undefined || tool.operands.length > 1) return tool.unsupported(tool.operands.join(" "));
  const names = entriesOf(tool, directory);
  if (names === undefined) {
    tool.process.stderr.write(
      `Failed to open directory “${directory}”: No such file or directory\n`.replace(/[“”]/g, '"'),
    );
    return 1;
  }
  if (names.some((name) => /\.(gschema\.xml|enums\.xml|gschema\.override)$/.test(name))) tool.unsupported(directory);
  if (names.includes("gschemas.compiled")) {
    tool.process.tree.unlink(`${tool.absolute(directory)}/gschemas.compiled`);
    tool.process.stderr.write("No schema files found: removed existing output file.\n");
  } else tool.process.stderr.write("No schema files found: doing nothing.\n");
  return 0;
});

export const gioQuerymodules: Command = defineTool({}, (tool) => {
  for (const directory of tool.operands) {
    const names = entriesOf(tool, directory) ?? [];
    if (names.some((name) => name.endsWith(".so"))) tool.unsupported(directory);
    if (names.includes("giomodule.cache")) tool.process.tree.unlink(`${tool.absolute(directory)}/giomodule.cache`);
  }
  return 0;
});
