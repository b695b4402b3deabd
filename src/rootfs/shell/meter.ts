/**
 * Bounds of a run: what keeps a hostile or broken script from running for ever, filling memory or overflowing the stack.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import type { Limits, ScriptLocation } from "./process.js";

/** Nested compound commands, calls and expansions, all together: about half of what fits Node's default stack. */
const NESTING = 1200;

/** Counts what a top-level script uses and throws AssembleError `shell/limit-exceeded` when it is too much. */
export class Meter {
  private steps = 0;
  private bytes = 0;
  private calls = 0;
  private nesting = 0;
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
    this.nesting = 0;
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

  /** Runs `body` one call deeper: a function, subshell, sourced file or program. */
  call<T>(body: () => T): T {
    if (this.calls >= this.limits.depth) this.exceeded(`its calls are nested ${this.limits.depth} deep, less`);
    this.calls++;
    const { nesting } = this;
    try {
      return body();
    } finally {
      this.calls--;
      this.nesting = nesting;
    }
  }

  /** Enters a nested piece of syntax; leave with `leave()` (an exception that is caught in `call` restores the count). */
  enter(): void {
    if (++this.nesting > NESTING) this.exceeded(`its commands are nested ${NESTING} deep, less`);
  }

  /** Leaves what `enter` entered. */
  leave(): void {
    this.nesting--;
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
