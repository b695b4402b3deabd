/**
 * Variables, array elements and fields of awk: how they are found, read and assigned.
 */
import type { Regex } from "../regex/regex.js";
import type { AwkArray } from "./array.js";
import { AwkError, type Expression, type Target } from "./ast.js";
import { MAX_FIELDS } from "./record.js";
import type { Slot } from "./runtime.js";
import type { Place, Scope } from "./scope.js";
import { toNumber } from "./value.js";

/** What names a variable: a parameter of the running function, or a global one. */
export function slotOf(scope: Scope, name: string): () => Slot {
  const { runtime } = scope;
  const parameter = scope.parameters.indexOf(name);
  if (parameter >= 0) return () => runtime.frame[parameter]!;
  if (scope.functions.has(name)) throw new AwkError(`line 1: syntax error at or near ${name}`);
  const slot = runtime.global(name);
  return () => slot;
}

/** The array that a name stands for. */
export function arrayOf(scope: Scope, name: string): () => AwkArray {
  const slot = slotOf(scope, name);
  return () => slot().array;
}

/** The key of subscripts: several are joined by SUBSEP. */
export function compileKey(scope: Scope, subscripts: readonly Expression[]): () => string | number {
  const { runtime } = scope;
  const computes = subscripts.map((subscript) => scope.compile(subscript));
  const [only] = computes;
  if (computes.length === 1 && only !== undefined) {
    return () => {
      const value = only();
      const small = typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31;
      return small ? value : runtime.text(value);
    };
  }
  const separator = runtime.global("SUBSEP");
  return () => computes.map((compute) => runtime.text(compute())).join(runtime.text(separator.value));
}

/** How a target is read and assigned. */
export function place(scope: Scope, target: Target): Place {
  const { runtime } = scope;
  const { record } = runtime;
  if (target.kind === "field") {
    const index = scope.compile(target.index);
    const fieldIndex = (): number => {
      const number = Math.trunc(toNumber(index()));
      if (number < 0) runtime.fail(`negative field index $${number}`);
      if (number > MAX_FIELDS) runtime.fail(`field index ${number} exceeds maximum`);
      return number;
    };
    return {
      get: () => record.get(fieldIndex()),
      set: (value) => {
        record.assign(fieldIndex(), value);
        return value;
      },
    };
  }
  if (target.kind === "element") {
    const key = compileKey(scope, target.subscripts);
    const array = arrayOf(scope, target.name);
    return {
      get: () => {
        const subscript = key();
        return array().get(subscript);
      },
      set: (value) => {
        const subscript = key();
        array().set(subscript, value);
        return value;
      },
    };
  }
  if (target.name === "NF" && !scope.parameters.includes("NF")) {
    return {
      get: () => record.count(),
      set: (value) => {
        const count = Math.trunc(toNumber(value));
        if (count < 0) scope.runtime.fail("negative value assigned to NF");
        record.setCount(count);
        return value;
      },
    };
  }
  const slot = slotOf(scope, target.name);
  const variable = (): Slot => {
    const found = slot();
    if (found.isArray) throw new AwkError(`line 1: illegal reference to array ${target.name}`);
    return found;
  };
  return {
    get: () => variable().value,
    set: (value) => {
      variable().value = value;
      return value;
    },
  };
}

/** A pattern operand: a regular expression, or any value as the source of one. */
export function compilePattern(scope: Scope, expression: Expression): () => Regex {
  const { patterns } = scope.runtime;
  if (expression.kind === "regex") {
    const regex = patterns.compile(expression.source, expression.line);
    return () => regex;
  }
  if (expression.kind === "string") {
    const regex = patterns.compile(expression.value, expression.line);
    return () => regex;
  }
  const compute = scope.compile(expression);
  return () => scope.runtime.pattern(scope.runtime.text(compute()));
}
