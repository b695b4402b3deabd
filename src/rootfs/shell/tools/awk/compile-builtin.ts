/**
 * The functions of awk that take arrays, patterns or targets, and getline.
 */
import { AwkError, type Expression, type Target } from "./ast.js";
import { BUILTINS } from "./builtins.js";
import { arrayOf, compilePattern, place, slotOf } from "./compile-target.js";
import type { RecordReader } from "./record-reader.js";
import type { Compute, Scope } from "./scope.js";
import { substituteAwk } from "./substitution.js";
import { fromInput } from "./value.js";

/** The forms of getline. */
export function compileGetline(scope: Scope, expression: Extract<Expression, { kind: "getline" }>): Compute {
  const { runtime, input } = scope;
  const target = expression.target === undefined ? undefined : place(scope, expression.target);
  const store = (text: string): undefined => {
    if (target === undefined) runtime.record.set(text);
    else target.set(fromInput(text));
  };
  if (expression.from === "input") {
    return () => {
      const text = input.next();
      if (text === undefined) return 0;
      store(text);
      return 1;
    };
  }
  const source = scope.compile(expression.source!);
  const fromCommand = expression.from === "command";
  const rs = runtime.global("RS");
  return () => {
    const name = runtime.text(source());
    const reader: RecordReader | undefined = fromCommand ? runtime.streams.command(name) : runtime.streams.file(name);
    if (reader === undefined) return -1;
    const text = reader.next(runtime.patterns.recordSeparator(runtime.text(rs.value)));
    if (text === undefined) return 0;
    store(text);
    return 1;
  };
}

/** A call of one of the language's functions. */
export function compileBuiltin(scope: Scope, expression: Extract<Expression, { kind: "builtin" }>): Compute {
  const { runtime } = scope;
  const { name, args } = expression;
  switch (name) {
    case "length":
      return compileLength(scope, args);
    case "split":
      return compileSplit(scope, args);
    case "match": {
      const text = scope.compile(args[0]!);
      const pattern = compilePattern(scope, args[1]!);
      return () => {
        const subject = runtime.text(text());
        const match = pattern().exec(subject);
        runtime.global("RSTART").value = match === undefined ? 0 : match.start + 1;
        runtime.global("RLENGTH").value = match === undefined ? -1 : match.end - match.start;
        return match === undefined ? 0 : match.start + 1;
      };
    }
    case "sub":
    case "gsub":
      return compileSubstitution(scope, expression);
    default: {
      const computes = args.map((arg) => scope.compile(arg));
      const builtin = BUILTINS.get(name)!;
      return () =>
        builtin(
          runtime,
          computes.map((compute) => compute()),
        );
    }
  }
}

function compileLength(scope: Scope, args: readonly Expression[]): Compute {
  const { runtime } = scope;
  const [arg] = args;
  if (arg === undefined) return () => runtime.record.whole().length;
  if (arg.kind === "name" && arg.name !== "NF") {
    const slot = slotOf(scope, arg.name);
    return () => {
      const found = slot();
      return found.isArray ? found.array.size : runtime.text(found.value).length;
    };
  }
  const compute = scope.compile(arg);
  return () => runtime.text(compute()).length;
}

function compileSplit(scope: Scope, args: readonly Expression[]): Compute {
  const { runtime } = scope;
  const [text, array, separator] = args;
  if (array?.kind !== "name") throw new AwkError("line 1: syntax error at or near ,");
  const compute = scope.compile(text!);
  const elements = arrayOf(scope, array.name);
  const fs = runtime.global("FS");
  const pattern = separator?.kind === "regex" && separator.source !== "" ? compilePattern(scope, separator) : undefined;
  // An empty pattern splits like an empty text: into characters.
  const other = separator === undefined || pattern !== undefined ? undefined : compileSeparator(scope, separator);
  return () => {
    const subject = runtime.text(compute());
    const by = pattern?.() ?? runtime.text(other === undefined ? fs.value : other());
    const parts = runtime.patterns.split(subject, by);
    const target = elements();
    target.clear();
    for (const [i, part] of parts.entries()) target.set(i + 1, fromInput(part));
    return parts.length;
  };
}

function compileSeparator(scope: Scope, separator: Expression): Compute {
  return separator.kind === "regex" ? () => separator.source : scope.compile(separator);
}

function compileSubstitution(scope: Scope, expression: Extract<Expression, { kind: "builtin" }>): Compute {
  const { runtime } = scope;
  const [pattern, replacement, subject] = expression.args;
  const regex = compilePattern(scope, pattern!);
  const text = scope.compile(replacement!);
  const whole: Target = { kind: "field", index: { kind: "number", value: 0 } };
  const target = subject ?? whole;
  const assignable = target.kind === "name" || target.kind === "element" || target.kind === "field";
  const { get, set } = assignable ? place(scope, target) : { get: scope.compile(target), set: undefined };
  const global = expression.name === "gsub";
  return () => {
    const compiled = regex();
    const replaced = substituteAwk(runtime.text(get()), compiled, { replacement: runtime.text(text()), global });
    if (replaced.count > 0) set?.(replaced.text);
    return replaced.count;
  };
}
