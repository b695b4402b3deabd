/**
 * update-passwd(8) of base-passwd, where there is nothing to do: the master files' accounts are all there as they should be.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { findLine, readLines } from "./account-lines.js";

export const updatePasswd: Command = defineTool(
  {
    short: "vnL",
    long: { verbose: "v", "dry-run": "n", "no-locking": "L" },
    refused: "pgPGsoh",
    refusedLong: ["passwd-master", "group-master", "passwd", "group", "shadow", "sanity-check", "help", "version"],
  },
  (tool) => {
    for (const file of ["passwd", "group"] as const) compare(tool, file);
    return 0;
  },
);

function compare(tool: Tool, file: "passwd" | "group"): void {
  const lines = readLines(tool.process.tree, file);
  const master = tool.process.tree.readText(`/usr/share/base-passwd/${file}.master`);
  for (const text of master.split("\n")) {
    if (text === "") continue;
    const wanted = text.split(":");
    const line = findLine(lines, wanted[0]!);
    const differs =
      line === undefined ||
      wanted.some((field, at) => at !== 1 && !(file === "group" && at === 3) && field !== line[at]);
    if (differs) tool.unsupported(`with another line than '${text}' in /etc/${file}`);
  }
}
