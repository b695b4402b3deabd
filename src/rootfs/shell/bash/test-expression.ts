/**
 * bash's `[[ … ]]`.
 */
import { evaluateArithmetic } from "../arithmetic.js";
import { testBinary, testUnary } from "../builtins/test.js";
import { expandPattern, expandString } from "../expand-word.js";
import { compilePattern, matchPattern } from "../pattern.js";
import type { Shell } from "../shell.js";
import type { TestExpression } from "../syntax.js";
import { getElement, setArray } from "./array.js";
import { translateRegex } from "./regex.js";

/** Evaluates a conditional expression to a status. */
export function executeTest(shell: Shell, node: TestExpression): number {
  return Number(!evaluate(shell, node));
}

function evaluate(shell: Shell, node: TestExpression): boolean {
  switch (node.type) {
    case "not":
      return !evaluate(shell, node.operand);
    case "logical":
      return node.operator === "&&"
        ? node.operands.every((operand) => evaluate(shell, operand))
        : node.operands.some((operand) => evaluate(shell, operand));
    case "unary":
      return unary(shell, node.operator, expandString(shell, node.operand));
    case "binary":
      return binary(shell, node);
  }
}

function unary(shell: Shell, operator: string, operand: string): boolean {
  if (operator === "-v") {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)\[(.*)\]$/s.exec(operand);
    if (match !== null) return getElement(shell, match[1]!, match[2]!) !== undefined;
    if (/^[0-9]+$/.test(operand)) return shell.parameters[Number(operand) - 1] !== undefined;
    return shell.variables.get(operand) !== undefined;
  }
  if (operator === "-a") return testUnary(shell, "-e", operand);
  if (operator === "-o") return shell.unsupported("[[ -o ]]");
  return testUnary(shell, operator, operand);
}

function binary(shell: Shell, node: TestExpression & { type: "binary" }): boolean {
  const left = expandString(shell, node.left);
  switch (node.operator) {
    case "=":
    case "==":
      return matchPattern(compilePattern(expandPattern(shell, node.right), "bash"), left);
    case "!=":
      return !matchPattern(compilePattern(expandPattern(shell, node.right), "bash"), left);
    case "=~":
      return matchRegex(shell, left, translateRegex(shell, node.right));
    case "-eq":
    case "-ne":
    case "-lt":
    case "-le":
    case "-gt":
    case "-ge": {
      const [a, b] = [left, expandString(shell, node.right)].map((text) => String(evaluateArithmetic(shell, text)));
      return testBinary(shell, { left: a!, operator: node.operator, right: b!, name: "[[" });
    }
    default:
      return testBinary(shell, { left, operator: node.operator, right: expandString(shell, node.right), name: "[[" });
  }
}

function matchRegex(shell: Shell, text: string, regex: RegExp): boolean {
  const match = regex.exec(text);
  setArray(shell, "BASH_REMATCH", match === null ? [] : [...match].map((group) => group ?? ""));
  return match !== null;
}
