/**
 * update-desktop-database(1): which program opens a type of file, from the `MimeType` lines of desktop entries (Desktop Entry
 * Specification 1.5, "MIME types and applications"). Programs of one type stand in the order of their names; the real one has them in
 * that in which the file system lists them, which differs from one to the next.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

export const updateDesktopDatabase: Command = defineTool(
  { short: "qv", long: { quiet: "q", verbose: "v" }, refused: "" },
  (tool) => {
    const directories = tool.operands.length > 0 ? tool.operands : dataDirectories(tool);
    let found = false;
    for (const directory of directories) {
      if (tool.find(directory)?.type !== "directory") continue;
      found = true;
      writeCache(tool, tool.absolute(directory));
    }
    return found ? 0 : 1;
  },
);

function dataDirectories(tool: Tool): string[] {
  const text = tool.process.environment.get("XDG_DATA_DIRS") || "/usr/local/share:/usr/share";
  return text.split(":").map((directory) => `${directory.replace(/\/$/, "")}/applications`);
}

function writeCache(tool: Tool, directory: string): void {
  const { tree } = tool.process;
  const byType = new Map<string, Set<string>>();
  const root = tree.realpath(directory);
  for (const { path, node } of tree.walk(root)) {
    if (!path.endsWith(".desktop") || (node.type !== "file" && tool.find(path)?.type !== "file")) continue;
    const name = path.slice(root.length + 1).replaceAll("/", "-");
    for (const type of typesOf(tree.readText(path))) byType.set(type, (byType.get(type) ?? new Set()).add(name));
  }
  const lines = [...byType]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([type, names]) => `${type}=${[...names].sort().join(";")};\n`);
  tree.write(`${root}/mimeinfo.cache`, `[MIME Cache]\n${lines.join("")}`, { mode: 0o644 });
}

/** The types of a desktop entry that is not hidden. */
function typesOf(text: string): string[] {
  const group = /^\[Desktop Entry\]\s*\n(.*?)(?=^\[|$(?![\s\S]))/ms.exec(text)?.[1] ?? "";
  if (/^Hidden\s*=\s*true\s*$/m.test(group)) return [];
  const value = /^MimeType\s*=\s*(.*)$/m.exec(group)?.[1] ?? "";
  return value
    .split(";")
    .map((type) => type.trim())
    .filter((type) => type !== "");
}
