/** env(1) of coreutils 9.7. */

import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { quoteAlways } from "./quote.js";
import { runProgram } from "./run-program.js";
import { defineTool } from "./tool.js";

export const env: Command = defineTool(
  {
    short: "i0u:C:",
    long: { "ignore-environment": "i", null: "0", "unset=": "u", "chdir=": "C" },
    refused: "aSv",
    refusedLong: [
      "argv0",
      "split-string",
      "debug",
      "block-signal",
      "default-signal",
      "ignore-signal",
      "list-signal-handling",
    ],
    failure: 125,
    operandsEndOptions: true,
  },
  (tool) => {
    const { process } = tool;
    const operands = [...tool.operands];
    const environment = new Map(process.environment);
    if (tool.has("i") || operands[0] === "-") environment.clear();
    if (operands[0] === "-") operands.shift();
    for (const name of tool.values("u")) environment.delete(name);
    while (operands[0]?.includes("=")) {
      const operand = operands.shift()!;
      const equals = operand.indexOf("=");
      environment.delete(operand.slice(0, equals));
      environment.set(operand.slice(0, equals), operand.slice(equals + 1));
    }
    if (operands.length === 0) {
      if (tool.has("C")) tool.usage("must specify command with --chdir (-C)");
      for (const [name, value] of environment) tool.out(`${name}=${value}${tool.has("0") ? "\0" : "\n"}`);
      return 0;
    }
    if (tool.has("0")) tool.usage("cannot specify --null (-0) with command");
    let cwd: string | undefined;
    const directory = tool.value("C");
    if (directory !== undefined) {
      try {
        process.tree.directory(tool.absolute(directory));
        cwd = process.tree.realpath(tool.absolute(directory));
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.die(`cannot change directory to ${quoteAlways(directory)}: ${error.text}`);
      }
    }
    const changes: Record<string, string | undefined> = {};
    for (const name of process.environment.keys()) if (!environment.has(name)) changes[name] = undefined;
    for (const [name, value] of environment) changes[name] = value;
    return runProgram(tool, operands, { environment: changes, cwd });
  },
);
