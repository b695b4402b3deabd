/**
 * `sh`, `dash` and `bash` as programs: `sh -c 'commands'`, `sh file`, `sh -s`.
 */
import { toByteString } from "../../bytes/content.js";
import { FileSystemError } from "../tree/file-system-error.js";
import { EmulatedProcess } from "./emulated-process.js";
import { interpretFile } from "./interpret.js";
import type { Command, Process } from "./process.js";
import type { Dialect } from "./syntax.js";

/** The shells, by the name of their file. */
export const shellCommands: ReadonlyMap<string, Command> = new Map([
  ["sh", runDash],
  ["dash", runDash],
  ["bash", runBash],
]);

function runDash(process: Process, args: readonly string[]): number {
  return runShellCommand(process, args, "dash");
}

function runBash(process: Process, args: readonly string[]): number {
  return runShellCommand(process, args, "bash");
}

interface CommandLine {
  /** Option words for the shell. */
  readonly options: string[];
  readonly operands: readonly string[];
  readonly command: boolean;
  readonly stdin: boolean;
}

function runShellCommand(process: Process, args: readonly string[], dialect: Dialect): number {
  if (!(process instanceof EmulatedProcess)) throw new TypeError("the process was not made by this shell");
  const { options, operands, command, stdin } = readCommandLine(process, args, dialect);
  const shell = args[0] ?? dialect;
  if (command) {
    const [text, name = shell, ...parameters] = operands;
    if (text === undefined) {
      process.stderr.write(`${shell}: 0: -c requires an argument\n`);
      return 2;
    }
    return interpretFile(process, { text, dialect, name, parameters, options });
  }
  if (stdin || operands.length === 0) {
    return interpretFile(process, { text: readAll(process), dialect, name: shell, parameters: operands, options });
  }
  const [name = "", ...parameters] = operands;
  try {
    const text = toByteString(process.tree.read(process.absolute(name)));
    return interpretFile(process, { text, dialect, name, parameters, options });
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    const missing = error.errno === "ENOENT" || error.errno === "ENOTDIR" ? "No such file" : error.text;
    if (dialect === "bash") {
      process.stderr.write(`${shell}: ${name}: ${error.text}\n`);
      return 127;
    }
    process.stderr.write(`${shell}: 0: cannot open ${name}: ${missing}\n`);
    return 2;
  }
}

function readCommandLine(process: Process, args: readonly string[], dialect: Dialect): CommandLine {
  const options: string[] = [];
  let command = false;
  let stdin = false;
  let at = 1;
  for (; /^[-+]./s.test(args[at] ?? ""); at++) {
    const word = args[at]!;
    if (word === "--" || word === "-") {
      at++;
      break;
    }
    if (word.startsWith("--")) {
      if (dialect !== "bash" || !["--norc", "--noprofile", "--posix"].includes(word))
        process.unsupported(`${args[0]} ${word}`);
      continue;
    }
    let rest = "";
    for (const letter of word.slice(1)) {
      if (letter === "c" && word.startsWith("-")) command = true;
      else if (letter === "s" && word.startsWith("-")) stdin = true;
      else if (letter !== "l") rest += letter;
    }
    if (rest !== "") options.push(word[0] + rest);
    if (rest.includes("o")) options.push(args[++at] ?? "");
  }
  if (args[at] === "-") at++;
  return { options, operands: args.slice(at), command, stdin };
}

function readAll(process: Process): string {
  let text = "";
  for (let part = process.stdin.read(65536); part !== ""; part = process.stdin.read(65536)) text += part;
  return text;
}
