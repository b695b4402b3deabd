/** grep(1) of GNU grep 3.11 in the C locale, without -P. Directories are read in byte order. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import { type DirectoryNode, sortedEntries } from "../../../tree/node.js";
import { compilePattern, matchPattern } from "../../pattern.js";
import type { Command } from "../../process.js";
import { openInput } from "../inputs.js";
import { openRead, readAll } from "../open.js";
import { baseName, joinPath } from "../path.js";
import { defineTool, type Tool } from "../tool.js";
import { compileMatcher, type Matcher, readPatterns } from "./matcher.js";
import { type SearchOptions, type SearchState, search } from "./search.js";

export const grep: Command = (process, args) => {
  // -NUM is the context; digits of adjacent options add up, as in -1 -2 for 12, which nobody writes.
  const end = args.indexOf("--");
  const rewritten = args.map((arg, i) =>
    i > 0 && (end < 0 || i < end) && /^-[0-9]+$/.test(arg) && !takesArgument(args[i - 1]!) ? `-C${arg.slice(1)}` : arg,
  );
  return run(process, rewritten);
};

function takesArgument(option: string): boolean {
  return (
    /^-[^-]*[ABCDdefm]$/.test(option) || /^--(regexp|file|max-count|context|after-context|before-context)$/.test(option)
  );
}

const run = defineTool(
  {
    short: "EFGPe:f:iyvwxcLlm:oqsbHhnTZA:B:C:aD:d:IrRUz",
    long: {
      "extended-regexp": "E",
      "fixed-strings": "F",
      "basic-regexp": "G",
      "perl-regexp": "P",
      "regexp=": "e",
      "file=": "f",
      "ignore-case": "i",
      "no-ignore-case": "no-ignore-case",
      "invert-match": "v",
      "word-regexp": "w",
      "line-regexp": "x",
      count: "c",
      "color?": "color",
      "colour?": "color",
      "files-without-match": "L",
      "files-with-matches": "l",
      "max-count=": "m",
      "only-matching": "o",
      quiet: "q",
      silent: "q",
      "no-messages": "s",
      "byte-offset": "b",
      "with-filename": "H",
      "no-filename": "h",
      "label=": "label",
      "line-number": "n",
      "line-buffered": "line-buffered",
      "initial-tab": "T",
      null: "Z",
      "after-context=": "A",
      "before-context=": "B",
      "context=": "C",
      "group-separator=": "separator",
      "no-group-separator": "no-separator",
      text: "a",
      "binary-files=": "binary-files",
      "devices=": "D",
      "directories=": "d",
      "exclude=": "exclude",
      "exclude-from=": "exclude-from",
      "exclude-dir=": "exclude-dir",
      "include=": "include",
      recursive: "r",
      "dereference-recursive": "R",
      binary: "U",
      "null-data": "z",
    },
    refused: "uX",
    refusedLong: ["unix-byte-offsets"],
    failure: 2,
    usageLine: "[OPTION]... PATTERNS [FILE]...",
  },
  (tool) => {
    if (tool.value("color") === "always") tool.unsupported("--color=always");
    const { patterns, files } = readPatterns(tool);
    const options = readOptions(tool);
    const job: Job = {
      tool,
      matcher: compileMatcher(tool, patterns),
      options,
      state: { printed: false },
      directories: directoryAction(tool),
      names: tool.options.findLast((option) => option.name === "H" || option.name === "h")?.name,
      skipped: globs(tool, "exclude"),
      wanted: globs(tool, "include"),
      skippedDirectories: tool.values("exclude-dir").map((glob) => glob.replace(/(?<=.)\/+$/, "")),
      several: files.length > 1,
    };
    const recursive = job.directories === "recurse";
    let found = false;
    for (const file of files.length > 0 ? files : [recursive ? "." : "-"]) {
      found = searchOperand(job, file, files.length === 0) || found;
      if (found && options.quiet) return 0;
    }
    return tool.status !== 0 ? tool.status : found ? 0 : 1;
  },
);

interface Job {
  readonly tool: Tool;
  readonly matcher: Matcher;
  readonly options: SearchOptions;
  readonly state: SearchState;
  readonly directories: "read" | "skip" | "recurse";
  readonly names: string | undefined;
  readonly skipped: readonly string[];
  readonly wanted: readonly string[];
  readonly skippedDirectories: readonly string[];
  readonly several: boolean;
}

function readOptions(tool: Tool): SearchOptions {
  const lines = (option: string): number | undefined => {
    const text = tool.value(option);
    if (text === undefined) return undefined;
    if (!/^[0-9]+$/.test(text)) tool.die(`${text}: invalid context length argument`);
    return Number(text);
  };
  const maximum = tool.value("m");
  if (maximum !== undefined && !/^-?[0-9]+$/.test(maximum)) tool.die("invalid max count");
  const binaryFiles = tool.options.findLast((option) => ["a", "I", "binary-files"].includes(option.name));
  const binary =
    binaryFiles === undefined
      ? "binary"
      : binaryFiles.name === "a"
        ? "text"
        : binaryFiles.name === "I"
          ? "without-match"
          : binaryFiles.value;
  if (binary !== "binary" && binary !== "text" && binary !== "without-match") {
    return tool.die("unknown binary-files type");
  }
  const list = tool.options.findLast((option) => option.name === "l" || option.name === "L")?.name;
  const onlyMatching = tool.has("o");
  return {
    invert: tool.has("v"),
    onlyMatching,
    quiet: tool.has("q"),
    count: tool.has("c"),
    list: list === "l" ? "matching" : list === "L" ? "others" : undefined,
    lineNumbers: tool.has("n"),
    byteOffsets: tool.has("b"),
    maximum: maximum === undefined || maximum.startsWith("-") ? Number.POSITIVE_INFINITY : Number(maximum),
    before: lines("B") ?? lines("C") ?? 0,
    after: lines("A") ?? lines("C") ?? 0,
    separator: tool.has("no-separator") ? undefined : (tool.value("separator") ?? "--"),
    terminator: tool.has("z") ? "\0" : "\n",
    nameEnd: tool.has("Z") ? "\0" : undefined,
    initialTab: tool.has("T"),
    binary,
  };
}

function directoryAction(tool: Tool): Job["directories"] {
  let action: Job["directories"] = "read";
  for (const { name, value } of tool.options) {
    if (name === "r" || name === "R") action = "recurse";
    if (name !== "d") continue;
    if (value !== "read" && value !== "skip" && value !== "recurse") return tool.die(`unknown directories method`);
    action = value;
  }
  return action;
}

function globs(tool: Tool, option: "exclude" | "include"): string[] {
  const list = [...tool.values(option)];
  if (option === "exclude") {
    for (const file of tool.values("exclude-from")) {
      list.push(
        ...readAll(openRead(tool.process, file))
          .split("\n")
          .filter((line) => line !== ""),
      );
    }
  }
  return list;
}

function searchOperand(job: Job, file: string, implicit: boolean): boolean {
  const { tool } = job;
  const node = file === "-" ? undefined : tool.find(file);
  if (node?.type === "directory" && job.directories !== "read") {
    if (job.directories === "skip") return false;
    if (!implicit && excludesDirectory(job, file)) return false;
    return searchDirectory(job, file, { node, implicit, above: [] });
  }
  if (file !== "-" && excludesFile(job, file)) return false;
  return searchFile(job, file, job.names === "H" || (job.names !== "h" && job.several));
}

function searchDirectory(
  job: Job,
  path: string,
  context: { readonly node: DirectoryNode; readonly implicit: boolean; readonly above: readonly DirectoryNode[] },
): boolean {
  const { tool } = job;
  let found = false;
  for (const [name, child] of sortedEntries(context.node)) {
    const full = context.implicit ? name : joinPath(path, name);
    const node = child.type === "symlink" && tool.has("R") ? tool.find(full) : child;
    if (node === undefined) {
      tool.complain(`${full}: No such file or directory`);
    } else if (node.type === "directory") {
      if (excludesDirectory(job, name)) continue;
      if (context.above.includes(node) || node === context.node) {
        tool.say(`warning: ${full}: recursive directory loop`);
        continue;
      }
      const inside = { node, implicit: false, above: [...context.above, context.node] };
      found = searchDirectory(job, full, inside) || found;
    } else if (node.type === "file" && !excludesFile(job, name)) {
      found = searchFile(job, full, job.names !== "h") || found;
    }
    if (found && job.options.quiet) return true;
  }
  return found;
}

/** The first glob that matches decides; without one, the first list that was given does. */
function excludesFile(job: Job, path: string): boolean {
  const matches = (glob: string): boolean =>
    globMatches(glob, path) || globMatches(glob, baseName(path)) || globMatches(`*/${glob}`, path);
  if (job.skipped.some(matches)) return true;
  return job.wanted.length > 0 && !job.wanted.some(matches);
}

function globMatches(glob: string, text: string): boolean {
  return matchPattern(compilePattern(glob), text);
}

function excludesDirectory(job: Job, path: string): boolean {
  const name = path.replace(/(?<=.)\/+$/, "");
  return job.skippedDirectories.some((glob) => globMatches(glob, name) || globMatches(glob, baseName(name)));
}

function searchFile(job: Job, file: string, withName: boolean): boolean {
  const { tool, options } = job;
  try {
    const stream = openInput(tool, file);
    const silent = options.quiet || options.list !== undefined || options.count;
    if (
      !silent &&
      stream.node !== undefined &&
      stream.node.type === "file" &&
      stream.node === tool.process.stdout.node
    ) {
      tool.complain(`${file === "-" ? "(standard input)" : file}: input file is also the output`);
      return false;
    }
    const name = file === "-" ? (tool.value("label") ?? "(standard input)") : file;
    return search(tool, stream, { matcher: job.matcher, options, name, withName, state: job.state });
  } catch (error) {
    if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
    tool.status = 2;
    if (!tool.has("s")) tool.say(`${file}: ${error.text}`);
    return false;
  }
}
