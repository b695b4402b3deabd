/**
 * Turns awk statements into functions that run them.
 */
import type { Statement } from "./ast.js";
import { sprintf } from "./builtins.js";
import { arrayOf, compileKey, slotOf } from "./compile-target.js";
import { AwkExit } from "./runtime.js";
import type { Compute, Scope } from "./scope.js";
import { isTrue, toNumber } from "./value.js";

/** How a statement ended. */
export type Outcome = "normal" | "break" | "continue" | "next" | "nextfile" | "return";

/** A compiled statement. */
export type Run = () => Outcome;

/** Compiles a statement. @throws AwkError */
export function compileStatement(scope: Scope, statement: Statement): Run {
  const { runtime } = scope;
  switch (statement.kind) {
    case "block":
      return compileBlock(statement.body.map((inner) => compileStatement(scope, inner)));
    case "expression": {
      const compute = scope.compile(statement.expression);
      return () => {
        runtime.step();
        compute();
        return "normal";
      };
    }
    case "print":
    case "printf":
      return compilePrint(scope, statement);
    case "if": {
      const test = scope.compile(statement.test);
      const yes = compileStatement(scope, statement.yes);
      const no = statement.no === undefined ? undefined : compileStatement(scope, statement.no);
      return () => {
        runtime.step();
        if (isTrue(test())) return yes();
        return no === undefined ? "normal" : no();
      };
    }
    case "while":
    case "do":
    case "for":
      return compileLoop(scope, statement);
    case "for-in": {
      const array = arrayOf(scope, statement.array);
      const slot = slotOf(scope, statement.name);
      const body = compileStatement(scope, statement.body);
      return () => {
        for (const key of array().keys()) {
          runtime.step();
          slot().value = key;
          const outcome = body();
          if (outcome === "break") break;
          if (outcome !== "normal" && outcome !== "continue") return outcome;
        }
        return "normal";
      };
    }
    case "exit": {
      const value = statement.value === undefined ? undefined : scope.compile(statement.value);
      return () => {
        if (value !== undefined) runtime.status = Math.trunc(toNumber(value())) & 255;
        throw new AwkExit();
      };
    }
    case "return": {
      const value: Compute = statement.value === undefined ? () => undefined : scope.compile(statement.value);
      return () => {
        runtime.returned = value();
        return "return";
      };
    }
    case "delete": {
      const array = arrayOf(scope, statement.array);
      const key = statement.subscripts === undefined ? undefined : compileKey(scope, statement.subscripts);
      return () => {
        if (key === undefined) array().clear();
        else array().delete(key());
        return "normal";
      };
    }
    default: {
      const { kind } = statement;
      return () => kind;
    }
  }
}

function compileBlock(body: readonly Run[]): Run {
  return () => {
    for (const run of body) {
      const outcome = run();
      if (outcome !== "normal") return outcome;
    }
    return "normal";
  };
}

function compileLoop(scope: Scope, statement: Extract<Statement, { kind: "while" | "do" | "for" }>): Run {
  const { runtime } = scope;
  const test = statement.test === undefined ? undefined : scope.compile(statement.test);
  const body = compileStatement(scope, statement.body);
  const start = statement.kind === "for" && statement.start ? compileStatement(scope, statement.start) : undefined;
  const step = statement.kind === "for" && statement.step ? compileStatement(scope, statement.step) : undefined;
  const testsFirst = statement.kind !== "do";
  return () => {
    start?.();
    for (let first = true; ; first = false) {
      runtime.step();
      if ((testsFirst || !first) && test !== undefined && !isTrue(test())) return "normal";
      const outcome = body();
      if (outcome === "break") return "normal";
      if (outcome !== "normal" && outcome !== "continue") return outcome;
      step?.();
    }
  };
}

function compilePrint(scope: Scope, statement: Extract<Statement, { kind: "print" | "printf" }>): Run {
  const { runtime } = scope;
  const args = statement.args.map((arg) => scope.compile(arg));
  const { redirection } = statement;
  const target = redirection === undefined ? undefined : scope.compile(redirection.target);
  const [ofs, ors] = [runtime.global("OFS"), runtime.global("ORS")];
  const write = (bytes: string): void => {
    if (target === undefined) runtime.streams.print(bytes);
    else runtime.streams.write(redirection!.kind, runtime.text(target()), bytes);
  };
  if (statement.kind === "printf") {
    return () => {
      runtime.step();
      write(
        sprintf(
          runtime,
          args.map((arg) => arg()),
          "printf",
          write,
        ),
      );
      return "normal";
    };
  }
  return () => {
    runtime.step();
    const text =
      args.length === 0
        ? runtime.record.whole()
        : args.map((arg) => runtime.shown(arg())).join(runtime.text(ofs.value));
    write(text + runtime.text(ors.value));
    return "normal";
  };
}
