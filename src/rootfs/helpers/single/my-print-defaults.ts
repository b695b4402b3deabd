/**
 * my_print_defaults(1) of MariaDB: the options of groups in option files, as words of a command line ("Configuring MariaDB with Option
 * Files"). Values with quotes, escapes or comments in them are not emulated.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

const FILES = ["/etc/my.cnf", "/etc/mysql/my.cnf", "/root/.my.cnf"];
/** What the server reads, besides the groups that have its version in their name. */
const SERVER_GROUPS = ["client-server", "galera", "mariadb", "mariadbd", "mysqld", "server"];

export const myPrintDefaults: Command = defineTool(
  { long: { mysqld: "s", mariadbd: "s", "no-defaults": "n" } },
  (tool) => {
    if (tool.has("n")) return 0;
    const groups = new Set([...tool.operands, ...(tool.has("s") ? SERVER_GROUPS : [])]);
    for (const path of FILES) printFile(tool, { path, groups, depth: 0 });
    return 0;
  },
);

interface OptionFile {
  readonly path: string;
  readonly groups: ReadonlySet<string>;
  readonly depth: number;
}

function printFile(tool: Tool, { path, groups, depth }: OptionFile): void {
  if (depth > 10) tool.unsupported(`files that include each other: ${path}`);
  let group: string | undefined;
  for (const line of linesOf(tool, path)) {
    if (line === "" || /^[#;]/.test(line)) continue;
    const include = /^!(include|includedir)\s+(.*)$/.exec(line);
    const head = /^\[(.*?)\s*\]/.exec(line);
    if (include !== null) {
      const files = include[1] === "include" ? [include[2]!] : filesIn(tool, include[2]!);
      for (const file of files) printFile(tool, { path: file, groups, depth: depth + 1 });
    } else if (head !== null) group = head[1];
    else if (group === undefined || line.startsWith("!")) tool.unsupported(`${line} in ${path}`);
    else if (groups.has(group)) printOption(tool, line);
    // Which of them the server reads depends on its version.
    else if (tool.has("s") && /^(?:mariadbd?|mysqld)-[\d.]+$/.test(group)) tool.unsupported(`[${group}] in ${path}`);
  }
}

function printOption(tool: Tool, line: string): void {
  const equals = line.indexOf("=");
  if (/["'\\#]/.test(line)) tool.unsupported(`the option ${line}`);
  if (equals < 0) tool.out(`--${line}\n`);
  else tool.out(`--${line.slice(0, equals).trimEnd()}=${line.slice(equals + 1).trimStart()}\n`);
}

function linesOf(tool: Tool, path: string): string[] {
  const text = tool.find(path)?.type === "file" ? tool.process.tree.readText(path) : "";
  return text.split("\n").map((line) => line.replace(/^[ \t\r]+|[ \t\r]+$/g, ""));
}

function filesIn(tool: Tool, directory: string): string[] {
  const node = tool.find(directory);
  if (node?.type !== "directory") return [];
  return [...node.entries.keys()]
    .filter((name) => name.endsWith(".cnf"))
    .sort()
    .map((name) => `${directory.replace(/\/$/, "")}/${name}`);
}
