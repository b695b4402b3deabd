/** ln(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { backUp, backupOptions } from "./backup.js";
import { baseName, canonicalize, dirName, joinPath, relativePath } from "./path.js";
import { quoteAlways, quoteName } from "./quote.js";
import { takeTarget, targetOptions } from "./target.js";
import { defineTool, type Tool } from "./tool.js";

export const ln: Command = defineTool(
  {
    short: `sfnrvLPTt:${backupOptions.short}`,
    long: {
      symbolic: "s",
      force: "f",
      "no-dereference": "n",
      relative: "r",
      verbose: "v",
      logical: "L",
      physical: "P",
      ...targetOptions.long,
      ...backupOptions.long,
    },
    refused: "dFi",
    refusedLong: ["directory", "interactive"],
  },
  (tool) => {
    if (tool.has("r") && !tool.has("s")) tool.die("cannot do --relative without --symbolic");
    const follow = !tool.has("n");
    const { sources, directory, target } = takeTarget(tool, { follow, single: "." });
    for (const source of sources) {
      const path = directory === undefined ? target! : joinPath(directory, baseName(source));
      makeLink(tool, source, path);
    }
  },
);

function makeLink(tool: Tool, source: string, path: string): undefined {
  const symbolic = tool.has("s");
  const { tree } = tool.process;
  const described = symbolic
    ? `failed to create symbolic link ${quoteAlways(path)}`
    : `failed to create hard link ${quoteAlways(path)}`;
  let from = source;
  try {
    if (!symbolic) {
      let node: ReturnType<Tool["stat"]>;
      try {
        node = tool.has("L") ? tool.stat(source) : tool.lstat(source);
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        return tool.complain(`failed to access ${quoteAlways(source)}: ${error.text}`);
      }
      if (node.type === "directory") return tool.complain(`${quoteName(source)}: hard link not allowed for directory`);
    }
    const existing = tool.find(path, { follow: false });
    if (symbolic && tool.has("r")) from = relativeSource(tool, source, path);
    if (existing !== undefined && (tool.has("f") || tool.has("b") || tool.has("S"))) {
      if (existing.type === "directory") return tool.complain(`${quoteName(path)}: cannot overwrite directory`);
      if (sameName(tool, source, path) || (!symbolic && existing === tool.find(source, { follow: false }))) {
        if (!symbolic && !sameName(tool, source, path)) return verbose(tool, path, from);
        return tool.complain(`${quoteAlways(source)} and ${quoteAlways(path)} are the same file`);
      }
      backUp(tool, path);
      if (tool.find(path, { follow: false }) !== undefined) tree.unlink(tool.absolute(path));
    }
    if (symbolic && path.endsWith("/") && existing === undefined) throw new FileSystemError("ENOENT", path);
    if (symbolic && from === "") throw new FileSystemError("ENOENT", path);
    if (symbolic) tree.symlink(from, tool.absolute(path));
    else tree.link(tool.has("L") ? tree.realpath(tool.absolute(source)) : tool.absolute(source), tool.absolute(path));
    verbose(tool, path, from);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const arrow =
      error.errno === "ENOENT" && symbolic
        ? `failed to create symbolic link ${quoteAlways(path)}${source === "" ? ` -> ${quoteAlways(source)}` : ""}`
        : error.errno !== "EEXIST" && !symbolic
          ? `${described} => ${quoteAlways(source)}`
          : described;
    tool.complain(`${arrow}: ${error.text}`);
  }
}

function verbose(tool: Tool, path: string, source: string): undefined {
  if (tool.has("v")) tool.out(`${quoteAlways(path)} ${tool.has("s") ? "->" : "=>"} ${quoteAlways(source)}\n`);
}

function sameName(tool: Tool, a: string, b: string): boolean {
  const place = (path: string): string | undefined => {
    try {
      return tool.process.tree.resolve(tool.absolute(path), { follow: false }).path;
    } catch (error) {
      if (error instanceof FileSystemError) return undefined;
      throw error;
    }
  };
  const placeA = place(a);
  return placeA !== undefined && placeA === place(b) && tool.find(a, { follow: false }) !== undefined;
}

function relativeSource(tool: Tool, source: string, path: string): string {
  const { tree } = tool.process;
  const directory = canonicalize(tree, tool.absolute(dirName(path)), "none");
  return relativePath(directory, canonicalize(tree, tool.absolute(source), "none"));
}
