/**
 * Turns awk expressions into functions that compute them.
 */
import { AwkError, type Expression } from "./ast.js";
import { compileBuiltin, compileGetline } from "./compile-builtin.js";
import { arrayOf, compileKey, compilePattern, place, slotOf } from "./compile-target.js";
import { Slot } from "./runtime.js";
import type { Compute, Scope } from "./scope.js";
import { isTrue, toNumber } from "./value.js";

const MAX_CALLS = 900;

/** A scope whose expressions are compiled by the rules here. */
export function makeScope(parts: Omit<Scope, "compile">): Scope {
  const scope: Scope = { ...parts, compile: (expression) => compileExpression(scope, expression) };
  return scope;
}

function compileExpression(scope: Scope, expression: Expression): Compute {
  const { runtime } = scope;
  const compile = (inner: Expression): Compute => compileExpression(scope, inner);
  switch (expression.kind) {
    case "number":
    case "string": {
      const { value } = expression;
      return () => value;
    }
    case "regex": {
      const regex = runtime.patterns.compile(expression.source, expression.line);
      return () => (regex.test(runtime.record.whole()) ? 1 : 0);
    }
    case "group":
      return compile(expression.item);
    case "list":
      throw new AwkError("line 1: syntax error at or near )");
    case "name":
    case "element":
    case "field":
      return place(scope, expression).get;
    case "unary":
      return compileUnary(expression.operator, compile(expression.operand));
    case "binary":
      return compileBinary(scope, expression);
    case "concatenation": {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return () => {
        const first = runtime.text(left());
        return first + runtime.text(right());
      };
    }
    case "and": {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return () => (isTrue(left()) && isTrue(right()) ? 1 : 0);
    }
    case "or": {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return () => (isTrue(left()) || isTrue(right()) ? 1 : 0);
    }
    case "match": {
      const left = compile(expression.left);
      const pattern = compilePattern(scope, expression.right);
      const wanted = !expression.negated;
      return () => {
        const text = runtime.text(left());
        return pattern().test(text) === wanted ? 1 : 0;
      };
    }
    case "in": {
      const key = compileKey(scope, expression.subscripts);
      const array = arrayOf(scope, expression.array);
      return () => {
        const subscript = key();
        return array().has(subscript) ? 1 : 0;
      };
    }
    case "conditional": {
      const [test, yes, no] = [compile(expression.test), compile(expression.yes), compile(expression.no)];
      return () => (isTrue(test()) ? yes() : no());
    }
    case "assignment":
      return compileAssignment(scope, expression);
    case "increment": {
      const { get, set } = place(scope, expression.target);
      const { delta, prefix } = expression;
      return () => {
        const old = toNumber(get());
        set(old + delta);
        return prefix ? old + delta : old;
      };
    }
    case "call":
      return compileCall(scope, expression);
    case "builtin":
      return compileBuiltin(scope, expression);
    case "getline":
      return compileGetline(scope, expression);
  }
}

function compileUnary(operator: "!" | "-" | "+", operand: Compute): Compute {
  if (operator === "!") return () => (isTrue(operand()) ? 0 : 1);
  return operator === "-" ? () => -toNumber(operand()) : () => toNumber(operand());
}

/** Arithmetic, as doubles do it. */
function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    default:
      return a ** b;
  }
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function compileBinary(scope: Scope, expression: Extract<Expression, { kind: "binary" }>): Compute {
  const { operator } = expression;
  const [left, right] = [compileExpression(scope, expression.left), compileExpression(scope, expression.right)];
  const test = COMPARISONS[operator];
  if (test === undefined) {
    return () => {
      const a = toNumber(left());
      return arithmetic(operator, a, toNumber(right()));
    };
  }
  return () => {
    const a = left();
    return test(scope.runtime.compare(a, right())) ? 1 : 0;
  };
}

function compileAssignment(scope: Scope, expression: Extract<Expression, { kind: "assignment" }>): Compute {
  const { operator } = expression;
  const value = compileExpression(scope, expression.value);
  const { get, set } = place(scope, expression.target);
  if (operator === "") return () => set(value());
  return () => {
    const right = toNumber(value());
    return set(arithmetic(operator, toNumber(get()), right));
  };
}

function compileCall(scope: Scope, expression: Extract<Expression, { kind: "call" }>): Compute {
  const { runtime } = scope;
  const target = scope.functions.get(expression.name);
  if (target === undefined) throw new AwkError(`line 2: function ${expression.name} never defined`);
  const { parameters } = target.definition;
  if (expression.args.length > parameters.length) {
    throw new AwkError(`line 1: too many arguments in call to ${expression.name}`);
  }
  const args = expression.args.map((arg): (() => Slot) => {
    if (arg.kind === "name" && arg.name !== "NF") {
      const slot = slotOf(scope, arg.name);
      return () => {
        const passed = slot();
        const untyped = passed.isArray || passed.value === undefined;
        return new Slot(passed.value, untyped ? passed : undefined);
      };
    }
    const compute = compileExpression(scope, arg);
    return () => new Slot(compute());
  });
  let calls = 0;
  return () => {
    const frame = args.map((arg) => arg());
    while (frame.length < parameters.length) frame.push(new Slot());
    const outer = runtime.frame;
    runtime.frame = frame;
    if (++calls > MAX_CALLS) runtime.fail("function calls are nested too deep");
    try {
      return target.run!();
    } finally {
      calls--;
      runtime.frame = outer;
    }
  };
}
