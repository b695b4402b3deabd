/**
 * `eval`, `.` and `exec`.
 */
import { toByteString } from "../../../bytes/content.js";
import { ExitShell } from "../control.js";
import { reportMissing } from "../execute-simple.js";
import { runText } from "../interpret.js";
import type { Shell } from "../shell.js";
import { DEFAULT_PATH, findProgram, runFound } from "../start-program.js";

/** `eval [word…]` */
export function evalBuiltin(shell: Shell, args: readonly string[], tested: boolean): number {
  const text = args.slice(1).join(" ");
  if (text.trim() === "") return 0;
  const { line } = shell;
  const status = shell.process.system.meter.call(() => runText(shell, text, tested));
  shell.at(line);
  return status;
}

/** `. file`: a name without a slash is looked for in PATH. */
export function dotBuiltin(shell: Shell, args: readonly string[], tested: boolean): number {
  // dash reads the file like a script of its own: errexit works in it even where the status of `.` is tested.
  const inherited = shell.dialect === "bash" && tested;
  const operands = args[1] === "--" ? args.slice(2) : args.slice(1);
  const name = operands[0];
  if (name === undefined) return shell.dialect === "bash" ? shell.fail(`${args[0]}: filename argument required`) : 0;
  const text = readSource(shell, args[0]!, name);
  if (shell.dialect === "dash") shell.commandName = name;
  const { file, line, parameters } = shell;
  if (shell.dialect === "bash" && operands.length > 1) shell.parameters = [...operands.slice(1)];
  shell.sourceDepth++;
  shell.file = name;
  try {
    const status = shell.process.system.meter.call(() => runText(shell, text, inherited));
    if (shell.skip?.kind === "return") shell.skip = undefined;
    return status;
  } finally {
    shell.sourceDepth--;
    shell.file = file;
    if (shell.dialect === "bash" && operands.length > 1) shell.parameters = parameters;
    shell.at(line);
  }
}

function readSource(shell: Shell, command: string, name: string): string {
  const { process } = shell;
  const search = name.includes("/") ? [""] : (shell.variables.get("PATH") ?? DEFAULT_PATH).split(":");
  if (shell.dialect === "bash" && !name.includes("/")) search.push("");
  for (const directory of search) {
    const path = directory === "" ? name : `${directory}/${name}`;
    const node = process.tree.lookup(process.absolute(path));
    if (node?.type === "file") return toByteString(node.content.read());
    // dash reads nothing from a directory, and says nothing.
    if (node?.type === "directory" && shell.dialect === "dash" && name.includes("/")) return "";
  }
  if (/^\/(?:dev|proc)\//.test(name)) {
    const stream = process.open(name, "read");
    let text = "";
    for (let part = stream.read(65536); part !== ""; part = stream.read(65536)) text += part;
    return text;
  }
  if (shell.dialect === "bash") return shell.fail(`${name}: No such file or directory`, 1);
  return shell.fail(
    name.includes("/") ? `${command}: cannot open ${name}: No such file` : `${command}: ${name}: not found`,
  );
}

/** `exec [command…]`: replaces the shell. Redirections without a command are the evaluator's. */
export function execBuiltin(shell: Shell, args: readonly string[]): number {
  const words = args[1] === "--" ? args.slice(2) : args.slice(1);
  const name = words[0];
  if (name === undefined) return 0;
  if (shell.dialect === "bash" && name.startsWith("-")) shell.unsupported(`exec ${name}`);
  const found = findProgram(shell.process, name, shell.variables.get("PATH") ?? DEFAULT_PATH);
  if (found.status !== 0) {
    if (shell.dialect === "bash") reportMissing(shell, `exec: ${name}`, found.status);
    else shell.report(`exec: ${name}: ${found.status === 127 ? "not found" : "Permission denied"}`);
    throw new ExitShell(found.status);
  }
  const child = shell.process.fork({ environment: shell.variables.environment() });
  throw new ExitShell(runFound(child, found, words), true);
}
