/**
 * The columns of ls -l.
 */
import type { Node } from "../../../tree/node.js";
import { groupName, userName } from "../accounts.js";
import { linkCount, modeText, sizeOf } from "../mode.js";
import { formatDate } from "../timestamp.js";
import type { Tool } from "../tool.js";
import { indicator, type Listed, quoted } from "./ls.js";

/** Half a Gregorian year: files older than that show the year instead of the time of day. */
const RECENT_SECONDS = 31556952 / 2;

/** One line for each file, in columns as wide as their widest value. */
export function longLines(tool: Tool, files: readonly Listed[], shown: (file: Listed) => string): string[] {
  const rows = files.map((file) => {
    const { node } = file;
    return {
      mode: modeText(node) + (node.xattrs?.has("system.posix_acl_access") ? "+" : ""),
      links: String(linkCount(node)),
      user: owner(tool, node),
      group: groupOf(tool, node),
      size: size(tool, node),
      time: time(tool, node),
      name: nameOf(tool, file, shown),
    };
  });
  const width = (key: keyof (typeof rows)[0]): number => rows.reduce((most, row) => Math.max(most, row[key].length), 0);
  const widths = {
    mode: width("mode"),
    links: width("links"),
    user: width("user"),
    group: width("group"),
    size: width("size"),
  };
  const align = (text: string, columns: number): string =>
    /^[0-9]+$/.test(text) ? text.padStart(columns) : text.padEnd(columns);
  return rows.map((row) =>
    [
      row.mode.padEnd(widths.mode),
      row.links.padStart(widths.links),
      ...(tool.has("g") ? [] : [align(row.user, widths.user)]),
      ...(tool.has("o") || tool.has("G") ? [] : [align(row.group, widths.group)]),
      row.size.padStart(widths.size),
      row.time,
      row.name,
    ].join(" "),
  );
}

function owner(tool: Tool, node: Node): string {
  return (tool.has("n") ? undefined : userName(tool.process.tree, node.uid)) ?? String(node.uid);
}

function groupOf(tool: Tool, node: Node): string {
  return (tool.has("n") ? undefined : groupName(tool.process.tree, node.gid)) ?? String(node.gid);
}

function size(tool: Tool, node: Node): string {
  if (node.type === "char" || node.type === "block") return `${node.major}, ${node.minor}`;
  return tool.has("h") ? human(sizeOf(node)) : String(sizeOf(node));
}

/** 1.1K, 12M: at most three characters of digits, rounded up. */
function human(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < 7) {
    value /= 1024;
    unit++;
  }
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value);
  if (rounded >= 1024) return `1.0${"KMGTPEZY"[unit + 1]}`;
  return `${rounded < 10 ? rounded.toFixed(1) : rounded}${"KMGTPEZY"[unit]}`;
}

function time(tool: Tool, node: Node): string {
  const { mtime } = node;
  const style = tool.has("full-time") ? "full-iso" : (tool.value("time-style") ?? "locale");
  const { epoch } = tool.process.tree;
  const recent = mtime > epoch - RECENT_SECONDS && mtime <= epoch;
  if (style === "full-iso") return formatDate("%Y-%m-%d %H:%M:%S.000000000 %z", mtime);
  if (style === "long-iso") return formatDate("%Y-%m-%d %H:%M", mtime);
  if (style === "iso") return formatDate(recent ? "%m-%d %H:%M" : "%Y-%m-%d ", mtime);
  if (style.startsWith("+")) {
    const [old, young] = style.slice(1).split("\n");
    return formatDate(recent && young !== undefined ? young : old!, mtime);
  }
  if (style !== "locale") return tool.unsupported(`--time-style=${style}`);
  return formatDate(recent ? "%b %e %H:%M" : "%b %e  %Y", mtime);
}

function nameOf(tool: Tool, file: Listed, shown: (file: Listed) => string): string {
  if (file.node.type !== "symlink") return shown(file);
  const target = tool.find(file.path);
  const sign = target === undefined ? "" : indicator(tool, target);
  return `${shown(file)} -> ${quoted(tool, file.node.target)}${sign}`;
}
