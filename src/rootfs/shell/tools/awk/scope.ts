/**
 * What the parts of the awk compiler share.
 */
import type { Expression, FunctionDefinition } from "./ast.js";
import type { MainInput } from "./input.js";
import type { Runtime } from "./runtime.js";
import type { Value } from "./value.js";

/** A compiled expression. */
export type Compute = () => Value;

/** A target that can be read and assigned. */
export interface Place {
  readonly get: Compute;
  readonly set: (value: Value) => Value;
}

/** A function of the program, ready to be called. */
export interface CompiledFunction {
  readonly definition: FunctionDefinition;
  /** Runs the body in a frame that is set up; undefined until it is compiled. */
  run: (() => Value) | undefined;
}

/** What names mean where an expression stands. */
export interface Scope {
  readonly runtime: Runtime;
  readonly input: MainInput;
  readonly functions: ReadonlyMap<string, CompiledFunction>;
  readonly parameters: readonly string[];
  /** Compiles an expression that stands here. @throws AwkError */
  readonly compile: (expression: Expression) => Compute;
}
