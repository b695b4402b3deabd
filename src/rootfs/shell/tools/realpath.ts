/** realpath(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { canonicalize, normalizePath, relativePath } from "./path.js";
import { quoteName } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const realpath: Command = defineTool(
  {
    short: "eEmLPqsz",
    long: {
      "canonicalize-existing": "e",
      canonicalize: "E",
      "canonicalize-missing": "m",
      logical: "L",
      physical: "P",
      quiet: "q",
      strip: "s",
      "no-symlinks": "s",
      zero: "z",
      "relative-to=": "to",
      "relative-base=": "base",
    },
    refused: "",
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    const [to, base] = ["to", "base"].map((name) => {
      const path = tool.value(name);
      return path === undefined ? undefined : resolve(tool, path);
    });
    const inside = (path: string, directory: string): boolean =>
      path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
    for (const operand of tool.operands) {
      try {
        const path = resolve(tool, operand);
        const relative =
          base === undefined
            ? to
            : inside(path, base) && (to === undefined || inside(to, base))
              ? (to ?? base)
              : undefined;
        tool.out((relative === undefined ? path : relativePath(relative, path)) + (tool.has("z") ? "\0" : "\n"));
      } catch (error) {
        if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
        if (!tool.has("q")) tool.say(`${quoteName(operand)}: ${error.text}`);
        tool.status = 1;
      }
    }
  },
);

function resolve(tool: Tool, path: string): string {
  const absolute = tool.absolute(path);
  const mode = tool.options.findLast((option) => "eEm".includes(option.name))?.name ?? "E";
  if (!tool.has("s") && !tool.has("L")) {
    return canonicalize(tool.process.tree, absolute, mode === "e" ? "all" : mode === "E" ? "all-but-last" : "none");
  }
  const normalized = normalizePath(absolute);
  if (tool.has("L") && !tool.has("s")) {
    return canonicalize(tool.process.tree, normalized, mode === "e" ? "all" : mode === "E" ? "all-but-last" : "none");
  }
  if (mode === "e") tool.process.tree.get(normalized);
  if (mode === "E") tool.process.tree.directory(normalized.replace(/\/[^/]*$/, "") || "/");
  return normalized;
}
