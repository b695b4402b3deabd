/** sed(1) of GNU sed 4.9 in the C locale. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import type { Command } from "../../process.js";
import { openRead, openWrite, readAll } from "../open.js";
import { defineTool, type Tool } from "../tool.js";
import { executeScript } from "./execute.js";
import { SedInput, SedOutput } from "./files.js";
import { parseScript } from "./parse-script.js";
import { type Fragment, ScriptError, type SedScript } from "./script.js";

const DEFAULT_LINE_LENGTH = 70;

export const sed: Command = defineTool(
  {
    short: "nrEe:f:i::l:suz",
    long: {
      quiet: "n",
      silent: "n",
      "regexp-extended": "E",
      "expression=": "e",
      "file=": "f",
      "in-place?": "i",
      "line-length=": "l",
      separate: "s",
      unbuffered: "u",
      "null-data": "z",
      "zero-terminated": "z",
      "follow-symlinks": "follow",
    },
  },
  (tool) => {
    try {
      return run(tool);
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      return tool.die(error.message, error.status);
    }
  },
);

function run(tool: Tool): number {
  const { fragments, files } = readFragments(tool);
  const script = parseScript(fragments, {
    extended: tool.has("E") || tool.has("r"),
    nullData: tool.has("z"),
    unsupported: (what) => tool.unsupported(what),
  });
  const terminator = tool.has("z") ? "\0" : "\n";
  const inPlace = tool.has("i") ? (tool.value("i") ?? "") : undefined;
  const output = new SedOutput(tool.process.stdout, terminator);
  const writers = openWriters(tool, script, terminator);
  const options = {
    terminator,
    separate: tool.has("s") || inPlace !== undefined,
    inPlace,
    followSymlinks: tool.has("follow"),
  } as const;
  const input = new SedInput(tool, files.length === 0 ? ["-"] : files, { options, output });
  const status = executeScript({
    tool,
    script,
    input,
    quiet: tool.has("n") || script.quiet,
    lineLength: Number(tool.value("l") ?? DEFAULT_LINE_LENGTH) || 0,
    terminator,
    writer: (file) => writers.get(file)!,
  });
  return status || tool.status;
}

function readFragments(tool: Tool): { readonly fragments: Fragment[]; readonly files: readonly string[] } {
  const fragments: Fragment[] = [];
  let expression = 0;
  for (const { name, value } of tool.options) {
    if (name === "e") fragments.push({ text: value, source: { expression: ++expression } });
    if (name !== "f") continue;
    try {
      const stream = value === "-" ? tool.process.stdin : openRead(tool.process, value);
      fragments.push({ text: readAll(stream).replace(/\n$/, ""), source: { file: value } });
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tool.die(`couldn't open file ${value}: ${error.text}`, 4);
    }
  }
  if (fragments.length > 0) return { fragments, files: tool.operands };
  const [script, ...files] = tool.operands;
  if (script === undefined) return tool.unsupported("without a script");
  return { fragments: [{ text: script, source: { expression: 1 } }], files };
}

/** Opens every file that the script may write, which empties it, before the first line is read. */
function openWriters(tool: Tool, script: SedScript, terminator: string): Map<string, SedOutput> {
  const writers = new Map<string, SedOutput>();
  for (const { action } of script.commands) {
    const file =
      action.kind === "w" || action.kind === "W"
        ? action.file
        : action.kind === "s"
          ? action.substitution.file
          : undefined;
    if (file === undefined || writers.has(file)) continue;
    if (file === "/dev/stdout") writers.set(file, new SedOutput(tool.process.stdout, terminator));
    else {
      try {
        const stream = file === "/dev/stderr" ? tool.process.stderr : openWrite(tool.process, file);
        writers.set(file, new SedOutput(stream, terminator));
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.die(`couldn't open file ${file}: ${error.text}`, 4);
      }
    }
  }
  return writers;
}
