/** basename(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { baseName } from "./path.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const basename: Command = defineTool(
  { short: "as:z", long: { multiple: "a", "suffix=": "s", zero: "z" }, refused: "", operandsEndOptions: true },
  (tool) => {
    const multiple = tool.has("a") || tool.has("s");
    if (tool.operands.length === 0) tool.usage("missing operand");
    if (!multiple && tool.operands.length > 2) tool.usage(`extra operand ${quoteText(tool.operands[2]!)}`);
    const suffix = multiple ? (tool.value("s") ?? "") : (tool.operands[1] ?? "");
    const end = tool.has("z") ? "\0" : "\n";
    for (const operand of multiple ? tool.operands : tool.operands.slice(0, 1)) {
      const name = baseName(operand);
      const cut = suffix !== "" && name.endsWith(suffix) && name !== suffix && name !== "/";
      tool.out((cut ? name.slice(0, -suffix.length) : name) + end);
    }
  },
);
