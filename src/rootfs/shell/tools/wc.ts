/** wc(1) of coreutils 9.7 in the C locale. */
import type { Command, Stream } from "../process.js";
import { eachInput } from "./inputs.js";
import { openRead, readAll } from "./open.js";
import { quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const wc: Command = defineTool(
  {
    short: "clmwL",
    long: {
      bytes: "c",
      chars: "m",
      lines: "l",
      words: "w",
      "max-line-length": "L",
      "files0-from=": "files0",
      "total=": "total",
    },
    refused: "",
    refusedLong: ["debug"],
  },
  (tool) => {
    const chosen = ["l", "w", "m", "c", "L"].filter((letter) => tool.has(letter));
    const columns = chosen.length === 0 ? ["l", "w", "c"] : chosen;
    let operands = tool.operands;
    const list = tool.value("files0");
    if (list !== undefined) {
      if (operands.length > 0)
        tool.usage(`extra operand ${quoteText(operands[0]!)}\nfile operands cannot be combined with --files0-from`);
      const stream = list === "-" ? tool.process.stdin : openRead(tool.process, list);
      operands = readAll(stream)
        .split("\0")
        .filter((name) => name !== "");
      if (operands.length === 0) return;
    }
    const when = tool.value("total") ?? "auto";
    if (!/^(auto|always|only|never)$/.test(when)) tool.usage(`invalid argument ${quoteText(when)} for '--total'`);
    const width = when === "only" ? 1 : numberWidth(tool, operands, columns.length);
    const print = (counts: Counts, name: string | undefined): undefined => {
      const numbers = columns.map((column) => String(counts[column as keyof Counts]).padStart(width)).join(" ");
      tool.out(`${numbers}${name === undefined ? "" : ` ${name}`}\n`);
    };
    const total: Counts = { l: 0, w: 0, c: 0, m: 0, L: 0 };
    eachInput(
      tool,
      (stream, operand) => {
        const counts: Counts = { l: 0, w: 0, c: 0, m: 0, L: 0 };
        try {
          count(stream, counts);
        } finally {
          for (const key of ["l", "w", "c", "m"] as const) total[key] += counts[key];
          total.L = Math.max(total.L, counts.L);
          if (when !== "only") print(counts, operands.length === 0 ? undefined : operand);
        }
      },
      { operands },
    );
    if (when === "only") print(total, undefined);
    else if (when === "always" || (when === "auto" && operands.length > 1)) print(total, "total");
    return;
  },
);

interface Counts {
  l: number;
  w: number;
  c: number;
  m: number;
  L: number;
}

function count(stream: Stream, counts: Counts): undefined {
  let inWord = false;
  let column = 0;
  for (let part = stream.read(65536); part !== ""; part = stream.read(65536)) {
    counts.c += part.length;
    counts.m += part.length;
    for (let i = 0; i < part.length; i++) {
      const code = part.charCodeAt(i);
      const space = code === 32 || (code >= 9 && code <= 13);
      if (!space && !inWord) counts.w++;
      inWord = !space;
      if (code === 10) counts.l++;
      if (code === 10 || code === 12 || code === 13) column = 0;
      else if (code === 9) column += 8 - (column % 8);
      else if (code >= 32 && code < 127) column++;
      if (column > counts.L) counts.L = column;
    }
  }
}

/** Wide enough for the sum of the sizes; 7 where one of the inputs has none (fstat before reading, as wc does). */
function numberWidth(tool: Tool, operands: readonly string[], columns: number): number {
  if (operands.length <= 1 && columns === 1) return 1;
  let minimum = 1;
  let total = 0;
  for (const operand of operands.length === 0 ? ["-"] : operands) {
    const node = operand === "-" ? tool.process.stdin.node : tool.find(operand);
    if (operand !== "-" && node === undefined) continue;
    if (node?.type === "file") total += node.content.size;
    else minimum = 7;
  }
  return Math.max(minimum, String(total).length);
}
