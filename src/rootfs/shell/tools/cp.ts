/** cp(1) of coreutils 9.7. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { backupOptions } from "./backup.js";
import { type CopyOptions, type CopyState, copyNode } from "./copy.js";
import { baseName, dirName, joinPath } from "./path.js";
import { quoteAlways, quoteText } from "./quote.js";
import { takeTarget, targetOptions } from "./target.js";
import { defineTool, type Tool } from "./tool.js";

export const cp: Command = defineTool(
  {
    short: `adfHlLnPpRrst:TuvxZ${backupOptions.short}`,
    long: {
      archive: "a",
      force: "f",
      link: "l",
      dereference: "L",
      "no-clobber": "n",
      "no-dereference": "P",
      "preserve?": "preserve",
      "no-preserve=": "no-preserve",
      recursive: "R",
      "symbolic-link": "s",
      "update?": "u",
      verbose: "v",
      "one-file-system": "x",
      "remove-destination": "remove",
      "strip-trailing-slashes": "strip",
      parents: "parents",
      "reflink?": "reflink",
      "sparse=": "reflink",
      ...targetOptions.long,
      ...backupOptions.long,
    },
    refused: "i",
    refusedLong: ["interactive", "attributes-only", "context", "copy-contents", "debug", "keep-directory-symlink"],
  },
  (tool) => {
    const options = readOptions(tool);
    const state: CopyState = { linked: new Map(), made: new Set() };
    const { sources, directory, target } = takeTarget(tool);
    if (tool.has("parents") && directory === undefined) {
      tool.usage(`with --parents, the destination must be a directory`);
    }
    for (const operand of sources) {
      const source = tool.has("strip") ? operand.replace(/(?<=.)\/+$/, "") : operand;
      let path = target;
      if (directory !== undefined) {
        if (tool.has("parents")) {
          const inside = source.replace(/^\/+/, "").replace(/\/+$/, "");
          if (!makeParents(tool, { source: dirName(source), inside: dirName(inside), directory }, options)) continue;
          path = joinPath(directory, inside);
        } else {
          const name = baseName(source);
          path = name === ".." || name === "/" ? directory : joinPath(directory, name);
        }
      }
      copyNode(tool, { source, target: path! }, { ...options, state, depth: 0 });
    }
  },
);

type Preserved = "mode" | "ownership" | "timestamps" | "links" | "xattr";

const ALL: readonly Preserved[] = ["mode", "ownership", "timestamps", "links", "xattr"];

function readOptions(tool: Tool): CopyOptions {
  const preserve = new Set<Preserved>();
  let recursive = false;
  let dereference: CopyOptions["dereference"] | undefined;
  let freshModes = false;
  let existing: CopyOptions["existing"] = "replace";
  for (const { name, value, hasValue } of tool.options) {
    if (name === "a") for (const attribute of ALL) preserve.add(attribute);
    if (name === "d") preserve.add("links");
    if (name === "a" || name === "R" || name === "r") recursive = true;
    if (name === "a" || name === "d" || name === "P") dereference = "never";
    if (name === "L") dereference = "always";
    if (name === "H") dereference = "command-line";
    if (name === "p" || (name === "preserve" && !hasValue)) {
      for (const attribute of ["mode", "ownership", "timestamps"] as const) preserve.add(attribute);
    }
    if (name === "preserve" && hasValue) for (const attribute of attributes(tool, value)) preserve.add(attribute);
    if (name === "no-preserve") {
      for (const attribute of attributes(tool, value)) preserve.delete(attribute);
      if (/\b(mode|all)\b/.test(value)) freshModes = true;
    }
    if (name === "n") existing = "keep";
    if (name === "u") existing = updateMode(tool, value, hasValue);
  }
  if (tool.has("l") && tool.has("s")) tool.usage("cannot make both hard and symbolic links");
  return {
    recursive,
    dereference: dereference ?? (recursive && !tool.has("l") ? "never" : "always"),
    preserve,
    freshModes: freshModes && !preserve.has("mode"),
    makeLinks: tool.has("l") ? "hard" : tool.has("s") ? "symbolic" : undefined,
    existing,
    removeDestination: tool.has("remove"),
    force: tool.has("f"),
    targetIsNoDirectory: tool.has("T"),
    verbose: tool.has("v"),
  };
}

function attributes(tool: Tool, list: string): Preserved[] {
  return list.split(",").flatMap((name): Preserved[] => {
    if (name === "all") return [...ALL];
    if (name === "context") return [];
    const known = ALL.filter((attribute) => attribute.startsWith(name));
    if (known.length === 1 && name !== "") return known;
    return tool.usage(`invalid argument ${quoteText(name)} for '--preserve'`);
  });
}

/** --update=MODE; without a mode, older files are replaced. */
export function updateMode(tool: Tool, value: string, hasValue: boolean): CopyOptions["existing"] {
  if (!hasValue || value === "older") return "older";
  if (value === "all") return "replace";
  if (value === "none") return "keep";
  if (value === "none-fail") return "keep-and-fail";
  return tool.unsupported(`--update=${value}`);
}

/** Makes the directories that lead to a source inside the target, with the attributes of the source's. */
function makeParents(
  tool: Tool,
  { source, inside, directory }: { source: string; inside: string; directory: string },
  options: CopyOptions,
): boolean {
  const { tree, umask } = tool.process;
  if (inside === ".") return true;
  const names = inside.split("/");
  for (let i = 0; i < names.length; i++) {
    const path = joinPath(directory, names.slice(0, i + 1).join("/"));
    const original = joinPath(source.startsWith("/") ? "/" : ".", names.slice(0, i + 1).join("/"));
    try {
      const from = tool.stat(original);
      const existing = tool.find(path);
      if (existing !== undefined && existing.type !== "directory") throw new FileSystemError("ENOTDIR", path);
      const made = existing ?? tree.mkdir(tool.absolute(path), { mode: from.mode & ~umask & 0o1777 });
      if (existing === undefined && options.preserve.has("mode")) made.mode = from.mode;
      if (existing === undefined && options.preserve.has("ownership"))
        Object.assign(made, { uid: from.uid, gid: from.gid });
      if (options.preserve.has("timestamps")) made.mtime = from.mtime;
      if (existing === undefined && options.verbose) {
        tool.out(`${original.replace(/^\.\//, "")} -> ${path}\n`);
      }
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tool.complain(
        error.path === original
          ? `failed to get attributes of ${quoteAlways(original.replace(/^\.\//, ""))}: ${error.text}`
          : `cannot make directory ${quoteAlways(path)}: ${error.text}`,
      );
      return false;
    }
  }
  return true;
}
