/** split(1) of coreutils 9.7: pieces of so many lines or bytes. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { openInput } from "./inputs.js";
import { openWrite, readAll } from "./open.js";
import { quoteAlways, quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool, type Tool } from "./tool.js";

export const splitCommand: Command = defineTool(
  {
    short: "a:b:dl:",
    long: {
      "suffix-length=": "a",
      "bytes=": "b",
      "numeric-suffixes": "d",
      "lines=": "l",
      "additional-suffix=": "additional",
    },
    refused: "CenrtuxN",
    refusedLong: [
      "line-bytes",
      "elide-empty-files",
      "filter",
      "number",
      "separator",
      "unbuffered",
      "verbose",
      "hex-suffixes",
    ],
  },
  (tool) => {
    const [input = "-", prefix = "x", extra] = tool.operands;
    if (extra !== undefined) tool.usage(`extra operand ${quoteText(extra)}`);
    const bytesText = tool.value("b");
    const linesText = tool.value("l") ?? "1000";
    const bytes =
      bytesText === undefined
        ? undefined
        : (readSize(bytesText) ?? tool.die(`invalid number of bytes: ${quoteText(bytesText)}`));
    const lines = readSize(linesText);
    if (!lines) return tool.die(`invalid number of lines: ${quoteText(linesText)}`);
    if (bytes === 0) return tool.die(`invalid number of bytes: ${quoteText(bytesText!)}`);
    let text: string;
    try {
      text = readAll(openInput(tool, input));
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return tool.die(`cannot open ${quoteAlways(input)} for reading: ${error.text}`);
    }
    const names = suffixes(tool);
    for (const piece of bytes === undefined ? linePieces(text, lines) : bytePieces(text, bytes)) {
      openWrite(tool.process, prefix + names() + (tool.value("additional") ?? "")).write(piece);
    }
    return 0;
  },
);

function* bytePieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

function* linePieces(text: string, count: number): Generator<string> {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  for (let at = 0; at < lines.length; at += count) yield lines.slice(at, at + count).join("");
}

/** aa, ab, …; without a fixed length the suffix grows at yz: zaaa follows. */
function suffixes(tool: Tool): () => string {
  const digits = tool.has("d") ? "0123456789" : "abcdefghijklmnopqrstuvwxyz";
  const length = Number(tool.value("a") ?? 2);
  const fixed = tool.value("a") !== undefined;
  let number = 0;
  return () => {
    let value = number++;
    let width = length;
    let lead = "";
    // Each longer form starts with the last digit, once for every step.
    for (let room = (digits.length - 1) * digits.length ** (width - 1); !fixed && value >= room; ) {
      value -= room;
      lead += digits.at(-1);
      width++;
      room = (digits.length - 1) * digits.length ** (width - 1);
    }
    let text = "";
    for (let i = 0; i < width; i++) {
      text = digits[value % digits.length] + text;
      value = Math.floor(value / digits.length);
    }
    if (value > 0) tool.die("output file suffixes exhausted");
    return lead + text;
  };
}
