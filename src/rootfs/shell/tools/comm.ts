/** comm(1) of coreutils 9.7 in the C locale. */
import type { Command } from "../process.js";
import { openInput, records } from "./inputs.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const comm: Command = defineTool(
  {
    short: "123z",
    long: {
      "check-order": "check",
      "nocheck-order": "nocheck",
      "output-delimiter=": "delimiter",
      total: "total",
      "zero-terminated": "z",
    },
    refused: "",
  },
  (tool) => {
    const { operands } = tool;
    if (operands.length === 0) tool.usage("missing operand");
    if (operands.length === 1) tool.usage(`missing operand after ${quoteText(operands[0]!)}`);
    if (operands.length > 2) tool.usage(`extra operand ${quoteText(operands[2]!)}`);
    const terminator = tool.has("z") ? "\0" : "\n";
    const delimiter = tool.value("delimiter") === "" ? "\0" : (tool.value("delimiter") ?? "\t");
    const checks = tool.options.findLast((option) => option.name === "check" || option.name === "nocheck")?.name;
    const shown = ["1", "2", "3"].map((column) => !tool.has(column));
    const prefixes = ["", shown[0] ? delimiter : "", (shown[0] ? delimiter : "") + (shown[1] ? delimiter : "")];
    const totals = [0, 0, 0];
    const sources = operands.map((operand, i) => {
      const iterator = records(openInput(tool, operand), terminator);
      let last: string | undefined;
      let disorder = false;
      const next = (): string | undefined => {
        const { done, value } = iterator.next();
        if (done) return undefined;
        const line = value.endsWith(terminator) ? value.slice(0, -1) : value;
        const unpaired = totals[0]! + totals[1]! > 0;
        if (
          !disorder &&
          checks !== "nocheck" &&
          last !== undefined &&
          line < last &&
          (checks === "check" || unpaired)
        ) {
          disorder = true;
          tool.complain(`file ${i + 1} is not in sorted order`);
          if (checks === "check") tool.exit(1);
        }
        last = line;
        return line;
      };
      return { next, disorder: () => disorder };
    });
    const [one, two] = sources as [(typeof sources)[0], (typeof sources)[0]];
    const print = (column: number, line: string): undefined => {
      totals[column]!++;
      if (shown[column]) tool.out(prefixes[column] + line + terminator);
    };
    let a = one.next();
    let b = two.next();
    while (a !== undefined || b !== undefined) {
      if (b === undefined || (a !== undefined && a < b)) {
        print(0, a!);
        a = one.next();
      } else if (a === undefined || b < a) {
        print(1, b);
        b = two.next();
      } else {
        print(2, a);
        a = one.next();
        b = two.next();
      }
    }
    if (tool.has("total")) tool.out(`${totals.join(delimiter)}${delimiter}total${terminator}`);
    if (one.disorder() || two.disorder()) tool.complain("input is not in sorted order");
  },
);
