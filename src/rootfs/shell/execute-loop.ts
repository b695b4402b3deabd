/**
 * Loops: `for`, `while`, `until`, and bash's `for ((…))`.
 */
import { evaluateArithmetic } from "./arithmetic.js";
import { executeBlock } from "./execute.js";
import { expandFields, expandString } from "./expand-word.js";
import type { Shell } from "./shell.js";
import type { Block, CompoundCommand, Word } from "./syntax.js";

type While = CompoundCommand & { type: "while" | "arithmetic-for" };

/** Runs a `for` loop. */
export function executeFor(shell: Shell, node: CompoundCommand & { type: "for" }, tested: boolean): number {
  shell.at(node.line);
  const values = node.words === undefined ? [...shell.parameters] : expandFields(shell, node.words);
  let status = 0;
  for (const value of values) {
    shell.assign(node.name, value);
    status = runBody(shell, node.body, tested);
    if (endsLoop(shell)) break;
  }
  return status;
}

/** Runs a loop with a condition. */
export function executeWhile(shell: Shell, node: While, tested: boolean): number {
  let status = 0;
  if (node.type === "arithmetic-for") calculate(shell, node.initialize, 0n);
  for (;;) {
    shell.process.system.meter.step();
    const go = node.type === "while" ? holds(shell, node) : calculate(shell, node.test, 1n) !== 0n;
    if (endsLoop(shell)) {
      status = shell.status;
      break;
    }
    if (go === undefined) continue;
    if (!go) break;
    status = runBody(shell, node.body, tested);
    if (endsLoop(shell)) break;
    if (node.type === "arithmetic-for") calculate(shell, node.update, 0n);
  }
  return status;
}

/** The condition; undefined when `continue` inside it starts the next turn. */
function holds(shell: Shell, node: While & { type: "while" }): boolean | undefined {
  shell.loopDepth++;
  try {
    const status = executeBlock(shell, node.condition, true);
    return shell.skip === undefined ? (status === 0) !== node.until : undefined;
  } finally {
    shell.loopDepth--;
  }
}

function calculate(shell: Shell, word: Word, otherwise: bigint): bigint {
  const text = expandString(shell, word);
  return text.trim() === "" ? otherwise : evaluateArithmetic(shell, text);
}

function runBody(shell: Shell, body: Block, tested: boolean): number {
  shell.process.system.meter.step();
  shell.loopDepth++;
  try {
    return executeBlock(shell, body, tested);
  } finally {
    shell.loopDepth--;
  }
}

/** Whether this loop ends; a `continue` or `break` that is meant for it is used up. */
function endsLoop(shell: Shell): boolean {
  const { skip } = shell;
  if (skip === undefined) return false;
  if (skip.kind === "return") return true;
  if (--skip.count > 0) return true;
  shell.skip = undefined;
  return skip.kind === "break";
}
