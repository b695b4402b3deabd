/** mkdir(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { type ModeChange, parseMode } from "./mode.js";
import { quoteAlways } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const mkdir: Command = defineTool(
  {
    short: "pm:vZ",
    long: { parents: "p", "mode=": "m", verbose: "v" },
    refused: "",
    refusedLong: ["context"],
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    const text = tool.value("m");
    const change = text === undefined ? undefined : parseMode(text);
    if (text !== undefined && change === undefined) tool.die(`invalid mode ${quoteAlways(text)}`);
    for (const operand of tool.operands) make(tool, operand, change);
  },
);

function make(tool: Tool, operand: string, change: ModeChange | undefined): undefined {
  const { tree, umask } = tool.process;
  const report = (path: string): undefined => {
    if (tool.has("v")) tool.out(`${tool.name}: created directory ${quoteAlways(path)}\n`);
  };
  const mode = change === undefined ? 0o777 & ~umask : change.apply(0o777 & ~umask, { directory: true, umask });
  let at = operand;
  try {
    if (tool.has("p")) {
      if (makeParents(tool, operand, { mode, report, reached: (path) => (at = path) })) report(operand);
      return;
    }
    tree.mkdir(tool.absolute(operand), { mode });
    report(operand);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    tool.complain(`cannot create directory ${quoteAlways(at)}: ${error.text}`);
  }
}

/** mkdir -p: makes missing parents with write and search for the owner; says whether the last one was made. */
export function makeParents(
  tool: Tool,
  path: string,
  options: {
    readonly mode: number;
    readonly report?: (path: string) => void;
    readonly reached?: (path: string) => void;
  },
): boolean {
  const { tree, umask } = tool.process;
  const parts = path.split("/");
  const lastAt = parts.findLastIndex((part) => part !== "");
  let prefix = "";
  if (path === "") throw new FileSystemError("ENOENT", path);
  for (let i = 0; i <= lastAt; i++) {
    prefix += i === 0 ? parts[i] : `/${parts[i]}`;
    if (parts[i] === "") continue;
    options.reached?.(prefix);
    const node = tree.lookup(tool.absolute(prefix));
    if (node?.type === "directory") continue;
    if (node !== undefined) throw new FileSystemError(i === lastAt ? "EEXIST" : "ENOTDIR", prefix);
    if (i === lastAt) {
      options.reached?.(path);
      tree.mkdir(tool.absolute(prefix), { mode: options.mode });
      return true;
    }
    tree.mkdir(tool.absolute(prefix), { mode: (0o777 & ~umask) | 0o300 });
    options.report?.(prefix);
  }
  return false;
}
