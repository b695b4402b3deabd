/** printenv(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { defineTool } from "./tool.js";

export const printenv: Command = defineTool(
  { short: "0", long: { null: "0" }, refused: "", failure: 2, operandsEndOptions: true },
  (tool) => {
    const end = tool.has("0") ? "\0" : "\n";
    const { environment } = tool.process;
    if (tool.operands.length === 0) for (const [name, value] of environment) tool.out(`${name}=${value}${end}`);
    for (const name of tool.operands) {
      const value = name.includes("=") ? undefined : environment.get(name);
      if (value === undefined) tool.status = 1;
      else tool.out(value + end);
    }
  },
);
