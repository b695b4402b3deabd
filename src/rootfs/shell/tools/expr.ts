/** expr(1) of coreutils 9.7 in the C locale. */
import type { Command } from "../process.js";
import { quoteText } from "./quote.js";
import { RegexError } from "./regex/ast.js";
import { compileRegex } from "./regex/regex.js";
import { defineTool, type Tool } from "./tool.js";

export const expr: Command = (process, args) => {
  const operands = args[1] === "--" ? args.slice(2) : args.slice(1);
  return run(process, [args[0]!, "--", ...operands]);
};

const run = defineTool({ refused: "", failure: 2 }, (tool) => {
  const { operands } = tool;
  if (operands.length === 0) tool.usage("missing operand");
  if (operands.length === 1 && /^--(help|version)$/.test(operands[0]!)) tool.unsupported(operands[0]!);
  const evaluation = new Evaluation(tool, operands);
  const value = evaluation.all();
  tool.out(`${value}\n`);
  return isNull(value) ? 1 : 0;
});

type Value = string | bigint;

function isNull(value: Value): boolean {
  return typeof value === "bigint" ? value === 0n : value === "" || /^-?0+$/.test(value);
}

class Evaluation {
  private at = 0;
  private readonly tool: Tool;
  private readonly operands: readonly string[];

  constructor(tool: Tool, operands: readonly string[]) {
    this.tool = tool;
    this.operands = operands;
  }

  all(): Value {
    const value = this.or(true);
    if (this.at < this.operands.length)
      this.tool.die(`syntax error: unexpected argument ${quoteText(this.operands[this.at]!)}`);
    return value;
  }

  private accept(...words: string[]): string | undefined {
    const word = this.operands[this.at];
    if (word === undefined || !words.includes(word)) return undefined;
    this.at++;
    return word;
  }

  /** `evaluate` is false where the result does not matter: no errors of arithmetic there. */
  private or(evaluate: boolean): Value {
    let left = this.and(evaluate);
    while (this.accept("|") !== undefined) {
      const right = this.and(evaluate && isNull(left));
      if (isNull(left)) left = isNull(right) ? 0n : right;
    }
    return left;
  }

  private and(evaluate: boolean): Value {
    let left = this.comparison(evaluate);
    while (this.accept("&") !== undefined) {
      const right = this.comparison(evaluate && !isNull(left));
      if (isNull(left) || isNull(right)) left = 0n;
    }
    return left;
  }

  private comparison(evaluate: boolean): Value {
    let left = this.sum(evaluate);
    for (;;) {
      const operator = this.accept("<", "<=", "=", "==", "!=", ">=", ">");
      if (operator === undefined) return left;
      const right = this.sum(evaluate);
      if (evaluate) left = compare(left, right, operator) ? 1n : 0n;
    }
  }

  private sum(evaluate: boolean): Value {
    let left = this.product(evaluate);
    for (;;) {
      const operator = this.accept("+", "-");
      if (operator === undefined) return left;
      const right = this.product(evaluate);
      if (!evaluate) continue;
      const [a, b] = [this.integer(left), this.integer(right)];
      left = operator === "+" ? a + b : a - b;
    }
  }

  private product(evaluate: boolean): Value {
    let left = this.match(evaluate);
    for (;;) {
      const operator = this.accept("*", "/", "%");
      if (operator === undefined) return left;
      const right = this.match(evaluate);
      if (!evaluate) continue;
      const [a, b] = [this.integer(left), this.integer(right)];
      if (operator !== "*" && b === 0n) this.tool.die("division by zero");
      left = operator === "*" ? a * b : operator === "/" ? a / b : a % b;
    }
  }

  private match(evaluate: boolean): Value {
    let left = this.word(evaluate);
    while (this.accept(":") !== undefined) {
      const right = this.word(evaluate);
      if (evaluate) left = this.matched(String(left), String(right));
    }
    return left;
  }

  private word(evaluate: boolean): Value {
    if (this.accept("+") !== undefined) return this.operand();
    if (this.accept("length") !== undefined) return BigInt(String(this.word(evaluate)).length);
    if (this.accept("match") !== undefined) {
      const [text, pattern] = [this.word(evaluate), this.word(evaluate)];
      return evaluate ? this.matched(String(text), String(pattern)) : "";
    }
    if (this.accept("index") !== undefined) {
      const [text, characters] = [String(this.word(evaluate)), String(this.word(evaluate))];
      const found = [...text].findIndex((c) => characters.includes(c));
      return BigInt(found + 1);
    }
    if (this.accept("substr") !== undefined) {
      const text = String(this.word(evaluate));
      const [from, length] = [this.word(evaluate), this.word(evaluate)].map((value) => toInteger(value));
      if (from === undefined || length === undefined || from < 1n || length < 1n) return "";
      return text.slice(Number(from) - 1, Number(from - 1n + length));
    }
    if (this.operands[this.at] === "(") {
      this.at++;
      const value = this.or(evaluate);
      if (this.operands[this.at] === undefined) {
        this.tool.die(`syntax error: expecting ')' after ${quoteText(this.operands[this.at - 1]!)}`);
      }
      if (this.accept(")") === undefined) {
        this.tool.die(`syntax error: expecting ')' instead of ${quoteText(this.operands[this.at]!)}`);
      }
      return value;
    }
    if (this.operands[this.at] === ")") this.tool.die("syntax error: unexpected ')'");
    return this.operand();
  }

  private operand(): string {
    const word = this.operands[this.at++];
    if (word === undefined) {
      return this.tool.die(`syntax error: missing argument after ${quoteText(this.operands.at(-1)!)}`);
    }
    return word;
  }

  private integer(value: Value): bigint {
    return toInteger(value) ?? this.tool.die("non-integer argument");
  }

  private matched(text: string, pattern: string): Value {
    try {
      const regex = compileRegex(pattern, { syntax: "basic" });
      const match = regex.exec(text);
      const found = match?.start === 0 ? match : undefined;
      if (regex.groups > 0) return found?.group(1) ?? "";
      return BigInt(found?.end ?? 0);
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      return this.tool.die(error.message);
    }
  }
}

function toInteger(value: Value): bigint | undefined {
  if (typeof value === "bigint") return value;
  return /^-?[0-9]+$/.test(value) ? BigInt(value) : undefined;
}

function compare(left: Value, right: Value, operator: string): boolean {
  const [a, b] = [toInteger(left), toInteger(right)];
  const numbers = a !== undefined && b !== undefined;
  const less = numbers ? a < b : String(left) < String(right);
  const equal = numbers ? a === b : String(left) === String(right);
  switch (operator) {
    case "<":
      return less;
    case "<=":
      return less || equal;
    case "=":
    case "==":
      return equal;
    case "!=":
      return !equal;
    case ">=":
      return !less;
    default:
      return !less && !equal;
  }
}
