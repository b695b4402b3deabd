/** dd(1) of coreutils 9.7: if, of, bs, ibs, obs, count, skip, seek, and conv=notrunc,fsync,sync. */
import { FileSystemError } from "../../tree/file-system-error.js";
import { GrowableContent } from "../../tree/growable-content.js";
import type { Command, Stream } from "../process.js";
import { openRead, openWrite } from "./open.js";
import { quoteAlways, quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool, type Tool } from "./tool.js";

export const dd: Command = defineTool({ refused: "" }, (tool) => {
  const settings = new Map<string, string>();
  for (const operand of tool.operands) {
    const equals = operand.indexOf("=");
    const name = operand.slice(0, Math.max(0, equals));
    if (!NAMES.has(name)) tool.usage(`unrecognized operand ${quoteText(operand)}`);
    settings.set(name, operand.slice(equals + 1));
  }
  const size = (name: string): number | undefined => {
    const text = settings.get(name);
    if (text === undefined) return undefined;
    return readSize(text) ?? tool.die(`invalid number: ${quoteText(text)}`);
  };
  const inputBlock = size("bs") ?? size("ibs") ?? 512;
  const outputBlock = size("bs") ?? size("obs") ?? 512;
  if (inputBlock === 0 || outputBlock === 0) tool.die(`invalid number: ${quoteText("0")}`);
  const conversions = (settings.get("conv") ?? "").split(",").filter((word) => word !== "");
  const strange = conversions.find((word) => !/^(notrunc|fsync|fdatasync|sync|nocreat|excl|noerror)$/.test(word));
  if (strange !== undefined) tool.unsupported(`conv=${strange}`);
  for (const flags of [settings.get("iflag"), settings.get("oflag")]) {
    if (flags !== undefined && !/^(fullblock|direct|dsync|sync|nonblock)(,|$)/.test(flags))
      tool.unsupported(`flag ${flags}`);
  }
  const input = open(tool, settings.get("if"), () => openRead(tool.process, settings.get("if")!));
  const skip = (size("skip") ?? size("iseek") ?? 0) * inputBlock;
  for (let left = skip; left > 0; ) {
    const part = input.read(Math.min(left, 65536));
    if (part === "") break;
    left -= part.length;
  }
  const seek = (size("seek") ?? size("oseek") ?? 0) * outputBlock;
  const output = openOutput(tool, settings.get("of"), { seek, keep: conversions.includes("notrunc") });
  const counts = { wholeIn: 0, partIn: 0, bytes: 0 };
  const limit = size("count") ?? Number.POSITIVE_INFINITY;
  while (counts.wholeIn + counts.partIn < limit) {
    let block = readBlock(input, inputBlock);
    if (block === "") break;
    if (block.length === inputBlock) counts.wholeIn++;
    else counts.partIn++;
    if (conversions.includes("sync")) block = block.padEnd(inputBlock, "\0");
    counts.bytes += block.length;
    output.write(block);
  }
  report(tool, settings.get("status"), { ...counts, outputBlock });
});

const NAMES = new Set("if of bs ibs obs cbs count skip seek iseek oseek conv iflag oflag status".split(" "));

function open(tool: Tool, name: string | undefined, opener: () => Stream, writing = false): Stream {
  if (name === undefined) return writing ? tool.process.stdout : tool.process.stdin;
  try {
    return opener();
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return tool.die(`failed to open ${quoteAlways(name)}: ${error.text}`);
  }
}

function openOutput(
  tool: Tool,
  name: string | undefined,
  { seek, keep }: { readonly seek: number; readonly keep: boolean },
): Stream {
  if (name === undefined) {
    if (seek > 0) tool.unsupported("seek= on standard output");
    return tool.process.stdout;
  }
  const stream = open(tool, name, () => openWrite(tool.process, name, "readwrite"), true);
  const { node } = stream;
  if (node?.type !== "file") return stream;
  const { tree } = tool.process;
  if (!keep || seek > node.content.size) {
    const content = new GrowableContent(node.content.read());
    content.truncate(seek);
    node.content = content;
    node.mtime = tree.epoch;
  }
  // Writing goes on where seek= says.
  stream.read(seek);
  return stream;
}

function readBlock(input: Stream, size: number): string {
  let block = "";
  while (block.length < size) {
    const part = input.read(size - block.length);
    if (part === "") break;
    block += part;
  }
  return block;
}

/** The closing lines on standard error; no time passes, so the last one is left out as with status=noxfer. */
function report(
  tool: Tool,
  status: string | undefined,
  counts: { readonly wholeIn: number; readonly partIn: number; readonly bytes: number; readonly outputBlock: number },
): undefined {
  if (status === "none") return;
  const whole = Math.floor(counts.bytes / counts.outputBlock);
  const part = counts.bytes % counts.outputBlock === 0 ? 0 : 1;
  tool.process.stderr.write(`${counts.wholeIn}+${counts.partIn} records in\n${whole}+${part} records out\n`);
}
