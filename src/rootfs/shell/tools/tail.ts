/** tail(1) of coreutils 9.7, without following. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command, Stream } from "../process.js";
import { openInput, records } from "./inputs.js";
import { readAll } from "./open.js";
import { quoteAlways, quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool, type Tool } from "./tool.js";

export const tail: Command = (process, args) => {
  // The obsolete forms -NUM[bcl] and +NUM[bcl] are taken only with at most one file.
  const old = /^([-+])([0-9]*)([bcl]?)$/.exec(args[1] ?? "");
  if (old === null || old[0] === "-" || args.length > 3 || (old[2] === "" && old[1] === "-")) return run(process, args);
  const unit = old[3] === "c" || old[3] === "b" ? "-c" : "-n";
  const count = `${old[1] === "+" ? "+" : ""}${old[2] || "10"}${old[3] === "b" ? "b" : ""}`;
  return run(process, [args[0]!, unit, count, ...args.slice(2)]);
};

const run = defineTool(
  {
    short: "c:n:qvz",
    long: { "bytes=": "c", "lines=": "n", quiet: "q", silent: "q", verbose: "v", "zero-terminated": "z" },
    refused: "fFs",
    refusedLong: ["follow", "pid", "retry", "sleep-interval", "max-unchanged-stats", "debug"],
  },
  (tool) => {
    const given = tool.options.findLast((option) => "cn".includes(option.name));
    const unit = given?.name === "c" ? "bytes" : "lines";
    const text = given?.value ?? "10";
    const fromStart = text.startsWith("+");
    const count = readSize(text.replace(/^[-+]/, ""));
    if (count === undefined) return tool.die(`invalid number of ${unit}: ${quoteText(text.replace(/^-/, ""))}`);
    const operands = tool.operands.length === 0 ? ["-"] : tool.operands;
    const headers = tool.has("v") || (operands.length > 1 && !tool.has("q"));
    let first = true;
    for (const operand of operands) {
      try {
        const stream = openInput(tool, operand);
        if (headers) tool.out(`${first ? "" : "\n"}==> ${operand === "-" ? "standard input" : operand} <==\n`);
        first = false;
        copyTail(tool, stream, { unit, fromStart, count });
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

function copyTail(
  tool: Tool,
  stream: Stream,
  { unit, fromStart, count }: { readonly unit: "bytes" | "lines"; readonly fromStart: boolean; readonly count: number },
): undefined {
  if (unit === "bytes") {
    const all = readAll(stream);
    tool.out(fromStart ? all.slice(Math.max(0, count - 1)) : all.slice(Math.max(0, all.length - count)));
    return;
  }
  const lines: string[] = [];
  let number = 0;
  for (const line of records(stream, tool.has("z") ? "\0" : "\n")) {
    number++;
    if (fromStart) {
      if (number >= count) tool.out(line);
      continue;
    }
    lines.push(line);
    // Old lines are dropped in large steps: a shift per line would be quadratic.
    if (lines.length > 2 * count + 1024) lines.splice(0, lines.length - count);
  }
  if (!fromStart && count > 0) tool.out(lines.slice(-count).join(""));
}
