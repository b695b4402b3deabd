/**
 * Runs an awk program: BEGIN rules, a pass over the input, END rules.
 */
import type { AwkProgram, Rule } from "./ast.js";
import { makeScope } from "./compile-expression.js";
import { compileStatement, type Run } from "./compile-statement.js";
import { MainInput } from "./input.js";
import { AwkExit, type Runtime } from "./runtime.js";
import type { CompiledFunction, Scope } from "./scope.js";
import { isTrue } from "./value.js";

/** Runs a program to its end; the status is in the runtime. @throws AwkError */
export function executeProgram(runtime: Runtime, program: AwkProgram): undefined {
  const input = new MainInput(runtime);
  const functions = new Map<string, CompiledFunction>(
    [...program.functions].map(([name, definition]) => [name, { definition, run: undefined }]),
  );
  const scope = makeScope({ runtime, input, functions, parameters: [] });
  for (const compiled of functions.values()) {
    const body = compileStatement(
      makeScope({ runtime, input, functions, parameters: compiled.definition.parameters }),
      compiled.definition.body,
    );
    compiled.run = () => {
      runtime.returned = undefined;
      body();
      const { returned } = runtime;
      runtime.returned = undefined;
      return returned;
    };
  }
  const begin = program.begin.map((action) => compileStatement(scope, action));
  const rules = program.rules.map((rule) => compileRule(scope, rule));
  const end = program.end.map((action) => compileStatement(scope, action));
  try {
    for (const run of begin) run();
    if (rules.length > 0 || end.length > 0) readAll(runtime, input, rules);
  } catch (error) {
    if (!(error instanceof AwkExit)) throw error;
  }
  try {
    for (const run of end) run();
  } catch (error) {
    if (!(error instanceof AwkExit)) throw error;
  }
}

function readAll(runtime: Runtime, input: MainInput, rules: readonly Run[]): undefined {
  for (let text = input.next(); text !== undefined; text = input.next()) {
    runtime.record.set(text);
    for (const rule of rules) {
      const outcome = rule();
      if (outcome === "nextfile") input.skipFile();
      if (outcome === "next" || outcome === "nextfile") break;
    }
  }
}

function compileRule(scope: Scope, { pattern, action }: Rule): Run {
  const run = compileStatement(scope, action ?? { kind: "print", args: [], redirection: undefined });
  if (pattern.kind === "always") return run;
  if (pattern.kind === "expression") {
    const test = scope.compile(pattern.test);
    return () => (isTrue(test()) ? run() : "normal");
  }
  const [from, to] = [scope.compile(pattern.from), scope.compile(pattern.to)];
  let inside = false;
  return () => {
    if (!inside && !isTrue(from())) return "normal";
    inside = !isTrue(to());
    return run();
  };
}
