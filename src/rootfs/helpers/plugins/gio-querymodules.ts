/**
 * gio-querymodules(1): `giomodule.cache`, which of GIO's extension points the modules of a directory implement. The modules tell it by a
 * function, which is followed.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import type { PluginMemory } from "./plugin-memory.js";
import { queryPlugin } from "./query-plugin.js";
import { type Import, runFunction } from "./run-function.js";

const CACHE = "giomodule.cache";

export const gioQuerymodules: Command = defineTool({}, (tool) => {
  if (tool.operands.length === 0) {
    tool.out("Usage: gio-querymodules <directory1> [<directory2> ...]\n");
    tool.out("Will update giomodule.cache in the listed directories\n");
    return 1;
  }
  for (const operand of tool.operands) writeCache(tool, operand);
  return 0;
});

function writeCache(tool: Tool, operand: string): void {
  const { tree } = tool.process;
  const directory = tool.find(operand);
  if (directory?.type !== "directory") {
    tool.process.stderr.write(`Unable to open directory ${operand}: No such file or directory\n`);
    return;
  }
  const names = [...directory.entries.keys()].filter((name) => /^lib.*\.so$/s.test(name)).sort();
  const lines = names.map((name) => {
    const points = queryPlugin(tool, `${operand}/${name}`, (memory) => extensionPoints(memory, name));
    return `${name}: ${points.join(",")}\n`;
  });
  const path = `${tool.absolute(operand)}/${CACHE}`;
  if (tree.lookup(path, { follow: false }) !== undefined) tree.unlink(path);
  const text = lines.join("");
  if (text !== "") tree.write(path, text, { mode: 0o666 & ~tool.process.umask });
}

/** What a module's query function returns. */
function extensionPoints(memory: PluginMemory, name: string): readonly string[] {
  let points: readonly string[] = [];
  const imports = new Map<string, Import>([
    [
      "g_strdupv",
      ([list]) => {
        points = memory.list(list!).map((item) => memory.text(item));
        return list!;
      },
    ],
    [
      "g_strsplit",
      ([text, separator]) => {
        points = memory.text(text!).split(memory.text(separator!));
        return text!;
      },
    ],
  ]);
  const own = `g_io_${/^lib(?:gio)?([^.]*)/.exec(name)![1]!.replaceAll("-", "_")}_query`;
  const query = memory.image.symbols.has(own) ? own : "g_io_module_query";
  runFunction({ memory, name: query }, { args: [], imports });
  return points;
}
