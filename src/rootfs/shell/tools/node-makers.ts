/** mknod(1), mkfifo(1), link(1) and unlink(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Node } from "../../tree/node.js";
import type { Command } from "../process.js";
import { parseMode } from "./mode.js";
import { quoteAlways, quoteText } from "./quote.js";
import { defineTool, type Tool, type ToolSpec } from "./tool.js";

const SPEC: ToolSpec = { short: "m:", long: { "mode=": "m" }, refused: "Z", refusedLong: ["context"] };

export const mkfifo: Command = defineTool(SPEC, (tool) => {
  if (tool.operands.length === 0) tool.usage("missing operand");
  const mode = modeOf(tool);
  for (const operand of tool.operands) {
    try {
      add(tool, operand, { type: "fifo", links: 0, ...attributes(tool, mode) });
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tool.complain(`cannot create fifo ${quoteAlways(operand)}: ${error.text}`);
    }
  }
});

export const mknod: Command = defineTool(SPEC, (tool) => {
  const [name, type, ...numbers] = tool.operands;
  if (name === undefined) return tool.usage("missing operand");
  if (type === undefined) return tool.usage(`missing operand after ${quoteText(name)}`);
  const wanted = type === "p" ? 0 : 2;
  if (numbers.length < wanted) {
    const note = numbers.length === 0 ? "\nSpecial files require major and minor device numbers." : "";
    return tool.usage(`missing operand after ${quoteText(tool.operands.at(-1)!)}${note}`);
  }
  if (numbers.length > wanted) {
    const note = type === "p" ? "\nFifos do not have major and minor device numbers." : "";
    return tool.usage(`extra operand ${quoteText(numbers[wanted]!)}${note}`);
  }
  const mode = modeOf(tool);
  try {
    if (type === "p") add(tool, name, { type: "fifo", links: 0, ...attributes(tool, mode) });
    else {
      if (!/^[bcu]/.test(type)) return tool.usage(`invalid device type ${quoteText(type)}`);
      const [major, minor] = numbers.map((text, i) => {
        if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text))
          tool.die(`invalid ${i === 0 ? "major" : "minor"} device number ${quoteText(text)}`);
        return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
      }) as [number, number];
      const kind = type.startsWith("b") ? "block" : "char";
      add(tool, name, { type: kind, major, minor, links: 0, ...attributes(tool, mode) });
    }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.complain(`${name}: ${error.text}`);
  }
  return tool.status;
});

export const link: Command = defineTool({ refused: "" }, (tool) => {
  const [from, to] = twoOperands(tool);
  try {
    tool.process.tree.link(tool.absolute(from), tool.absolute(to));
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.complain(`cannot create link ${quoteAlways(to)} to ${quoteAlways(from)}: ${error.text}`);
  }
});

export const unlink: Command = defineTool({ refused: "" }, (tool) => {
  const [operand] = tool.operands;
  if (operand === undefined) return tool.usage("missing operand");
  if (tool.operands.length > 1) return tool.usage(`extra operand ${quoteText(tool.operands[1]!)}`);
  try {
    tool.process.tree.unlink(tool.absolute(operand));
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.complain(`cannot unlink ${quoteAlways(operand)}: ${error.text}`);
  }
  return tool.status;
});

function twoOperands(tool: Tool): [string, string] {
  const [from, to, extra] = tool.operands;
  if (from === undefined) return tool.usage("missing operand");
  if (to === undefined) return tool.usage(`missing operand after ${quoteText(from)}`);
  if (extra !== undefined) return tool.usage(`extra operand ${quoteText(extra)}`);
  return [from, to];
}

function modeOf(tool: Tool): number {
  const text = tool.value("m");
  if (text === undefined) return 0o666 & ~tool.process.umask;
  const change = parseMode(text) ?? tool.die("invalid mode");
  return change.apply(0o666, { directory: false, umask: tool.process.umask }) & 0o777;
}

function attributes(tool: Tool, mode: number): Pick<Node, "mode" | "uid" | "gid" | "mtime"> {
  return { mode, uid: 0, gid: 0, mtime: tool.process.tree.epoch };
}

function add(tool: Tool, path: string, node: Node): undefined {
  tool.process.tree.add(tool.absolute(path), node);
}
