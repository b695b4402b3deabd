/** rev(1) of util-linux 2.41 in the C locale. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { defineTool } from "./tool.js";

export const rev: Command = defineTool({ short: "0", long: { zero: "0" }, refused: "hV" }, (tool) => {
  if (tool.has("0")) tool.unsupported("-0");
  eachInput(
    tool,
    (stream) => {
      for (let line = stream.readLine(); line !== undefined; line = stream.readLine()) {
        const text = line.replace(/\n$/, "");
        tool.out([...text].reverse().join("") + (line.endsWith("\n") ? "\n" : ""));
      }
    },
    {
      message: (name, reason) =>
        reason === "Is a directory" ? `${name}: ${reason}` : `cannot open ${name}: ${reason}`,
    },
  );
});
