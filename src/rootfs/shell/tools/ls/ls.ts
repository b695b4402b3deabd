/** ls(1) of coreutils 9.7 in the C locale, not on a terminal: one name a line, or -l, -m and the like. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import { type Node, sortedEntries } from "../../../tree/node.js";
import type { Command } from "../../process.js";
import { sizeOf } from "../mode.js";
import { joinPath } from "../path.js";
import { quoteAlways } from "../quote.js";
import { compareVersions } from "../sort/versions.js";
import { defineTool, type Tool } from "../tool.js";
import { longLines } from "./long-format.js";

/** A file to list. */
export interface Listed {
  readonly name: string;
  readonly path: string;
  readonly node: Node;
  /** The entry itself where `node` is what a symbolic link leads to. */
  readonly entry: Node;
}

export const ls: Command = defineTool(
  {
    short: "1aAbBcCdfFgGhHiI:klLmnNopqQrRsStT:uUvw:xX",
    long: {
      all: "a",
      "almost-all": "A",
      escape: "b",
      "ignore-backups": "B",
      directory: "d",
      "classify?": "F",
      "file-type": "file-type",
      "full-time": "full-time",
      "group-directories-first": "dirs-first",
      "no-group": "G",
      "human-readable": "h",
      "dereference-command-line": "H",
      "hide=": "hide",
      "ignore=": "I",
      inode: "i",
      kibibytes: "k",
      dereference: "L",
      "numeric-uid-gid": "n",
      literal: "N",
      "hide-control-chars": "q",
      "quote-name": "Q",
      "quoting-style=": "quoting",
      reverse: "r",
      recursive: "R",
      size: "s",
      "sort=": "sort",
      "time=": "time",
      "time-style=": "time-style",
      "tabsize=": "T",
      "width=": "w",
      "color?": "color",
      "indicator-style=": "indicator",
      "format=": "format",
      "block-size=": "block-size",
      zero: "zero",
    },
    refused: "DZ",
    refusedLong: [
      "author",
      "context",
      "dired",
      "dereference-command-line-symlink-to-dir",
      "hyperlink",
      "show-control-chars",
      "si",
    ],
    failure: 2,
  },
  (tool) => {
    checkSupported(tool);
    const files: Listed[] = [];
    const directories: Listed[] = [];
    const operands = tool.operands.length === 0 ? ["."] : tool.operands;
    const long = isLong(tool);
    for (const path of operands) {
      try {
        const entry = tool.lstat(path);
        const follows = tool.has("L") || tool.has("H") || (!long && !tool.has("d") && !classifies(tool));
        const target = follows && entry.type === "symlink" ? tool.find(path) : entry;
        if (target === undefined && tool.has("L")) tool.stat(path);
        const node = target ?? entry;
        const listed = { name: path, path, node, entry };
        if (node.type === "directory" && !tool.has("d")) directories.push(listed);
        else files.push(listed);
      } catch (error) {
        if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
        tool.complain(`cannot access ${quoteAlways(path)}: ${error.text}`);
      }
    }
    const sort = sorter(tool);
    if (files.length > 0) print(tool, sort(files), false);
    let first = files.length === 0;
    const headers = operands.length > 1 || tool.has("R");
    for (const directory of sort(directories)) {
      listDirectory(tool, directory, { headers, blank: !first });
      first = false;
    }
    return tool.status;
  },
);

function checkSupported(tool: Tool): undefined {
  for (const option of ["i", "s", "c", "u", "x", "T", "time", "block-size", "X"]) {
    if (tool.has(option)) tool.unsupported(`-${option}`);
  }
  if (tool.has("C") && !tool.has("1") && !isLong(tool)) tool.unsupported("-C");
  for (const [option, plain] of [
    ["color", /^(never|auto|no|none|tty|if-tty)$/],
    ["quoting", /^literal$/],
    ["format", /^(long|single-column|verbose|commas)$/],
  ] as const) {
    const value = tool.value(option);
    if (value !== undefined && !plain.test(value)) tool.unsupported(`--${option}=${value}`);
  }
}

/** Whether lines have details. */
export function isLong(tool: Tool): boolean {
  const format = tool.options.findLast(
    ({ name, value }) => "lgno1mC".includes(name) || name === "full-time" || (name === "format" && value !== ""),
  );
  if (format === undefined) return false;
  if (format.name === "1") return tool.options.some(({ name }) => "lgno".includes(name));
  return (
    "lgno".includes(format.name) || format.name === "full-time" || format.value === "long" || format.value === "verbose"
  );
}

function classifies(tool: Tool): boolean {
  return tool.has("F") && !/^(never|auto|no|none)$/.test(tool.value("F") ?? "");
}

function listDirectory(
  tool: Tool,
  directory: Listed,
  options: { readonly headers: boolean; readonly blank: boolean },
): undefined {
  if (options.headers) tool.out(`${options.blank ? "\n" : ""}${quoted(tool, directory.name)}:\n`);
  if (directory.node.type !== "directory") return;
  const entries: Listed[] = [];
  if (tool.has("a") || tool.has("f")) {
    for (const name of [".", ".."]) {
      const node = tool.stat(joinPath(directory.path, name));
      entries.push({ name, path: joinPath(directory.path, name), node, entry: node });
    }
  }
  for (const [name, entry] of sortedEntries(directory.node)) {
    if (name.startsWith(".") && !tool.has("a") && !tool.has("A") && !tool.has("f")) continue;
    if (tool.has("B") && name.endsWith("~")) continue;
    if (tool.has("I") || tool.has("hide")) tool.unsupported("-I");
    const path = joinPath(directory.path, name);
    const node = tool.has("L") && entry.type === "symlink" ? (tool.find(path) ?? entry) : entry;
    entries.push({ name, path, node, entry });
  }
  const sorted = sorter(tool)(entries);
  print(tool, sorted, true);
  if (!tool.has("R")) return;
  for (const entry of sorted) {
    if (entry.node.type !== "directory" || entry.name === "." || entry.name === "..") continue;
    listDirectory(tool, { ...entry, name: joinPath(directory.name, entry.name) }, { headers: true, blank: true });
  }
}

function sorter(tool: Tool): (files: readonly Listed[]) => Listed[] {
  const chosen = tool.options.findLast(({ name }) => "tSUvf".includes(name) || name === "sort");
  const words: Record<string, string> = { time: "t", size: "S", none: "U", version: "v", name: "" };
  const key =
    chosen?.name === "sort"
      ? (words[chosen.value] ?? tool.unsupported(`--sort=${chosen.value}`))
      : (chosen?.name ?? "");
  const byName = (a: Listed, b: Listed): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const compare = (a: Listed, b: Listed): number => {
    if (key === "t") return b.node.mtime - a.node.mtime || byName(a, b);
    if (key === "S") return sizeOf(b.node) - sizeOf(a.node) || byName(a, b);
    if (key === "v") return compareVersions(a.name, b.name) || byName(a, b);
    return byName(a, b);
  };
  const sign = tool.has("r") ? -1 : 1;
  const group = (file: Listed): number =>
    tool.has("dirs-first") && tool.find(file.path)?.type === "directory" ? 0 : 1;
  return (files) => [...files].sort((a, b) => group(a) - group(b) || sign * compare(a, b));
}

function print(tool: Tool, files: readonly Listed[], isDirectory: boolean): undefined {
  const end = tool.has("zero") ? "\0" : "\n";
  if (isLong(tool)) {
    if (isDirectory) {
      const blocks = files.reduce(
        (sum, { node }) => sum + Math.ceil(sizeOf(node) / 4096) * (node.type === "symlink" ? 0 : 4),
        0,
      );
      tool.out(`total ${tool.has("h") && blocks > 0 ? `${blocks}K` : blocks}${end}`);
    }
    for (const line of longLines(tool, files, (file) => shown(tool, file))) tool.out(line + end);
    return;
  }
  if (tool.has("m")) {
    let line = "";
    for (const [i, file] of files.entries()) {
      const name = shown(tool, file) + (i < files.length - 1 ? "," : "");
      if (line !== "" && line.length + 1 + name.length > 80) {
        tool.out(`${line}\n`);
        line = "";
      }
      line += (line === "" ? "" : " ") + name;
    }
    if (files.length > 0) tool.out(`${line}\n`);
    return;
  }
  for (const file of files) tool.out(shown(tool, file) + end);
}

/** The name with the sign of its type that -F or -p asks for. */
function shown(tool: Tool, { name, node }: Listed): string {
  return quoted(tool, name) + indicator(tool, node);
}

/** The sign of a type. */
export function indicator(tool: Tool, node: Node): string {
  if (node.type === "directory" && (tool.has("p") || tool.has("F") || tool.has("file-type"))) return "/";
  if (!classifies(tool) && !tool.has("file-type")) return "";
  if (node.type === "symlink") return isLong(tool) ? "" : "@";
  if (node.type === "fifo") return "|";
  if (node.type === "socket") return "=";
  return node.type === "file" && (node.mode & 0o111) !== 0 && classifies(tool) ? "*" : "";
}

/** The name as the quoting options want it. */
export function quoted(tool: Tool, name: string): string {
  const style = tool.options.findLast(({ name: option }) => "bQN".includes(option))?.name;
  const controlled = tool.has("q") ? name.replace(/[^ -~]/g, "?") : name;
  if (style === "Q") return `"${name.replace(/["\\]/g, "\\$&").replace(/[^ -~]/g, octal)}"`;
  if (style === "b") return name.replace(/[\\ ]/g, "\\$&").replace(/[^ -~]/g, octal);
  return controlled;
}

function octal(c: string): string {
  const named = "\x07a\bb\ff\nn\rr\tt\vv";
  const at = named.indexOf(c);
  if (at >= 0 && at % 2 === 0) return `\\${named[at + 1]}`;
  return `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
