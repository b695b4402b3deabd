/** stat(1) of coreutils 9.7, with -c or --printf. Inode and device numbers do not exist in a tree, but for the root's. */
import { modeTypes } from "../../../bytes/mode-types.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Node } from "../../tree/node.js";
import type { Command } from "../process.js";
import { groupName, userName } from "./accounts.js";
import { readEscape } from "./escapes.js";
import { formatInteger, formatString } from "./format.js";
import { linkCount, modeText, sizeOf } from "./mode.js";
import { quoteAlways } from "./quote.js";
import { formatDate } from "./timestamp.js";
import { defineTool, type Tool } from "./tool.js";

export const stat: Command = defineTool(
  {
    short: "Lfc:",
    long: { dereference: "L", "file-system": "f", "format=": "c", "printf=": "printf", "cached=": "cached" },
    refused: "t",
    refusedLong: ["terse"],
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    const given = tool.options.findLast((option) => option.name === "c" || option.name === "printf");
    if (given === undefined) return tool.unsupported("without a format");
    for (const operand of tool.operands) {
      try {
        if (operand === "-") tool.unsupported("-");
        if (tool.has("f")) {
          // Of a file system only the type is asked: it lies on none.
          if (given.value !== "%T") tool.unsupported(`-f with ${given.value}`);
          tool.stat(operand);
          tool.out(given.name === "printf" ? "ext2/ext3" : "ext2/ext3\n");
          continue;
        }
        const node = tool.has("L") ? tool.stat(operand) : tool.lstat(operand);
        const text = expand(tool, given.value, { node, path: operand, escapes: given.name === "printf" });
        tool.out(given.name === "printf" ? text : `${text}\n`);
      } catch (error) {
        if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
        tool.complain(`cannot statx ${quoteAlways(operand)}: ${error.text}`);
      }
    }
    return tool.status;
  },
);

const TYPE_NAMES = {
  fifo: "fifo",
  char: "character special file",
  directory: "directory",
  block: "block special file",
  file: "regular file",
  symlink: "symbolic link",
  socket: "socket",
} as const;

function expand(
  tool: Tool,
  format: string,
  { node, path, escapes }: { readonly node: Node; readonly path: string; readonly escapes: boolean },
): string {
  let text = "";
  for (let i = 0; i < format.length; i++) {
    if (format[i] === "\\" && escapes) {
      const found = readEscape(format, i, "format");
      if (found === "stop") return tool.unsupported("\\c");
      text += found.bytes;
      i += found.length - 1;
      continue;
    }
    const match = /^%([-+ 0#']*)([0-9]*)(?:\.([0-9]*))?([HL]?[a-zA-Z%])/.exec(format.slice(i));
    if (format[i] !== "%" || match === null) {
      text += format[i];
      continue;
    }
    i += match[0].length - 1;
    if (match[4] === "%") {
      text += "%";
      continue;
    }
    const conversion = {
      flags: match[1]!,
      width: match[2] === "" ? undefined : Number(match[2]),
      precision: match[3] === undefined ? undefined : Number(match[3]),
      letter: "s",
    };
    const value = field(tool, match[4]!, { node, path });
    text +=
      typeof value === "string"
        ? formatString(conversion, value)
        : formatInteger(
            { ...conversion, letter: value.base === 8 ? "o" : value.base === 16 ? "x" : "d" },
            BigInt(value.number),
          );
  }
  return text;
}

function field(
  tool: Tool,
  letter: string,
  { node, path }: { readonly node: Node; readonly path: string },
): string | { readonly number: number; readonly base: number } {
  const { tree } = tool.process;
  const number = (value: number, base = 10) => ({ number: value, base });
  const device = node.type === "char" || node.type === "block" ? node : { major: 0, minor: 0 };
  switch (letter) {
    case "a":
      return number(node.mode, 8);
    case "A":
      return modeText(node);
    case "f":
      return number(modeTypes[node.type] | node.mode, 16);
    case "F":
      return node.type === "file" && node.content.size === 0 ? "regular empty file" : TYPE_NAMES[node.type];
    case "g":
      return number(node.gid);
    case "G":
      return groupName(tree, node.gid) ?? "UNKNOWN";
    case "u":
      return number(node.uid);
    case "U":
      return userName(tree, node.uid) ?? "UNKNOWN";
    case "h":
      return number(linkCount(node));
    case "n":
      return path;
    case "N":
      return quoteAlways(path) + (node.type === "symlink" ? ` -> ${quoteAlways(node.target)}` : "");
    case "s":
      return number(sizeOf(node));
    case "t":
      return number(device.major, 16);
    case "T":
      return number(device.minor, 16);
    case "Hr":
      return number(device.major);
    case "Lr":
      return number(device.minor);
    case "d":
    case "i":
      // Scripts compare the root's with those of the first process's, which are not there.
      return node === tree.root ? number(letter === "d" ? 1 : 2) : tool.unsupported(`-c %${letter}`);
    case "Y":
      return number(node.mtime);
    case "y":
      return formatDate("%Y-%m-%d %H:%M:%S.%N %z", node.mtime);
    default:
      return tool.unsupported(`-c %${letter}`);
  }
}
