/**
 * helpztags(1) of vim-common: the file `tags` of directories with Vim's help, and `tags-xx` for help in the language xx.
 */
import { compareByteStrings } from "../../../bytes/order.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

export const helpztags: Command = defineTool({}, (tool) => {
  if (tool.operands.length === 0) {
    tool.process.stderr.write("Error: no directories given. Check manpage for details.\n");
    return 255;
  }
  // What was found in one directory is written into the next ones too.
  const found = new Map<string, Map<string, string>>();
  for (const operand of tool.operands) {
    const node = tool.find(operand);
    if (node?.type !== "directory") continue;
    tool.out(`Processing ${operand}\n`);
    const directory = tool.process.tree.realpath(tool.absolute(operand));
    collectTags(tool, directory, found);
    for (const [name, tags] of found) tool.process.tree.write(`${directory}/${name}`, format(tags), { mode: 0o644 });
  }
  return 0;
});

function collectTags(tool: Tool, directory: string, found: Map<string, Map<string, string>>): void {
  const { tree } = tool.process;
  const names = [...tree.directory(directory).entries.keys()].sort().filter((name) => !name.startsWith("."));
  if (names.some((name) => name.endsWith(".gz"))) tool.unsupported(`with compressed help in ${directory}`);
  for (const ending of [/\.txt$/, /\...x$/]) {
    for (const name of names) {
      const match = ending.test(name) ? /^[\w.-]+\.(?:txt|([A-Za-z]{2})x)$/.exec(name) : null;
      if (match === null || tree.lookup(`${directory}/${name}`)?.type !== "file") continue;
      const file = match[1] === undefined ? "tags" : `tags-${match[1]}`;
      const text = tree.readText(`${directory}/${name}`);
      // A tag stands between blanks, or at an end of its line.
      for (const [, tag] of text.matchAll(/(?<=^|[\s])\*([^*\s|]+?)\*(?=\s|$)/g)) {
        const tags = found.get(file) ?? new Map<string, string>();
        found.set(file, tags.set(tag!, name));
      }
    }
  }
}

function format(tags: ReadonlyMap<string, string>): string {
  return [...tags]
    .sort(([a], [b]) => compareByteStrings(a, b))
    .map(([tag, file]) => `${tag}\t${file}\t/*${tag.replaceAll("\\", "\\\\").replaceAll("/", "\\/")}*\n`)
    .join("");
}
