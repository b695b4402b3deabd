/** truncate(1) of coreutils 9.7. */
import { contentOfBytes } from "../../../bytes/content.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { exceeded, openWrite } from "./open.js";
import { quoteAlways, quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool } from "./tool.js";

export const truncate: Command = defineTool(
  {
    short: "cor:s:",
    long: { "no-create": "c", "io-blocks": "o", "reference=": "r", "size=": "s" },
    refused: "",
  },
  (tool) => {
    const text = tool.value("s");
    const reference = tool.value("r");
    if (text === undefined && reference === undefined) tool.usage("you must specify either '--size' or '--reference'");
    if (tool.operands.length === 0) tool.usage("missing file operand");
    if (tool.has("o")) tool.unsupported("-o");
    const match = /^\s*([-+<>/%]?)\s*(.*)$/.exec(text ?? "+0")!;
    const amount = readSize(match[2]!);
    if (amount === undefined) return tool.die(`Invalid number: ${quoteText(text!)}`);
    const base = reference === undefined ? undefined : tool.stat(reference);
    for (const operand of tool.operands) {
      try {
        if (tool.has("c") && tool.find(operand) === undefined) continue;
        const { node } = openWrite(tool.process, operand, "readwrite");
        if (node?.type !== "file") continue;
        const old = base?.type === "file" ? base.content.size : node.content.size;
        const size = newSize(old, match[1]!, amount);
        if (size > tool.process.system.limits.bytesWritten)
          exceeded(tool.process, `truncate makes ${size} bytes, fewer`);
        const bytes = new Uint8Array(size);
        bytes.set(node.content.read(0, Math.min(size, node.content.size)));
        node.content = contentOfBytes(bytes);
        node.mtime = tool.process.tree.epoch;
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.complain(`cannot open ${quoteAlways(operand)} for writing: ${error.text}`);
      }
    }
    return tool.status;
  },
);

function newSize(old: number, sign: string, amount: number): number {
  switch (sign) {
    case "+":
      return old + amount;
    case "-":
      return Math.max(0, old - amount);
    case "<":
      return Math.min(old, amount);
    case ">":
      return Math.max(old, amount);
    case "/":
      return old - (old % amount);
    case "%":
      return Math.ceil(old / amount) * amount;
    default:
      return amount;
  }
}
