/** head(1) of coreutils 9.7. Reads no line more than it prints. */

import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command, Stream } from "../process.js";
import { openInput, records } from "./inputs.js";
import { readAll } from "./open.js";
import { quoteAlways, quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool, type Tool } from "./tool.js";

export const head: Command = (process, args) => {
  // The obsolete form -NUM[bkmlcqvz]… is taken only as the first argument.
  const old = /^-([0-9]+)([bkmlcqvz]*)$/.exec(args[1] ?? "");
  if (old === null) return run(process, args);
  const letters = old[2]!;
  const unit = /[bkmc]/.test(letters) ? "-c" : "-n";
  const scale = letters.includes("b") ? "b" : letters.includes("k") ? "k" : letters.includes("m") ? "m" : "";
  const rest = [...letters].filter((letter) => "qvz".includes(letter)).map((letter) => `-${letter}`);
  return run(process, [args[0]!, unit, old[1]! + scale, ...rest, ...args.slice(2)]);
};

const run = defineTool(
  {
    short: "c:n:qvz",
    long: { "bytes=": "c", "lines=": "n", quiet: "q", silent: "q", verbose: "v", "zero-terminated": "z" },
    refused: "",
  },
  (tool) => {
    const given = tool.options.findLast((option) => "cn".includes(option.name));
    const unit = given?.name === "c" ? "bytes" : "lines";
    const text = given?.value ?? "10";
    const allBut = text.startsWith("-");
    const count = readSize(text.replace(/^-/, ""));
    if (count === undefined) return tool.die(`invalid number of ${unit}: ${quoteText(text.replace(/^-/, ""))}`);
    const operands = tool.operands.length === 0 ? ["-"] : tool.operands;
    const headers = tool.has("v") || (operands.length > 1 && !tool.has("q"));
    let first = true;
    for (const operand of operands) {
      try {
        const stream = openInput(tool, operand);
        if (headers) tool.out(`${first ? "" : "\n"}==> ${operand === "-" ? "standard input" : operand} <==\n`);
        first = false;
        copyHead(tool, stream, { unit, allBut, count });
      } catch (error) {
        if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
        const action = error.errno === "EISDIR" ? "error reading" : "cannot open";
        const suffix = error.errno === "EISDIR" ? "" : " for reading";
        tool.complain(`${action} ${quoteAlways(operand)}${suffix}: ${error.text}`);
      }
    }
    return tool.status;
  },
);

function copyHead(
  tool: Tool,
  stream: Stream,
  { unit, allBut, count }: { readonly unit: "bytes" | "lines"; readonly allBut: boolean; readonly count: number },
): undefined {
  if (unit === "bytes") {
    if (allBut) {
      const all = readAll(stream);
      tool.out(all.slice(0, Math.max(0, all.length - count)));
      return;
    }
    for (let left = count; left > 0; ) {
      const part = stream.read(Math.min(left, 65536));
      if (part === "") return;
      tool.out(part);
      left -= part.length;
    }
    return;
  }
  if (count === 0 && !allBut) return;
  const held: string[] = [];
  let printed = 0;
  for (const line of records(stream, tool.has("z") ? "\0" : "\n")) {
    if (allBut) {
      held.push(line);
      if (held.length > count) tool.out(held.shift()!);
      continue;
    }
    tool.out(line);
    if (++printed >= count) return;
  }
}
