/** tac(1) of coreutils 9.7, with fixed separators. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { readAll } from "./open.js";
import { quoteAlways } from "./quote.js";
import { defineTool } from "./tool.js";

export const tac: Command = defineTool(
  { short: "bs:", long: { before: "b", "separator=": "s" }, refused: "r", refusedLong: ["regex"] },
  (tool) => {
    const separator = tool.value("s") === "" ? "\0" : (tool.value("s") ?? "\n");
    eachInput(
      tool,
      (stream) => {
        const parts = readAll(stream).split(separator);
        const attached = tool.has("b")
          ? parts.map((part, i) => (i === 0 ? part : separator + part))
          : parts.map((part, i) => (i === parts.length - 1 ? part : part + separator));
        tool.out(attached.reverse().join(""));
      },
      {
        message: (name, reason) =>
          reason === "Is a directory"
            ? `${name}: read error: ${reason}`
            : `failed to open ${quoteAlways(name)} for reading: ${reason}`,
      },
    );
  },
);
