/**
 * The input files of a filter: each operand in turn, `-` or none for standard input, with a complaint for what cannot be read.
 */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Stream } from "../process.js";
import { openRead } from "./open.js";
import { quoteName } from "./quote.js";
import type { Tool } from "./tool.js";

/** Opens an operand; `-` is standard input. @throws FileSystemError */
export function openInput(tool: Tool, operand: string): Stream {
  return operand === "-" ? tool.process.stdin : openRead(tool.process, operand);
}

/** Visits every input; errors of opening and reading are told as `name: reason` and the next one follows. */
export function eachInput(
  tool: Tool,
  visit: (stream: Stream, operand: string) => void,
  options: { readonly operands?: readonly string[]; readonly message?: (name: string, reason: string) => string } = {},
): undefined {
  const operands = options.operands ?? tool.operands;
  for (const operand of operands.length === 0 ? ["-"] : operands) {
    try {
      visit(openInput(tool, operand), operand);
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
      tool.complain(options.message?.(operand, error.text) ?? `${quoteName(operand)}: ${error.text}`);
    }
  }
}

/** Reads one record that ends with `terminator`, with it. Reads no further than that only for newlines. */
export function* records(stream: Stream, terminator: "\n" | "\0"): Generator<string> {
  if (terminator === "\n") {
    for (let line = stream.readLine(); line !== undefined; line = stream.readLine()) yield line;
    return;
  }
  let held = "";
  for (;;) {
    const end = held.indexOf("\0");
    if (end >= 0) {
      yield held.slice(0, end + 1);
      held = held.slice(end + 1);
      continue;
    }
    const part = stream.read(65536);
    if (part === "") break;
    held += part;
  }
  if (held !== "") yield held;
}
