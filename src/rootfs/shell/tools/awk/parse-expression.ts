/**
 * Parses awk expressions, with the precedences of mawk: `|` before getline and `<` after it bind tighter than concatenation.
 */
import { AwkError, type Expression, type Target } from "./ast.js";
import { ARGUMENT_COUNTS } from "./built-in-arguments.js";
import type { TokenReader } from "./token-reader.js";

/** What an expression must not take. */
export interface ExpressionLimits {
  /** `>` is a redirection (print). */
  readonly noGreater?: boolean;
  /** `in` ends the expression (for). */
  readonly noIn?: boolean;
}

/** A parser of expressions. */
export class ExpressionParser {
  private limits: ExpressionLimits = {};
  private readonly reader: TokenReader;

  constructor(reader: TokenReader) {
    this.reader = reader;
  }

  /** An expression. */
  parse(limits: ExpressionLimits = {}): Expression {
    const outer = this.limits;
    this.limits = limits;
    try {
      return this.conditional();
    } finally {
      this.limits = outer;
    }
  }

  /** Expressions with commas between, up to something else. */
  list(limits: ExpressionLimits = {}): Expression[] {
    const items = [this.parse(limits)];
    while (this.reader.accept(",") !== undefined) {
      this.reader.skipNewlines();
      items.push(this.parse(limits));
    }
    return items;
  }

  private conditional(): Expression {
    const test = this.or();
    if (this.reader.accept("?") === undefined) return test;
    this.reader.skipNewlines();
    const yes = this.conditional();
    this.reader.skipNewlines();
    this.reader.expect(":");
    this.reader.skipNewlines();
    return { kind: "conditional", test, yes, no: this.conditional() };
  }

  private or(): Expression {
    let left = this.and();
    while (this.reader.accept("||") !== undefined) {
      this.reader.skipNewlines();
      left = { kind: "or", left, right: this.and() };
    }
    return left;
  }

  private and(): Expression {
    let left = this.membership();
    while (this.reader.accept("&&") !== undefined) {
      this.reader.skipNewlines();
      left = { kind: "and", left, right: this.membership() };
    }
    return left;
  }

  private membership(): Expression {
    let left = this.match();
    while (!this.limits.noIn && this.reader.accept("in") !== undefined) {
      const name = this.reader.next();
      if (name.kind !== "name") {
        this.reader.at--;
        this.reader.fail();
      }
      left = { kind: "in", subscripts: left.kind === "list" ? left.items : [left], array: name.text };
    }
    return left;
  }

  private match(): Expression {
    let left = this.comparison();
    for (;;) {
      const operator = this.reader.accept("~", "!~");
      if (operator === undefined) return left;
      left = { kind: "match", negated: operator === "!~", left, right: this.comparison() };
    }
  }

  private comparison(): Expression {
    let left = this.concatenation();
    for (;;) {
      if (this.limits.noGreater && this.reader.is(">")) return left;
      const operator = this.reader.accept("<", "<=", "==", "!=", ">", ">=");
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: this.concatenation() };
    }
  }

  private concatenation(): Expression {
    let left = this.sum();
    while (this.operandFollows()) left = { kind: "concatenation", left, right: this.sum() };
    return left;
  }

  private operandFollows(): boolean {
    const { kind, text } = this.reader.peek();
    if (kind === "operator") return text === "$" || text === "(" || text === "!" || text === "++" || text === "--";
    return ["number", "string", "regex", "name", "function", "builtin"].includes(kind);
  }

  private sum(): Expression {
    let left = this.product();
    for (;;) {
      const operator = this.reader.accept("+", "-");
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: this.product() };
    }
  }

  private product(): Expression {
    let left = this.unary();
    for (;;) {
      const operator = this.reader.accept("*", "/", "%");
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: this.unary() };
    }
  }

  private unary(): Expression {
    const operator = this.reader.accept("!", "-", "+");
    if (operator !== undefined) return { kind: "unary", operator: operator as "!" | "-" | "+", operand: this.unary() };
    return this.power();
  }

  private power(): Expression {
    const base = this.postfix();
    if (this.reader.accept("^") === undefined) return base;
    return { kind: "binary", operator: "^", left: base, right: this.unary() };
  }

  /** A primary with what binds tightest to it: assignment, ++, --, and `| getline`. */
  private postfix(): Expression {
    let operand = this.primary();
    if (isTarget(operand)) {
      const assignment = this.reader.accept("=", "+=", "-=", "*=", "/=", "%=", "^=");
      if (assignment !== undefined) {
        this.reader.skipNewlines();
        return { kind: "assignment", operator: assignment.slice(0, -1), target: operand, value: this.conditional() };
      }
      const increment = this.reader.accept("++", "--");
      if (increment !== undefined) {
        operand = { kind: "increment", delta: increment === "++" ? 1 : -1, prefix: false, target: operand };
      }
    }
    while (this.reader.is("|") && this.reader.peek(1).text === "getline" && this.reader.peek(1).kind === "keyword") {
      this.reader.at += 2;
      operand = { kind: "getline", from: "command", source: operand, target: this.optionalTarget() };
    }
    return operand;
  }

  private primary(): Expression {
    const { reader } = this;
    const token = reader.next();
    switch (token.kind) {
      case "number":
        return { kind: "number", value: Number(token.text) };
      case "string":
        return { kind: "string", value: token.text, line: token.line };
      case "regex":
        return { kind: "regex", source: token.text, line: token.line };
      case "name":
        return this.named(token.text);
      case "function": {
        reader.expect("(");
        return { kind: "call", name: token.text, args: this.callArguments() };
      }
      case "builtin":
        return this.builtin(token.text);
      case "keyword":
        if (token.text === "getline") return this.getline();
        break;
      case "operator":
        if (token.text === "(") return this.parenthesized();
        if (token.text === "$") return { kind: "field", index: this.fieldIndex() };
        if (token.text === "++" || token.text === "--") {
          const target = this.primary();
          if (isTarget(target)) return { kind: "increment", delta: token.text === "++" ? 1 : -1, prefix: true, target };
        }
        if (token.text === "-" || token.text === "+" || token.text === "!") {
          return { kind: "unary", operator: token.text, operand: this.unary() };
        }
    }
    reader.at = Math.max(0, reader.at - (token.kind === "end" ? 0 : 1));
    return reader.fail();
  }

  private named(name: string): Target {
    if (this.reader.accept("[") === undefined) return { kind: "name", name };
    const subscripts = this.list();
    this.reader.expect("]");
    return { kind: "element", name, subscripts };
  }

  /** What follows `$`: it takes ++ and -- before, but nothing behind, unless it is NF. */
  private fieldIndex(): Expression {
    const operator = this.reader.accept("-", "+", "!");
    if (operator !== undefined) return { kind: "unary", operator: operator as "-", operand: this.fieldIndex() };
    const index = this.primary();
    if (index.kind !== "name" || index.name !== "NF") return index;
    const increment = this.reader.accept("++", "--");
    if (increment === undefined) return index;
    return { kind: "increment", delta: increment === "++" ? 1 : -1, prefix: false, target: index };
  }

  private parenthesized(): Expression {
    const items = this.list();
    this.reader.expect(")");
    if (items.length > 1) return { kind: "list", items };
    return { kind: "group", item: items[0]! };
  }

  private callArguments(): Expression[] {
    this.reader.skipNewlines();
    if (this.reader.accept(")") !== undefined) return [];
    const args = this.list();
    this.reader.skipNewlines();
    this.reader.expect(")");
    return args;
  }

  private builtin(name: string): Expression {
    if (!this.reader.is("(")) {
      if (name !== "length") this.reader.fail();
      return { kind: "builtin", name, args: [] };
    }
    const { line } = this.reader.next();
    const args = this.callArguments();
    const [least, most] = ARGUMENT_COUNTS[name]!;
    if (args.length < least) {
      throw new AwkError(`line ${line}: not enough arguments in call to ${name}: ${args.length} (need ${least})`);
    }
    if (args.length > most) {
      throw new AwkError(`line ${line}: too many arguments in call to ${name}: ${args.length} (maximum ${most})`);
    }
    return { kind: "builtin", name, args };
  }

  private getline(): Expression {
    const target = this.optionalTarget();
    if (this.reader.accept("<") === undefined) return { kind: "getline", from: "input", source: undefined, target };
    return { kind: "getline", from: "file", source: this.primary(), target };
  }

  private optionalTarget(): Target | undefined {
    const { kind, text } = this.reader.peek();
    if (kind !== "name" && !(kind === "operator" && text === "$")) return undefined;
    const target = this.primary();
    return isTarget(target) ? target : this.reader.fail();
  }
}

/** Whether an expression can be assigned to. */
export function isTarget(expression: Expression): expression is Target {
  return expression.kind === "name" || expression.kind === "element" || expression.kind === "field";
}
