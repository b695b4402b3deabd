/**
 * systemd-tmpfiles(8) of systemd 257: `--create` and `--remove` of tmpfiles.d(5). File attributes (`h`, `H`) are left to the running
 * machine, which sets them at every boot: no image has room for them. Ages are not looked at.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import { confFiles } from "./conf-files.js";
import { areCompatible, parseTmpfilesLine, type TmpfilesLine, takesOwnership } from "./tmpfiles-line.js";
import { createPath, removePath } from "./tmpfiles-path.js";

const DIRECTORIES = ["/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d"];
/** EX_DATAERR, EX_CANTCREAT of sysexits.h. */
const BAD_LINE = 65;
const CANNOT_CREATE = 73;

const SPEC: ToolSpec = {
  short: "E",
  long: {
    create: "create",
    remove: "remove",
    boot: "boot",
    graceful: "graceful",
    "prefix=": "prefix",
    "exclude-prefix=": "exclude-prefix",
    "root=": "root",
  },
  refused: "hV",
  refusedLong: [
    "clean",
    "purge",
    "user",
    "cat-config",
    "tldr",
    "image",
    "image-policy",
    "replace",
    "dry-run",
    "no-pager",
  ],
};

export const systemdTmpfiles: Command = defineTool(SPEC, (tool) => {
  const root = tool.value("root") ?? "/";
  if (root !== "/" && root !== "") tool.unsupported(`--root=${root}`);
  if (!tool.has("create") && !tool.has("remove"))
    tool.die("You need to specify at least one of --clean, --create, --remove, or --purge.");
  const { items, status } = readItems(tool);
  let failed = false;
  const forEach = (action: (line: TmpfilesLine) => string | undefined): void => {
    for (const lines of items) {
      for (const line of lines) {
        if (line.boot && !tool.has("boot")) continue;
        const complaint = action(line);
        if (complaint !== undefined) tool.say(complaint);
        failed ||= complaint !== undefined && !line.lenient;
      }
    }
  };
  if (tool.has("remove")) forEach((line) => removePath(tool.process, line));
  if (tool.has("create")) forEach((line) => createPath(tool.process, line));
  return failed ? CANNOT_CREATE : status;
});

/** The lines by path in the order of doing: plain paths before patterns, parents before what is in them. */
function readItems(tool: Tool): { items: TmpfilesLine[][]; status: number } {
  const { tree } = tool.process;
  const plain = new Map<string, TmpfilesLine[]>();
  const patterns = new Map<string, TmpfilesLine[]>();
  let status = 0;
  for (const path of configPaths(tool)) {
    if (path === undefined) {
      status = 1;
      continue;
    }
    tree
      .readText(path)
      .split("\n")
      .forEach((text, index) => {
        const line = parseTmpfilesLine(tree, text);
        if (line === undefined) return;
        if ("complaint" in line) {
          tool.say(`${path}:${index + 1}: ${line.complaint}`);
          if (!tool.has("graceful") || !line.complaint.startsWith("Failed to resolve")) status ||= BAD_LINE;
          return;
        }
        if (!isWanted(tool, line.path)) return;
        const table = "wexXrRzZmtThHaA".includes(line.type) ? patterns : plain;
        const known = table.get(line.path) ?? [];
        if (known.some((other) => !areCompatible(other, line)) && !line.append) {
          tool.say(`${path}:${index + 1}: Duplicate line for path "${line.path}", ignoring.`);
          return;
        }
        table.set(line.path, inOrder([...known, line]));
      });
  }
  return { items: [...parentsFirst(plain), ...parentsFirst(patterns)], status };
}

function configPaths(tool: Tool): (string | undefined)[] {
  const { tree } = tool.process;
  if (tool.operands.length === 0) return confFiles(tree, DIRECTORIES, ".conf");
  return tool.operands.map((name) => {
    if (name === "-") tool.unsupported("-");
    const candidates = name.includes("/")
      ? [tool.absolute(name)]
      : DIRECTORIES.map((directory) => `${directory}/${name}`);
    const path = candidates.find((candidate) => tree.lookup(candidate)?.type === "file");
    if (path === undefined) tool.say(`Failed to open '${name}': No such file or directory`);
    return path;
  });
}

function isWanted(tool: Tool, path: string): boolean {
  const below = (prefix: string): boolean =>
    path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  const excluded = tool.has("E") ? ["/dev", "/proc", "/run", "/sys"] : [];
  if ([...tool.values("exclude-prefix"), ...excluded].some(below)) return false;
  return !tool.has("prefix") || tool.values("prefix").some(below);
}

/** Of one path's lines, the one that says what the path is comes first. */
function inOrder(lines: readonly TmpfilesLine[]): TmpfilesLine[] {
  const rank = (line: TmpfilesLine): number => (takesOwnership(line) ? 0 : line.type.charCodeAt(0));
  return [...lines].sort((a, b) => rank(a) - rank(b));
}

function parentsFirst(table: ReadonlyMap<string, TmpfilesLine[]>): TmpfilesLine[][] {
  const done = new Set<string>();
  const result: TmpfilesLine[][] = [];
  const visit = (path: string): void => {
    const lines = table.get(path);
    const cut = path.lastIndexOf("/");
    if (cut > 0) visit(path.slice(0, cut));
    if (lines === undefined || done.has(path)) return;
    done.add(path);
    result.push(lines);
  };
  for (const path of table.keys()) visit(path);
  return result;
}
