/** expand(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const expand: Command = defineTool(
  { short: "it:", long: { initial: "i", "tabs=": "t" }, refused: "0123456789," },
  (tool) => {
    const text = tool.value("t") ?? "8";
    if (!/^[0-9]+(?:[, ][0-9]+)*$/.test(text)) tool.unsupported(`-t ${quoteText(text)}`);
    const stops = text.split(/[, ]/).map(Number);
    if (stops.includes(0)) tool.die("tab size cannot be 0");
    const nextStop = (column: number): number => {
      if (stops.length === 1) return column + stops[0]! - (column % stops[0]!);
      return stops.find((stop) => stop > column) ?? column + 1;
    };
    eachInput(tool, (stream) => {
      for (let line = stream.readLine(); line !== undefined; line = stream.readLine()) {
        let result = "";
        let column = 0;
        let converts = true;
        for (const c of line) {
          if (c === "\t" && converts) {
            const next = nextStop(column);
            result += " ".repeat(next - column);
            column = next;
            continue;
          }
          if (c === "\b") column = Math.max(0, column - 1);
          else column++;
          if (tool.has("i") && c !== " " && c !== "\t") converts = false;
          result += c;
        }
        tool.out(result);
      }
    });
  },
);
