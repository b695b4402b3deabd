/** tempfile(1) of debianutils, an older mktemp. */
import type { Command } from "../process.js";
import { mktemp } from "./mktemp.js";
import { defineTool } from "./tool.js";

export const tempfile: Command = defineTool(
  { short: "d:m:n:p:s:", long: { "directory=": "d", "mode=": "m", "name=": "n", "prefix=": "p", "suffix=": "s" } },
  (tool) => {
    if (tool.has("n")) tool.unsupported("-n");
    const directory = tool.value("d") ?? tool.process.environment.get("TMPDIR") ?? "/tmp";
    const template = `${directory}/${tool.value("p") ?? "file"}XXXXXX`;
    const suffix = tool.value("s");
    const status = mktemp(tool.process, ["mktemp", ...(suffix === undefined ? [] : [`--suffix=${suffix}`]), template]);
    if (tool.has("m")) tool.unsupported("-m");
    return status;
  },
);
