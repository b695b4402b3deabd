/** fold(1) of coreutils 9.7 in the C locale. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const fold: Command = (process, args) =>
  run(
    process,
    args.map((arg, i) => (i > 0 && /^-[0-9]+$/.test(arg) ? `-w${arg.slice(1)}` : arg)),
  );

const run = defineTool(
  { short: "bcsw:", long: { bytes: "b", characters: "c", spaces: "s", "width=": "w" }, refused: "" },
  (tool) => {
    const text = tool.value("w") ?? "80";
    const width = Number(text);
    if (!/^[0-9]+$/.test(text) || width === 0)
      tool.die(`invalid number of columns: ${quoteText(text)}${width === 0 ? ": Numerical result out of range" : ""}`);
    const advance = (column: number, c: string): number => {
      if (tool.has("b")) return column + 1;
      if (c === "\b") return Math.max(0, column - 1);
      if (c === "\r") return 0;
      if (c === "\t") return column + 8 - (column % 8);
      return column + 1;
    };
    eachInput(tool, (stream) => {
      for (let line = stream.readLine(); line !== undefined; line = stream.readLine()) {
        let held = "";
        let column = 0;
        for (const c of line) {
          if (c === "\n") {
            tool.out(`${held}\n`);
            held = "";
            column = 0;
            continue;
          }
          let next = advance(column, c);
          if (next > width && held !== "") {
            const blank = tool.has("s") ? Math.max(held.lastIndexOf(" "), held.lastIndexOf("\t")) : -1;
            const keep = blank >= 0 ? blank + 1 : held.length;
            tool.out(`${held.slice(0, keep)}\n`);
            held = held.slice(keep);
            column = [...held].reduce(advance, 0);
            next = advance(column, c);
          }
          held += c;
          column = next;
        }
        tool.out(held);
      }
    });
  },
);
