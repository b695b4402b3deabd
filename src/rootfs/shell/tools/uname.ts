/** uname(1) and arch(1) of coreutils 9.7: the machine the recipe describes, never the host. */
import type { Command } from "../process.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const uname: Command = defineTool(
  {
    short: "aimnoprsv",
    long: {
      all: "a",
      "kernel-name": "s",
      sysname: "s",
      nodename: "n",
      "kernel-release": "r",
      release: "r",
      "kernel-version": "v",
      machine: "m",
      processor: "p",
      "hardware-platform": "i",
      "operating-system": "o",
    },
    refused: "",
  },
  (tool) => {
    if (tool.operands.length > 0) tool.usage(`extra operand ${quoteText(tool.operands[0]!)}`);
    const { machine } = tool.process.system;
    const fields: readonly (readonly [string, string])[] = [
      ["s", "Linux"],
      ["n", machine.nodename],
      ["r", machine.release],
      ["v", "#1 SMP"],
      ["m", machine.machine],
      ["p", "unknown"],
      ["i", "unknown"],
      ["o", "GNU/Linux"],
    ];
    const all = tool.has("a");
    const shown = fields.filter(([letter, text]) =>
      all ? text !== "unknown" : tool.has(letter) || (tool.options.length === 0 && letter === "s"),
    );
    tool.out(`${shown.map(([, text]) => text).join(" ")}\n`);
  },
);

export const arch: Command = defineTool({ refused: "" }, (tool) =>
  tool.out(`${tool.process.system.machine.machine}\n`),
);
