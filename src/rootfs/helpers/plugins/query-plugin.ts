/**
 * What programs that list plug-ins have in common: a plug-in's file, and a function in it that is followed.
 */
import { compareByteStrings } from "../../../bytes/order.js";
import type { Tool } from "../../shell/tools/tool.js";
import { loadPlugin } from "./plugin-image.js";
import { PluginMemory, PluginProblem } from "./plugin-memory.js";

/** Asks a plug-in; one that is not understood stops the build. */
export function queryPlugin<T>(tool: Tool, path: string, ask: (memory: PluginMemory) => T): T {
  if (tool.find(path)?.type !== "file") return tool.unsupported(`with ${path}, which is no file`);
  const image = loadPlugin(tool.process.tree.read(tool.absolute(path)));
  if (image === undefined) return tool.unsupported(`with ${path}, which is no plug-in that is understood`);
  try {
    return ask(new PluginMemory(image));
  } catch (error) {
    if (!(error instanceof PluginProblem)) throw error;
    return tool.unsupported(`with ${path}, which ${error.message}`);
  }
}

/** Prints what a program prints; outside of ASCII, that depends on the locale. */
export function printAscii(tool: Tool, text: string): void {
  if (/[\x80-\xff]/.test(text)) tool.unsupported("with names that are not ASCII");
  tool.out(text);
}

/** The plug-ins of a directory, in byte order; none where there is no such directory. */
export function pluginsOf(tool: Tool, directory: string): string[] {
  const node = tool.find(directory);
  const names = node?.type === "directory" ? [...node.entries.keys()].sort(compareByteStrings) : [];
  return names.filter((name) => name.endsWith(".so")).map((name) => `${directory}/${name}`);
}
