/**
 * The last operand of cp, mv, ln and install: a directory to put things into, or the name to make.
 */
import { FileSystemError } from "../../tree/file-system-error.js";
import { quoteAlways, quoteText } from "./quote.js";
import type { Tool } from "./tool.js";

/** Long options that go with `t:` and `T`. */
export const targetOptions = { long: { "target-directory=": "t", "no-target-directory": "T" } } as const;

/** Sources, and either the directory they go into or the name they get. */
export interface Target {
  readonly sources: readonly string[];
  readonly directory: string | undefined;
  readonly target: string | undefined;
}

/** Reads the operands. `single` is the directory when there is only one operand (ln). */
export function takeTarget(tool: Tool, options: { readonly follow?: boolean; readonly single?: string } = {}): Target {
  const { operands } = tool;
  const kind = (path: string): string => tool.find(path, { follow: options.follow ?? true })?.type ?? "missing";
  const reason = (path: string): string => {
    try {
      tool.stat(path);
      return new FileSystemError("ENOTDIR", path).text;
    } catch (error) {
      if (error instanceof FileSystemError) return error.text;
      throw error;
    }
  };
  if (operands.length === 0) tool.usage("missing file operand");
  const given = tool.value("t");
  if (given !== undefined) {
    if (tool.has("T")) tool.die("cannot combine --target-directory (-t) and --no-target-directory (-T)");
    if (tool.find(given)?.type !== "directory") tool.die(`target directory ${quoteAlways(given)}: ${reason(given)}`);
    return { sources: operands, directory: given, target: undefined };
  }
  if (tool.has("T")) {
    if (operands.length > 2) tool.usage(`extra operand ${quoteText(operands[2]!)}`);
    if (operands.length < 2) tool.usage(`missing destination file operand after ${quoteText(operands[0]!)}`);
    return { sources: operands.slice(0, 1), directory: undefined, target: operands[1] };
  }
  if (operands.length === 1) {
    if (options.single !== undefined) return { sources: operands, directory: options.single, target: undefined };
    tool.usage(`missing destination file operand after ${quoteText(operands[0]!)}`);
  }
  const last = operands.at(-1)!;
  const sources = operands.slice(0, -1);
  if (kind(last) === "directory") return { sources, directory: last, target: undefined };
  if (operands.length > 2) tool.die(`target ${quoteAlways(last)}: ${reason(last)}`);
  return { sources, directory: undefined, target: last };
}
