/**
 * Bounds of a run: what keeps a hostile or broken script from running for ever, filling memory or overflowing the stack.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import type { Limits, ScriptLocation } from "./process.js";

/**
 * What nesting takes of Node's default stack of 984 KiB, in bytes: measured on scripts that nest without end, with the share of
 * what stands around it, and rounded up. The bound leaves a third of the stack free, so that it always comes first.
 */
const STACK = { bound: 700_000, call: 2400, command: 1050, operand: 700 };

/** What a variable, and all words of one command, may take. */
const HELD_BYTES = 16 << 20;

/** Counts what a top-level script uses and throws AssembleError `shell/limit-exceeded` when it is too much. */
export class Meter {
  private steps = 0;
  private bytes = 0;
  private calls = 0;
  private stack = 0;
  private readonly limits: Limits;
  private readonly location: ScriptLocation;

  constructor(limits: Limits, location: ScriptLocation) {
    this.limits = limits;
    this.location = location;
  }

  /** Starts to count anew: a top-level script begins. */
  reset(): void {
    this.steps = 0;
    this.bytes = 0;
    this.calls = 0;
    this.stack = 0;
  }

  /** A simple command or a turn of a loop. */
  step(): void {
    if (++this.steps > this.limits.steps) this.exceeded(`it ran ${this.limits.steps} commands, a script that ends`);
  }

  /** Bytes written to a file or a pipe, or gathered by a command substitution. */
  write(count: number): void {
    this.bytes += count;
    if (this.bytes > this.limits.bytesWritten) this.exceeded(`it wrote ${this.limits.bytesWritten} bytes, less`);
  }

  /** The size of a value or of all words of a command. */
  hold(size: number): void {
    if (size > HELD_BYTES) this.exceeded(`a value takes more than ${HELD_BYTES} bytes, less`);
  }

  /** Runs `body` one call deeper: a function, subshell, sourced file or program. */
  call<T>(body: () => T): T {
    if (this.calls >= this.limits.depth) this.exceeded(`its calls are nested ${this.limits.depth} deep, less`);
    const { stack } = this;
    this.enter("call");
    this.calls++;
    try {
      return body();
    } finally {
      this.calls--;
      this.stack = stack;
    }
  }

  /** Enters a piece of nested syntax; leave with `leave` (an exception that ends a `call` restores the count). */
  enter(kind: "call" | "command" | "operand"): void {
    this.stack += STACK[kind];
    if (this.stack > STACK.bound) this.exceeded("its commands are nested too deep, less");
  }

  /** Leaves what `enter` entered. */
  leave(kind: "command" | "operand"): void {
    this.stack -= STACK[kind];
  }

  /** Runs a top-level script; should the stack overflow all the same, that is a bound that was exceeded too. */
  guard<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof RangeError && error.message.includes("call stack")) {
        this.exceeded("its commands are nested too deep, less");
      }
      throw error;
    }
  }

  /** Ends the build: a bound was exceeded. */
  exceeded(what: string): never {
    const { owner, script, file, line } = this.location;
    throw new AssembleError(
      "shell/limit-exceeded",
      `Cannot run ${script} of ${owner}: at line ${line} of ${file} ${what} was expected`,
    );
  }
}
