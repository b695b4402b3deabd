/**
 * Runs commands of the syntax tree. `tested` means that the status is looked at (a condition, the left of `&&`), where errexit is
 * off: dash's EV_TESTED, which functions and subshells called from there inherit.
 */
import { evaluateArithmetic } from "./arithmetic.js";
import { executeTest } from "./bash/test-expression.js";
import { isSpecialBuiltin } from "./builtins/table.js";
import { ExitShell } from "./control.js";
import { executeFor, executeWhile } from "./execute-loop.js";
import { executeSimple } from "./execute-simple.js";
import { expandPattern, expandString } from "./expand-word.js";
import { runShell } from "./interpret.js";
import { PipeStream, TextStream } from "./memory-stream.js";
import { matchPattern } from "./pattern.js";
import { withRedirections } from "./redirect.js";
import type { Shell } from "./shell.js";
import type { Block, CaseItem, CommandNode, CompoundCommand } from "./syntax.js";
import { runPendingTraps } from "./trap-signals.js";

/** Runs the commands of a list; returns the last status. */
export function executeBlock(shell: Shell, block: Block, tested = false): number {
  let status = 0;
  for (const command of block.commands) {
    status = execute(shell, command, tested);
    if (shell.skip !== undefined) break;
  }
  return status;
}

/** Runs a command. */
export function execute(shell: Shell, node: CommandNode, tested = false): number {
  const { meter } = shell.process.system;
  if (shell.options.has("n")) return 0;
  let status: number;
  switch (node.type) {
    case "simple":
      status = executeSimple(shell, node, tested);
      checkErrexit(shell, status, tested);
      break;
    case "function":
      shell.at(node.line);
      status = defineFunction(shell, node);
      break;
    default:
      meter.enter("command");
      status = executeCompound(shell, node, tested);
      meter.leave("command");
  }
  shell.status = status;
  if (shell.pendingSignals.length > 0) runPendingTraps(shell);
  return shell.status;
}

/** Ends the shell if errexit says so. */
export function checkErrexit(shell: Shell, status: number, tested: boolean): void {
  if (status === 0 || tested || !shell.options.has("e")) return;
  shell.status = status;
  throw new ExitShell(status);
}

function defineFunction(shell: Shell, node: CommandNode & { type: "function" }): number {
  if (shell.dialect === "dash" && (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(node.name) || isSpecialBuiltin(node.name))) {
    shell.report("Syntax error: Bad function name");
    throw new ExitShell(2);
  }
  shell.functions.set(node.name, node);
  return 0;
}

function executeCompound(shell: Shell, node: CompoundCommand, tested: boolean): number {
  switch (node.type) {
    case "block":
      return executeBlock(shell, node.body, tested);
    case "list":
      return executeList(shell, node, tested);
    case "not": {
      const status = execute(shell, node.command, true);
      return shell.skip === undefined ? Number(status === 0) : status;
    }
    case "if":
      for (const branch of node.branches) {
        const status = executeBlock(shell, branch.condition, true);
        if (shell.skip !== undefined) return status;
        if (status === 0) return executeBlock(shell, branch.body, tested);
      }
      return node.otherwise === undefined ? 0 : executeBlock(shell, node.otherwise, tested);
    case "while":
    case "arithmetic-for":
      return executeWhile(shell, node, tested);
    case "for":
      return executeFor(shell, node, tested);
    case "case":
      return executeCase(shell, node, tested);
    case "subshell": {
      shell.at(node.line);
      const status = executeSubshell(shell, () => node.body, tested);
      checkErrexit(shell, status, tested);
      return status;
    }
    case "background":
      return executeBackground(shell, node);
    case "pipeline": {
      const status = executePipeline(shell, node, tested);
      checkErrexit(shell, status, tested);
      return status;
    }
    case "redirected": {
      shell.at(node.line);
      const status = withRedirections(shell, node.redirections, () => execute(shell, node.command, tested));
      if (status !== undefined) return status;
      checkErrexit(shell, 2, tested);
      return shell.dialect === "bash" ? 1 : 2;
    }
    case "arithmetic": {
      shell.at(node.line);
      const status = Number(evaluateArithmetic(shell, expandString(shell, node.expression)) === 0n);
      checkErrexit(shell, status, tested);
      return status;
    }
    case "test": {
      shell.at(node.line);
      const status = executeTest(shell, node.expression);
      checkErrexit(shell, status, tested);
      return status;
    }
    case "unsupported":
      shell.at(node.line);
      return shell.unsupported(node.what);
  }
}

function executeList(shell: Shell, node: CompoundCommand & { type: "list" }, tested: boolean): number {
  let status = execute(shell, node.first, true);
  for (const [index, item] of node.rest.entries()) {
    if (shell.skip !== undefined) break;
    if ((status === 0) !== (item.operator === "&&")) continue;
    status = execute(shell, item.command, tested || index < node.rest.length - 1);
  }
  return status;
}

function executeCase(shell: Shell, node: CompoundCommand & { type: "case" }, tested: boolean): number {
  shell.at(node.line);
  const subject = expandString(shell, node.word);
  let status = 0;
  let through = false;
  for (const item of node.items) {
    if (!through && !matchesItem(shell, item, subject)) continue;
    status = executeBlock(shell, item.body, tested);
    if (item.then === ";;" || shell.skip !== undefined) return status;
    through = item.then === ";&";
  }
  return status;
}

function matchesItem(shell: Shell, item: CaseItem, subject: string): boolean {
  return item.patterns.some((word) =>
    word.literal === undefined
      ? matchPattern(shell.process.system.pattern(expandPattern(shell, word), shell.dialect), subject)
      : word.literal === subject,
  );
}

/** Runs a block in a copy of the shell. */
export function executeSubshell(shell: Shell, block: (child: Shell) => Block, tested = false): number {
  const child = shell.fork();
  return shell.process.system.meter.call(() =>
    runShell(child, () => {
      executeBlock(child, block(child), tested);
    }),
  );
}

/** `&` runs to its end at once: nothing here runs at the same time. */
function executeBackground(shell: Shell, node: CompoundCommand & { type: "background" }): number {
  const child = shell.fork();
  child.process.files.set(0, new TextStream(""));
  const status = shell.process.system.meter.call(() => runShell(child, () => execute(child, node.command)));
  shell.background = child.process.pid;
  shell.jobs.set(child.process.pid, status);
  return 0;
}

/** The stages run one after the other, each in a subshell, over pipes in memory. */
function executePipeline(shell: Shell, node: CompoundCommand & { type: "pipeline" }, tested: boolean): number {
  const { system } = shell.process;
  let input: PipeStream | undefined;
  const statuses: number[] = [];
  for (const [index, command] of node.commands.entries()) {
    const child = shell.fork();
    if (input !== undefined) child.process.files.set(0, input);
    if (index < node.commands.length - 1) {
      input = new PipeStream(system.meter);
      child.process.files.set(1, input);
      if (node.stderrToo[index] === true) child.process.files.set(2, input);
    }
    statuses.push(system.meter.call(() => runShell(child, () => execute(child, command, tested))));
  }
  shell.pipeStatus = statuses;
  if (!shell.options.has("pipefail")) return statuses.at(-1) ?? 0;
  return statuses.findLast((status) => status !== 0) ?? 0;
}
