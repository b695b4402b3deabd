/** awk as mawk 1.3.4 in the C locale. Random numbers stop the build. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import type { Command, Process } from "../../process.js";
import { openRead, readAll } from "../open.js";
import { defineTool, type Tool } from "../tool.js";
import { AwkError } from "./ast.js";
import { executeProgram } from "./execute.js";
import { expandEscapes } from "./lexer.js";
import { parseProgram } from "./parse-program.js";
import { Runtime } from "./runtime.js";
import { OutputError } from "./streams.js";
import { fromInput } from "./value.js";

export const awk: Command = defineTool({ short: "F:v:f:W:", operandsEndOptions: true, failure: 2 }, (tool) => {
  if (tool.has("W")) tool.unsupported("-W");
  const runtime = new Runtime(tool);
  try {
    run(runtime);
  } catch (error) {
    if (!(error instanceof AwkError) && !(error instanceof OutputError)) throw error;
    tool.say(error.message);
    runtime.status = 2;
  }
  runtime.streams.closeAll();
  return runtime.status;
});

function run(runtime: Runtime): undefined {
  const { tool } = runtime;
  for (const { name, value } of tool.options) {
    if (name === "F") runtime.assignInput("FS", expandEscapes(value));
    if (name !== "v") continue;
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(value);
    if (match === null) throw new AwkError(`improper assignment: -v ${value}`);
    runtime.assignInput(match[1]!, expandEscapes(match[2]!));
  }
  const operands = [...tool.operands];
  const files = tool.values("f");
  const source = files.length > 0 ? files.map((file) => readProgram(tool, file)).join("\n") : operands.shift();
  if (source === undefined) return tool.unsupported("without a program");
  setUp(runtime, tool.process, operands);
  executeProgram(runtime, parseProgram(source));
}

function readProgram(tool: Tool, file: string): string {
  try {
    return readAll(file === "-" ? tool.process.stdin : openRead(tool.process, file));
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    throw new AwkError(`cannot open "${file}" (${error.text})`);
  }
}

function setUp(runtime: Runtime, process: Process, operands: readonly string[]): undefined {
  const argv = runtime.global("ARGV").array;
  argv.set(0, runtime.tool.name.replace(/.*\//, ""));
  for (const [i, operand] of operands.entries()) argv.set(i + 1, fromInput(operand));
  runtime.global("ARGC").value = operands.length + 1;
  const environment = runtime.global("ENVIRON").array;
  for (const [name, value] of process.environment) environment.set(name, fromInput(value));
}
