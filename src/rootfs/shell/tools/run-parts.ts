/** run-parts(8) of debianutils 5.23. */
import { compareByteStrings } from "../../../bytes/order.js";
import type { Command, Process, RunOptions, Stream } from "../process.js";
import { RegexError } from "./regex/ast.js";
import { compileRegex } from "./regex/regex.js";
import { defineTool, type Tool } from "./tool.js";

export const runParts: Command = defineTool(
  {
    short: "va:u:",
    long: {
      test: "test",
      list: "list",
      verbose: "v",
      report: "report",
      reverse: "reverse",
      "arg=": "a",
      "umask=": "u",
      "regex=": "regex",
      lsbsysinit: "lsbsysinit",
      "exit-on-error": "exit",
      "new-session": "session",
      debug: "debug",
      stdin: "stdin",
    },
    refused: "dVh",
    quotesHint: "`",
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    if (tool.has("test") && tool.has("list")) tool.usage("--list and --test can not be used together");
    if (tool.has("debug") || tool.has("stdin")) tool.unsupported("--debug or --stdin");
    const scripts = findScripts(tool);
    if (tool.has("reverse")) scripts.reverse();
    let status = 0;
    for (const path of scripts) {
      const node = tool.find(path);
      if (node === undefined || node.type === "directory") continue;
      if (tool.has("list")) {
        if (node.type === "file") tool.out(`${path}\n`);
      } else if (node.type !== "file") {
        tool.say(`run-parts: component ${path} is not an executable plain file\n`);
        status = 1;
      } else if ((node.mode & 0o111) === 0) {
      } else if (tool.has("test")) {
        tool.out(`${path}\n`);
      } else {
        const code = start(tool, path);
        if (code === 0) continue;
        tool.say(`${path} exited with return code ${code}`);
        status = code;
        if (tool.has("exit")) return status;
      }
    }
    return status;
  },
);

/** Paths in the order of their names; of files with the same name the first directory's counts. */
function findScripts(tool: Tool): string[] {
  const accepts = nameFilter(tool);
  const paths = new Map<string, string>();
  for (const operand of tool.operands) {
    const directory = tool.find(operand);
    if (directory?.type !== "directory") continue;
    for (const name of directory.entries.keys()) {
      if (accepts(name) && !paths.has(name)) paths.set(name, `${operand}/${name}`);
    }
  }
  return [...paths].sort(([a], [b]) => compareByteStrings(a, b)).map(([, path]) => path);
}

function start(tool: Tool, path: string): number {
  const { process } = tool;
  if (tool.has("v")) process.stderr.write(`run-parts: executing ${path}\n`);
  const old = process.umask;
  process.umask = Number.parseInt(tool.value("u") ?? "022", 8);
  try {
    return process.run(
      [path, ...tool.values("a")],
      tool.has("report") && !tool.has("v") ? reporting(process, path) : {},
    );
  } finally {
    process.umask = old;
  }
}

/** --report: a script's name goes before the first that it writes, to the same stream. */
function reporting(process: Process, path: string): RunOptions {
  let isTold = false;
  const telling = (target: Stream): Stream => ({
    read: () => "",
    readLine: () => undefined,
    write(bytes) {
      if (!isTold) target.write(`${path}:\n`);
      isTold = true;
      target.write(bytes);
    },
  });
  return { stdout: telling(process.stdout), stderr: telling(process.stderr) };
}

/** run-parts(8): the names that are considered. */
function nameFilter(tool: Tool): (name: string) => boolean {
  const own = tool.value("regex");
  if (own !== undefined) {
    try {
      const regex = compileRegex(own, { syntax: "extended" });
      return (name) => regex.test(name);
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      tool.process.stderr.write(`Unable to build regexp: ${error.message}\n`);
      return tool.exit(1);
    }
  }
  if (!tool.has("lsbsysinit")) return (name) => /^[A-Za-z0-9_-]+$/.test(name);
  const hierarchical = /^_?([a-z0-9_.]+-)+[a-z0-9]+$/;
  const traditional = /^[A-Za-z0-9_-]+$/;
  const lanana = /^[a-z0-9]+$/;
  return (name) =>
    !/\.dpkg-(old|dist|new|tmp)$/.test(name) &&
    (lanana.test(name) || hierarchical.test(name) || traditional.test(name));
}
